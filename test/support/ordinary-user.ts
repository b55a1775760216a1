// An ordinary user for tests that run as root: root may read everything, so what is refused shows only to somebody else.
import { spawnSync } from 'node:child_process';
import { chownSync, mkdtempSync, readFileSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface OrdinaryUser {
  readonly uid: number;
  readonly gid: number;
  /** A fresh folder of this user's, mode 0700. */
  folder(): string;
  /** The command as this user runs it. */
  command(command: readonly string[]): string[];
}

const name = 'gatehouse-test';

function entry(): { uid: number; gid: number } | null {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((text) => text.startsWith(`${name}:`));
  const fields = line?.split(':');
  return fields === undefined ? null : { uid: Number(fields[2]), gid: Number(fields[3]) };
}

/** Makes the user where it is missing. Not root: the tests' own user is ordinary enough. */
export function ordinaryUser(): OrdinaryUser {
  const fresh = () => realpathSync(mkdtempSync(join(tmpdir(), 'gatehouse-ordinary-')));
  const own = process.getuid?.() ?? 0;
  if (own !== 0) return { uid: own, gid: process.getgid?.() ?? 0, folder: fresh, command: (command) => [...command] };
  let known = entry();
  for (let tries = 0; known === null && tries < 10; tries++) {
    // Another test file may be making it at the same moment and hold the lock.
    const made = spawnSync('useradd', ['--no-create-home', '--shell', '/bin/bash', name], { encoding: 'utf8' });
    known = entry();
    if (known === null) spawnSync('sleep', ['0.2']);
    if (known === null && tries === 9) throw new Error(`useradd: ${made.stderr}`);
  }
  const { uid, gid } = known ?? { uid: 0, gid: 0 };
  return {
    uid,
    gid,
    folder: () => {
      const folder = fresh();
      chownSync(folder, uid, gid);
      return folder;
    },
    command: (command) => ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--', ...command],
  };
}
