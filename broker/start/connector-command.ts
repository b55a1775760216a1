// What a client launches to reach this broker: the executable of the installed app; in a checkout, Node with the connector in one file
// where that is built and not older than its sources.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** What bin/build-connector.mjs bundles. */
const sources = ['broker/cli', 'broker/clients', 'broker/host', 'broker/identify', 'shared'];

/** What clients launch must be Node itself: in the desktop app this process is Electron. */
function nodeOf(checkout: string): string {
  const own = join(checkout, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  return existsSync(own) ? own : process.execPath;
}

/** In the package our sources lie in an archive, beside which the executable stands. */
const executableOf = (checkout: string) =>
  basename(checkout) === 'app.asar' ? join(dirname(checkout), 'bin', process.platform === 'win32' ? 'gatehouse.exe' : 'gatehouse') : null;

/**
 * Program and first arguments, to be followed by those of `gatehouse connect`. No launcher stands before it, and a server of this user must
 * not open its debugger by a signal (security.md T42); the executable has that built in.
 */
export function connectorCommand(checkout: string): { command: string; args: string[] } {
  const executable = executableOf(checkout);
  if (executable !== null) return { command: executable, args: ['connect'] };
  const built = join(checkout, 'dist', 'connector', 'connect.mjs');
  const entry = isFresh(built, checkout) ? built : join(checkout, 'broker', 'cli', 'main.ts');
  return { command: nodeOf(checkout), args: ['--disable-sigusr1', entry, 'connect'] };
}

function isFresh(built: string, checkout: string): boolean {
  try {
    const builtAt = statSync(built).mtimeMs;
    return sources.every((folder) => !existsSync(join(checkout, folder)) || newest(join(checkout, folder)) < builtAt);
  } catch {
    return false;
  }
}

function newest(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  return Math.max(0, ...files.map((file) => statSync(join(file.parentPath, file.name)).mtimeMs));
}
