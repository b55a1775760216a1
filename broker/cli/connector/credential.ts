// Where a connector's credential comes from: the environment, or a file in the home that holds it for this client.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const clientNames = /^[A-Za-z0-9][A-Za-z0-9._-]{0,47}$/;

/** The token, or null when there is none. Read anew for each attempt: pairing again replaces the file under a running client. */
export function readCredential(home: string, client: string, env: Readonly<Record<string, string | undefined>>): string | null {
  const given = env.GATEHOUSE_CLIENT_TOKEN?.trim();
  if (given) return given;
  // The name becomes part of a path.
  if (!clientNames.test(client)) return null;
  try {
    return readFileSync(join(home, 'run', 'clients', client), 'utf8').trim() || null;
  } catch {
    return null;
  }
}
