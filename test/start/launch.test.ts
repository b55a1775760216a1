import { expect, test } from 'vitest';
import { localIdentity } from '../../broker/start/launch.ts';

test('one script with other arguments is one program; where the arguments say what runs, they are the program', () => {
  const node = (...args: string[]) => localIdentity({ command: '/usr/bin/node', args });
  expect(node('/srv/files.js', '/home/a')).toBe(node('/srv/files.js', '/home/b'));
  expect(node('/srv/files.js')).not.toBe(node('/srv/other.js'));
  expect(node('-e', 'one()')).not.toBe(node('-e', 'other()'));
  expect(localIdentity({ command: 'docker', args: ['run', 'acme/files'] })).not.toBe(
    localIdentity({ command: 'docker', args: ['run', 'evil/files'] }),
  );
  expect(node('--import', '/srv/files.js')).not.toBe(node('--import', '/srv/other.js'));
  expect(localIdentity({ command: '/srv/files', args: [] })).not.toBe(localIdentity({ command: '/srv/other', args: [] }));
});
