// T29: a grant for a folder, and everything that is tried to get out of it: steps, links, case, Unicode, encodings, devices, a swapped link.
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deriveFacts } from '../../broker/mediate/facts/derive.ts';
import { readPath } from '../../broker/mediate/facts/paths.ts';
import { GrantIndex, type GrantRow } from '../../broker/mediate/grants.ts';
import { reasonsOf } from '../../broker/mediate/prompt-facts.ts';
import type { Caller, ServerRequest } from '../../shared/request.ts';
import type { PathFact } from '../../shared/request-facts.ts';
import { scale } from '../support/scale.ts';

const top = realpathSync(mkdtempSync(join(tmpdir(), 'gatehouse-paths-')));
const [granted, home, secret] = [join(top, 'code', 'acme'), join(top, 'home'), join(top, 'code', 'secret')];
const caller: Caller = { client: 'cursor', session: 's', connection: 'c', folder: granted, via: 'connector' };
const place = { kind: 'folder', path: granted } as const;
const grant: GrantRow = {
  ...{ id: 'g', client: 'cursor', server: 'files', capability: 'tool:read_file', effect: 'allow', until: null, session: null },
  match: { kind: 'within', places: [place] },
  createdAt: new Date().toISOString(),
};
const grounds = { bases: [granted], home, platform: process.platform };
const derive = (value: unknown) =>
  deriveFacts({ capability: 'tool:read_file', argumentsText: JSON.stringify(value), definition: null, grounds, secretsIn: () => [] });

/** Does the grant let a call with these arguments through? */
function passes(value: unknown): boolean {
  const index = new GrantIndex([grant], { factsOf: () => derive(value), pin: () => null, lastUsed: () => null, lapseMs: () => 1e12 });
  const request = { server: 'files', capability: 'tool:read_file', canonicalDigest: 'c' } as ServerRequest;
  return index.find(caller, request, Date.now()) !== null;
}

beforeAll(() => {
  for (const folder of [join(granted, 'src', 'deep'), `${granted}-old`, `${granted} `, home, secret, join(granted, '..hidden')]) {
    mkdirSync(folder, { recursive: true });
  }
  for (const file of [join(granted, 'a.txt'), join(granted, 'src', '[slug].tsx'), join(secret, 'key')]) writeFileSync(file, 'x');
  symlinkSync(secret, join(granted, 'out'));
  symlinkSync(join(secret, 'new'), join(granted, 'dangling'));
  symlinkSync('../../secret/key', join(granted, 'src', 'key'));
  symlinkSync(join(granted, 'src'), join(granted, 'in'));
  symlinkSync('loop-b', join(granted, 'loop-a'));
  symlinkSync('loop-a', join(granted, 'loop-b'));
  symlinkSync('/', join(granted, 'root'));
  symlinkSync(granted, join(top, 'alias'));
});
afterAll(() => rmSync(top, { recursive: true, force: true }));

describe('what is in the folder passes', () => {
  test.each([
    'a.txt',
    './a.txt',
    'src/../a.txt',
    'src/[slug].tsx',
    'src//deep/',
    '.',
    'not/there/yet.md',
    'in/deep',
    '..hidden/x',
    'with blank.txt',
    'caf\u00e9.md',
    '100%.md',
    join(granted, 'a.txt'),
    join(granted, '..', 'acme', 'a.txt'),
    `file://${granted}/a.txt`,
    join(top, 'alias', 'a.txt'),
  ])('%s', (path) => {
    expect(passes({ path })).toBe(true);
  });
});

