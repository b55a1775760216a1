// What client files depend on, as facts that a test can give: system, environment, folders, and what stands at a path.
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { posix, win32 } from 'node:path';

/** What stands at a path, links not followed. */
export interface Standing {
  readonly kind: 'file' | 'link' | 'folder' | 'other';
  readonly mode: number;
  readonly size: number;
}

export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** Working folder of the command: where a project's files are. */
  readonly cwd: string;
  /** Null when nothing is there, or nothing of it may be seen. */
  look(path: string): Standing | null;
  /** @throws what the system says when it cannot be read */
  read(path: string): Buffer;
  /** Names in a folder; empty when there is none. */
  list(folder: string): readonly string[];
}

/** This computer, as the caller of the command sees it. */
export function thisMachine(env: Readonly<Record<string, string | undefined>> = process.env, cwd: string = process.cwd()): Machine {
  const named = process.platform === 'win32' ? env.USERPROFILE : env.HOME;
  return {
    platform: process.platform,
    env,
    home: named || homedir(),
    cwd,
    look(path) {
      try {
        const stat = lstatSync(path);
        const kind = stat.isFile() ? 'file' : stat.isSymbolicLink() ? 'link' : stat.isDirectory() ? 'folder' : 'other';
        return { kind, mode: stat.mode & 0o7777, size: stat.size };
      } catch {
        return null;
      }
    },
    read: (path) => readFileSync(path),
    list(folder) {
      try {
        return readdirSync(folder);
      } catch {
        return [];
      }
    },
  };
}

/** Joins parts by the rules of the machine's own system. */
export function at(machine: Machine, ...parts: string[]): string {
  return (machine.platform === 'win32' ? win32 : posix).join(...parts);
}

/** Where programs keep settings: XDG on Linux, Application Support on macOS, roaming AppData on Windows. */
export function settingsFolder(machine: Machine): string {
  if (machine.platform === 'win32') return machine.env.APPDATA || at(machine, machine.home, 'AppData', 'Roaming');
  if (machine.platform === 'darwin') return at(machine, machine.home, 'Library', 'Application Support');
  return configFolder(machine);
}

/** `~/.config` as XDG has it, on every system but Windows. */
export function configFolder(machine: Machine): string {
  const named = machine.env.XDG_CONFIG_HOME;
  return named && posix.isAbsolute(named) ? named : at(machine, machine.home, '.config');
}
