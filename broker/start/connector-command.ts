// What a client launches to reach this broker: the connector in one file where it is built and not older than its sources.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What bin/build-connector.mjs bundles. */
const sources = ['broker/cli', 'broker/host', 'broker/identify', 'shared'];

/** What clients launch must be Node itself: in the desktop app this process is Electron. */
function nodeOf(checkout: string): string {
  const own = join(checkout, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  return existsSync(own) ? own : process.execPath;
}

/** Program and first arguments, to be followed by those of `gatehouse connect`. */
export function connectorCommand(checkout: string): { command: string; args: string[] } {
  const built = join(checkout, 'dist', 'connector', 'connect.mjs');
  const entry = isFresh(built, checkout) ? built : join(checkout, 'broker', 'cli', 'main.ts');
  return { command: nodeOf(checkout), args: [entry, 'connect'] };
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
