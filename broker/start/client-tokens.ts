// Tokens of stdio clients in the home (run/clients/NAME, 0600), so that none stands in a client's configuration.
import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Keeps or, for null, removes the token. Atomic: a connector reads the old one or the new one. */
export function keepToken(home: string, name: string, token: string | null): void {
  const folder = join(home, 'run', 'clients');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, name);
  if (token === null) {
    rmSync(path, { force: true });
    return;
  }
  const fresh = `${path}.new`;
  writeFileSync(fresh, `${token}\n`, { mode: 0o600 });
  chmodSync(fresh, 0o600);
  renameSync(fresh, path);
}
