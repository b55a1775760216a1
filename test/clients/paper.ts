// A computer on paper: the files a test names, on the system it names.
import { posix, win32 } from 'node:path';
import type { Machine } from '../../broker/clients/machine.ts';

export interface PaperFile {
  readonly bytes: string | Buffer;
  readonly mode?: number;
  readonly kind?: 'file' | 'link' | 'folder' | 'other';
}

export const homes = { linux: '/home/ada', darwin: '/Users/ada', win32: 'C:\\Users\\ada' } as const;

export function paperMachine(
  files: Readonly<Record<string, string | PaperFile>>,
  facts: { platform?: 'linux' | 'darwin' | 'win32'; env?: Record<string, string>; cwd?: string } = {},
): Machine {
  const { platform = 'linux', env = {} } = facts;
  const rules = platform === 'win32' ? win32 : posix;
  const of = (path: string): PaperFile | null => {
    const found = files[path];
    return found === undefined ? null : typeof found === 'string' ? { bytes: found } : found;
  };
  return {
    platform,
    env,
    home: homes[platform],
    cwd: facts.cwd ?? rules.join(homes[platform], 'work'),
    look(path) {
      const found = of(path);
      return found && { kind: found.kind ?? 'file', mode: found.mode ?? 0o600, size: Buffer.from(found.bytes).length };
    },
    read(path) {
      const found = of(path);
      if (!found) throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
      return Buffer.from(found.bytes);
    },
    list: (folder) => [
      ...new Set(
        Object.keys(files)
          .filter((path) => path.startsWith(folder + rules.sep))
          .map((path) => path.slice(folder.length + 1).split(rules.sep)[0] ?? ''),
      ),
    ],
  };
}