const escapes: [string, string[]][] = [
  [
    'steps',
    [
      '..',
      '../',
      '../secret',
      'src/../../secret',
      './././../secret',
      'src/deep/../../../secret/key',
      `${granted}/..`,
      `${granted}/../acme-old`,
    ],
  ],
  [
    'neighbours',
    [`${granted}-old`, `${granted}-old/x`, `${granted} /x`, join(top, 'code'), top, '/', '/etc/passwd', '//etc/passwd', '///etc/passwd'],
  ],
  [
    'links',
    [
      'out',
      'out/key',
      'dangling',
      'src/key',
      'in/../../secret',
      'in/key',
      'out/../secret/key',
      'root/etc/passwd',
      'root',
      'loop-a',
      'loop-a/x',
    ],
  ],
  ['home', ['~', '~/x', '~/.ssh/id_rsa', '~root/x', '$HOME/x', ['$', '{HOME}/x'].join(''), '$(pwd)/../x', '`pwd`/x', '%USERPROFILE%/x']],
  [
    'percent signs',
    [
      '%2e%2e/secret',
      '..%2fsecret',
      '%2e%2e%2fsecret',
      '%252e%252e/secret',
      'src/%2e%2e/%2e%2e/secret',
      '%2fetc%2fpasswd',
      '%00',
      'a%00/../../secret',
      '..%5csecret',
      '%c0%ae%c0%ae/secret',
      '%',
    ],
  ],
  ['strokes', ['..\\secret', 'src\\..\\..\\secret', '..\\/secret', '\\..\\..\\etc']],
  [
    'Unicode',
    [
      '\uff0e\uff0e/secret',
      '\u2024\u2024/secret',
      '..\uff0fsecret',
      '\uff0e\uff0e\uff0fsecret',
      '\ufe52\ufe52/secret',
      '..\u200b/secret',
      '.\u200d./secret',
      '\u202e/../secret',
      '\ufeff../secret',
      '\u2025/secret',
      'out\u00ad',
      '..\u2215secret\u0000',
    ],
  ],
  ['controls', ['\0', 'a.txt\0', 'a.txt\n', 'a\r.txt', '\t../secret', ' ../secret', 'a.txt ', '\x1b[2K../secret', '\x7f', '\ud800']],
  ['patterns', ['*', '*/../../secret', '?', '{a.txt,../../secret/key}', '{a..z}', '**']],
  [
    'other views',
    [
      '/proc/self/root/etc/passwd',
      '/proc/self/cwd',
      '/dev/fd/0',
      '/proc/1/environ',
      '/dev/stdin',
      '/sys/class',
      `/proc/self/root${granted}/a.txt`,
    ],
  ],
  [
    'addresses',
    [
      'file:///etc/passwd',
      `file://${granted}/../secret`,
      `file://${granted}/%2e%2e/secret`,
      'file://other.host/share',
      `file://${granted}/a.txt?../../x`,
      `file://${granted}/a.txt#/../../x`,
      'file:..',
      'FILE:///etc/passwd',
    ],
  ],
  ['form', ['', 'x'.repeat(5000)]],
];

describe('what leads out of the folder does not', () => {
  const all = escapes.flatMap(([, payloads]) => payloads);
  test('there are at least 60 of them', () => {
    console.log(`T29: ${all.length} payloads against one folder grant`);
    expect(new Set(all).size).toBeGreaterThanOrEqual(60);
  });
  describe.each(escapes)('%s', (_name, payloads) => {
    // What is not an escape everywhere must at least not be one here: `%` and `out\u00ad` are names of files.
    const harmless = ['%', 'out\u00ad'];
    test.each(payloads.filter((payload) => !harmless.includes(payload)))('%j', (path) => {
      expect(passes({ path })).toBe(false);
      expect(passes({ path: 'a.txt', paths: ['a.txt', path] }), 'nor beside one that is in it').toBe(false);
    });
  });
});

test('a path nobody can name does not make others pass', () => {
  expect(passes({ path: 'a.txt', where: '/etc' })).toBe(false);
  expect(passes({ path: ['a.txt', { path: '../secret' }] })).toBe(false);
  expect(passes({ path: 'a.txt', edits: [{ path: '../secret/key' }] })).toBe(false);
  expect(passes({})).toBe(false);
});

describe('as other systems read paths', () => {
  const windows = { ...grounds, platform: 'win32' as const };
  test.each([
    'CON',
    'nul.txt',
    'com1',
    'COM\u00b9',
    'aux ',
    'a.txt:stream',
    'C:..',
    'C:x',
    '\\\\server\\share',
    '//server/share',
    '\\\\?\\C:\\x',
    'a.txt.',
    'src./x',
    'src /x',
    '\\\\.\\pipe\\x',
  ])('Windows: %j is not read', (path) => {
    expect(readPath('path', path, windows)).toHaveProperty('why');
  });
  test('Windows and macOS: names that differ in capitals or Unicode form only are one', () => {
    const one = readPath('path', 'Src/CAF\u00c9.md', windows) as PathFact;
    const other = readPath('path', 'src/cafe\u0301.md', windows) as PathFact;
    expect(one.readings).toContain(other.readings[0]);
  });
  test('here: names that differ in capitals are two where the file system keeps them apart', () => {
    expect(passes({ path: join(top, 'code', 'ACME', 'a.txt') })).toBe(false);
  });
});

test('a link that is swapped between look and use: what the grant was asked about is what stood there at the last look, and the prompt says what only a sandbox closes', () => {
  const link = join(granted, 'swapped');
  let wrong = 0;
  for (let round = 0; round < scale(200, 5_000); round++) {
    const inside = round % 2 === 0;
    symlinkSync(inside ? join(granted, 'src') : secret, link);
    if (passes({ path: 'swapped/key' }) && !inside) wrong++;
    unlinkSync(link);
  }
  expect(wrong).toBe(0);
  symlinkSync(join(granted, 'src', 'deep'), link);
  const [fact] = derive({ path: 'swapped/x' }).paths;
  expect(fact?.throughLink).toBe(true);
  expect(reasonsOf(derive({ path: 'swapped/x' }), 'read').join()).toContain('only a sandbox');
  expect(reasonsOf(derive({ path: 'a.txt' }), 'read')).toEqual([]);
  expect(readFileSync(join(granted, 'a.txt'), 'utf8')).toBe('x');
});
