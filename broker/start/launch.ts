// A server's row as the pool starts it, or reaches it.
import { homedir } from 'node:os';
import type { Launch } from '../forward/needs.ts';
import { type PackageIdentity, packageOf } from '../forward/package-identity.ts';
import type { ServerRow } from '../store/rows.ts';

/** What a server is, beside what it says of itself: the package of its program, or the place it answers at; null where nobody can say. */
export function identityOf({
  remote,
  command,
  args,
  origin,
}: Pick<ServerRow, 'remote' | 'command' | 'args' | 'origin'>): PackageIdentity | null {
  if (origin?.bundle) return { name: `mcpb:${origin.bundle.name}`, version: origin.bundle.version };
  return remote ? { name: new URL(remote.url).origin, version: null } : packageOf(command, args);
}

/**
 * The program itself, for those that belong to no package: an interpreter's script, or the whole command line where none is named
 * (`node -e`, `docker run`), because there the arguments say what runs.
 */
export function localIdentity({ command, args }: Pick<ServerRow, 'command' | 'args'>): string {
  const [first = ''] = args;
  return JSON.stringify(/[\\/]/.test(first) && !first.startsWith('-') ? [command, first] : [command, ...args]);
}

/** @param folder where the client works; a program without a folder of its own runs there */
export function launchOf(row: ServerRow, folder: string | null): Launch {
  const whom = { server: row.name, era: row.openingText === null ? null : row.era };
  if (row.remote) return { ...whom, ...row.remote };
  return {
    ...whom,
    command: row.command,
    args: row.args,
    cwd: row.cwd ?? folder ?? homedir(),
    env: row.env,
    secretEnv: row.secretEnv,
    ...(row.origin?.bundle ? { bundle: row.origin.bundle } : {}),
    ...(row.origin?.npm ? { package: row.origin.npm } : {}),
  };
}
