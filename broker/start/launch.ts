// A server's row as the pool starts it, or reaches it.
import { homedir } from 'node:os';
import type { Launch } from '../forward/needs.ts';
import type { ServerRow } from '../store/rows.ts';

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
  };
}
