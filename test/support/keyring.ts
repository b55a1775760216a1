// A private desktop session with an unlocked GNOME keyring of its own, around one command.
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Session {
  readonly command: string[];
  readonly env: Record<string, string>;
}

/** A folder for one keyring; give it to several commands and they share what is kept. */
export function keyringFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-keyring-'));
  for (const name of ['data', 'run', 'config', 'cache']) mkdirSync(join(folder, name), { mode: 0o700 });
  return folder;
}

/**
 * The command, wrapped. `keyring`: `unlocked` holds the default collection open; `locked` locks it again first, so that the next access
 * would ask a person who is not there; `none`: no session bus at all, as on a bare server.
 */
export function inKeyring(command: readonly string[], folder: string, keyring: 'unlocked' | 'locked' | 'none' = 'unlocked'): Session {
  const env = {
    HOME: folder,
    XDG_DATA_HOME: join(folder, 'data'),
    XDG_RUNTIME_DIR: join(folder, 'run'),
    XDG_CONFIG_HOME: join(folder, 'config'),
    XDG_CACHE_HOME: join(folder, 'cache'),
  };
  if (keyring === 'none')
    return { command: [...command], env: { ...env, DBUS_SESSION_BUS_ADDRESS: `unix:path=${join(folder, 'no-bus')}` } };
  const start = 'echo -n x | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; ';
  const lock =
    'gdbus call --session --dest org.freedesktop.secrets --object-path /org/freedesktop/secrets ' +
    '--method org.freedesktop.Secret.Service.Lock "[objectpath \'/org/freedesktop/secrets/collection/login\']" >/dev/null; ';
  const script = start + (keyring === 'locked' ? lock : '');
  return { command: ['dbus-run-session', '--', 'bash', '-c', `${script}exec "$@"`, 'bash', ...command], env };
}
