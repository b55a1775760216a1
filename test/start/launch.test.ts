import { expect, test } from 'vitest';
import { programOf } from '../../broker/start/launch.ts';

test('one script with other arguments is one program; where the arguments say what runs, they are the program', () => {
  const node = (...args: string[]) => programOf({ command: '/usr/bin/node', args });
  expect(node('/srv/files.js', '/home/a')).toBe(node('/srv/files.js', '/home/b'));
  expect(node('/srv/files.js')).not.toBe(node('/srv/other.js'));
  expect(node('-e', 'one()')).not.toBe(node('-e', 'other()'));
  expect(programOf({ command: 'docker', args: ['run', 'acme/files'] })).not.toBe(
    programOf({ command: 'docker', args: ['run', 'evil/files'] }),
  );
  expect(node('--import', '/srv/files.js')).not.toBe(node('--import', '/srv/other.js'));
  expect(programOf({ command: '/srv/files', args: [] })).not.toBe(programOf({ command: '/srv/other', args: [] }));
});
