// T25: folders of a client, cut to what was granted: kept where they lie in it, replaced by what lies in them, else not told.
import { expect, test } from 'vitest';
import { cutFolders } from '../../broker/mediate/roots.ts';

const folder = (path: string | null) => ({ uri: `file://${path}`, path });
test.each<[string, (string | null)[], string[] | null, unknown[]]>([
  ['all, where anything is granted', ['/a', null], null, [{ at: 0 }, { at: 1 }]],
  ['nothing, where nothing is', ['/a'], [], []],
  ['the granted one itself', ['/a/b'], ['/a/b'], [{ at: 0 }]],
  ['one inside a granted one', ['/a/b'], ['/a'], [{ at: 0 }]],
  ['what is granted inside it', ['/a'], ['/a/c', '/a/b', '/x'], [{ folder: '/a/b' }, { folder: '/a/c' }]],
  ['the outermost of those', ['/a'], ['/a/b/c', '/a/b'], [{ folder: '/a/b' }]],
  ['not again what is told as a whole', ['/a', '/a/b/c'], ['/a/b'], [{ at: 1 }, { folder: '/a/b' }]],
  ['no part of what is told as a whole', ['/a', '/a/b'], ['/a/b', '/a/c'], [{ at: 1 }, { folder: '/a/c' }]],
  ['each once', ['/a', '/a'], ['/a/b'], [{ folder: '/a/b' }]],
  ['no name that begins alike', ['/a/bc', '/a/b'], ['/a/b'], [{ at: 1 }]],
  ['no granted name that begins alike', ['/a/b'], ['/a/bc'], []],
  ['the disk', ['/'], ['/a'], [{ folder: '/a' }]],
  ['one of several', ['/x', '/a', '/y'], ['/a'], [{ at: 1 }]],
  ['nothing that is no folder of this machine', [null], ['/a'], []],
  ['folders of Windows', ['c:\\a\\b', 'c:\\ab'], ['c:\\a'], [{ at: 0 }]],
])('%s', (_, paths, granted, told) => {
  expect(cutFolders(paths.map(folder), granted)).toEqual(told);
});
