// Tells Gatehouse's own entries from others, without asking a broker: by how the connector is launched, or by its token.
import { posix, win32 } from 'node:path';
import type { Launch } from './launch.ts';

const programs = /^(?:gatehouse(?:\.(?:mjs|exe|cmd))?|connect\.mjs|main\.ts)$/i;

export interface Ours {
  readonly client: string | null;
  /** The one server it leads to; null for all. */
  readonly server: string | null;
}

/** Null for an entry of somebody else. */
export function oursOf(launch: Launch): Ours | null {
  if (launch.kind === 'command') {
    const words = [launch.command, ...launch.args];
    const connect = words.indexOf('connect');
    if (connect < 1 || !programs.test(lastPart(words[connect - 1] ?? ''))) return null;
    const after = (name: string) => (words.includes(name, connect) ? (words[words.indexOf(name, connect) + 1] ?? null) : null);
    const client = after('--client');
    return client === null ? null : { client, server: after('--server') };
  }
  if (launch.kind !== 'url') return null;
  const server = /^http:\/\/127\.0\.0\.1:[0-9]+\/mcp(?:\/s\/([a-z0-9-]{1,24}))?$/.exec(launch.url);
  const token = Object.entries(launch.headers).some(([key, value]) => /^authorization$/i.test(key) && /^Bearer ght_/.test(value));
  return server && token ? { client: null, server: server[1] ?? null } : null;
}

const lastPart = (path: string) => posix.basename(win32.basename(path));
