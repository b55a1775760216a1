// Paths: every place a server could make of a text, or why nobody can tell (T29). What escapes a grant is in path-grants.test.ts.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { foldsCase, follow, isFolder } from '../../../broker/mediate/facts/links.ts';
import { comparable, type Grounds, readPath } from '../../../broker/mediate/facts/paths.ts';

const top = realpathSync(mkdtempSync(join(tmpdir(), 'gatehouse-paths-')));
afterAll(() => rmSync(top, { recursive: true, force: true }));
const [work, home] = [join(top, 'work'), join(top, 'home')];
mkdirSync(join(work, 'src'), { recursive: true });
mkdirSync(join(home, 'notes'), { recursive: true });
mkdirSync(join(work, '~'), { recursive: true });
writeFileSync(join(work, 'src', 'a.ts'), '');
symlinkSync(home, join(work, 'link'));
symlinkSync('src/a.ts', join(work, 'inside'));
symlinkSync('nowhere/at/all', join(work, 'dangling'));
symlinkSync('loop', join(work, 'loop'));
symlinkSync('./chain-1/..', join(work, 'chain-0'));
symlinkSync(join(work, 'src'), join(work, 'chain-1'));
for (let n = 0; n < 42; n++) symlinkSync(n === 0 ? 'src' : `many-${n - 1}`, join(work, `many-${n}`));

const grounds: Grounds = { bases: [work], home, platform: 'linux' };
const read = (text: string, over: Partial<Grounds> = {}) => readPath('path', text, { ...grounds, ...over });
const short = (path: string) => path.replace(top, '');
function told(text: string, over: Partial<Grounds> = {}) {
  const fact = read(text, over);
  return 'why' in fact ? fact.why : fact.readings.map(short);
}

describe('what is read', () => {
  test.each<[string, string[]]>([
    ['src/a.ts', ['/work/src/a.ts']],
    ['./src/../src/a.ts', ['/work/src/a.ts']],
    ['~', ['/home', '/work/~']],
    ['~/notes', ['/home/notes', '/work/~/notes']],
    ['a%20b', ['/work/a%20b', '/work/a b']],
    ['a%2520b', ['/work/a%2520b', '/work/a%20b', '/work/a b']],
    ['100%', ['/work/100%']],
    ['a\\b', ['/work/a\\b', '/work/a/b']],
    ['link/x', ['/home/x']],
    ['inside', ['/work/src/a.ts']],
    ['dangling', ['/work/nowhere/at/all']],
    ['new/file', ['/work/new/file']],
    ['link/../x', ['/work/x', '/x']],
    ['\uff41', ['/work/\uff41', '/work/a']],
    ['e\u0301', ['/work/e\u0301', '/work/\u00e9']],
    ['\u00e9', ['/work/\u00e9', '/work/e\u0301']],
    ['many-30', ['/work/src']],
  ])('%j', (text, readings) => {
    expect(told(text)).toEqual(readings);
  });
  test('from each folder it may start from', () => {
    expect(told('x', { bases: [work, home] })).toEqual(['/work/x', '/home/x']);
    expect(told('/srv/x', { bases: [] })).toEqual(['/srv/x']);
    expect(told('x', { bases: [] })).toBe('there is no folder it could start from');
    expect(told('~/x', { bases: [home] }), 'no folder ~ is there').toEqual(['/home/x']);
  });
  test('an address of a file is its path', () => {
    expect(told(`file://${work}/src/a.ts`)).toEqual(['/work/src/a.ts']);
    expect(told(`FILE://${work}/src/a%20b`)).toEqual(['/work/src/a b']);
    for (const text of [`file://other${work}`, `file://${work}?x`, `file://${work}#x`, 'file:///a%2Fb', 'file://%'])
      expect(told(text), text).toBe('its address does not name one file here');
  });
  test('it says which argument, what is shown, whether it is a folder, and whether a link stands in the way', () => {
    expect(read('src')).toEqual({
      argument: 'path',
      path: join(work, 'src'),
      readings: [join(work, 'src')],
      isFolder: true,
      throughLink: false,
    });
    expect(read('link/x')).toMatchObject({ path: join(home, 'x'), isFolder: false, throughLink: true });
    expect(read('src/../link')).toMatchObject({ throughLink: true, isFolder: true });
    expect(read('src/a.ts')).toMatchObject({ isFolder: false, throughLink: false });
    expect(read('dangling')).toMatchObject({ throughLink: true });
  });
});

describe('what nobody can tell', () => {
  const unseen = 'it holds characters that do not show';
  const blank = 'it begins or ends with a blank';
  const pattern = 'it is a pattern, which can stand for many files';
  const shell = 'a shell could put something else in its place';
  const several = 'it can be read in more than one way';
  const kernel = 'it names a device or the view of a process';
  test.each<[string, string]>([
    ['', 'it is empty'],
    ['x'.repeat(4097), 'it is too long for a path'],
    ['a\u0000b', unseen],
    ['a\nb', unseen],
    ['a\u200bb', unseen],
    ['a\ud800', unseen],
    [' a', blank],
    ['a ', blank],
    ['*.ts', pattern],
    ['a?', pattern],
    ['{a,b}', pattern],
    ['{1..3}', pattern],
    ['$HOME/x', shell],
    ['$(ls)', shell],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what a shell would put in
    ['${HOME}', shell],
    ['`ls`', shell],
    ['%USERPROFILE%', shell],
    ['~root', "it names another user's home"],
    ['a%00b', several],
    ['a%2a', several],
    ['%252a', several],
    ['a%ffb', several],
    ['a%E0%A4', several],
    ['\uff0a', several],
    ['/proc/self/environ', kernel],
    ['/dev/sda', kernel],
    ['/sys', kernel],
    ['/proc', kernel],
    ['loop', 'its links do not lead to one place'],
    ['loop/x', 'its links do not lead to one place'],
    ['src/a.ts/x', 'its links do not lead to one place'],
    ['many-41', 'its links do not lead to one place'],
  ])('%j', (text, why) => {
    expect(told(text)).toBe(why);
  });
  test.each(['a{b}c', 'a$', '$1', '%1%', 'a~b', 'a b', '/process/x', '/devices', '/system', 'x'.repeat(200)])(
    '%j is a name like any',
    (text) => {
      expect(told(text)).toBeInstanceOf(Array);
    },
  );
  test('nothing is decoded for ever', () => {
    const nested = (times: number) => `%${'25'.repeat(times)}41`;
    expect(told(nested(7))).toHaveLength(9);
    expect(told(nested(9))).toBe(several);
  });
  test('nor read in more ways than anybody looks through', () => {
    const bases = (count: number) => Array.from({ length: count }, (_, n) => `/srv/b${n}`);
    expect(told('x', { bases: bases(64) })).toHaveLength(64);
    expect(told('x', { bases: bases(65) })).toBe('it can be read in too many ways');
  });
});

describe('Windows', () => {
  const device = 'it names a device';
  const drop = 'Windows would drop the end of a name in it';
  test.each<[string, string]>([
    ['\\\\server\\share', 'it names a device or another machine'],
    ['//server/share', 'it names a device or another machine'],
    ['C:x', 'it depends on the current folder of a drive'],
    ['C:', 'it depends on the current folder of a drive'],
    ...['con', 'PRN', 'aux.txt', 'nul', 'conin$', 'conout$', 'com1', 'LPT9', 'com\u00b9', 'a\\nul', 'a/con.x', 'nul .txt', 'com0'].map(
      (name): [string, string] => [name, device],
    ),
    ['ab:stream', 'it names a stream inside a file'],
    ['C:\\a:b', 'it names a stream inside a file'],
    ['nul:', device],
    ['a./b', drop],
    ['a \\b', drop],
  ])('%s', (text, why) => {
    expect(told(text, { platform: 'win32' })).toBe(why);
    expect(told(text, { platform: 'linux' }), 'elsewhere a name like any').not.toBe(why);
  });
  test.each(['console', 'xcon', 'com10', 'lpt', 'null', 'a\\..\\b', './a'])('%s is a name like any', (text) => {
    expect(told(text, { platform: 'win32' })).toBeInstanceOf(Array);
  });
  test('case is folded there', () => {
    expect(comparable('/Srv/A\u030a', 'win32')).toBe('/srv/\u00e5');
    expect(comparable(join(work, 'Src'), 'linux')).toBe(join(work, 'Src'));
  });
});

describe('links are followed as the kernel does', () => {
  test.each<[string, string | null, boolean]>([
    ['/work/src/a.ts', '/work/src/a.ts', false],
    ['/work/inside', '/work/src/a.ts', true],
    ['/work/link/../x', '/x', true],
    ['/work/chain-0/new', '/work/new', true],
    ['/work/new/deep/file', '/work/new/deep/file', false],
    ['/work/new/../x', null, false],
    ['/work/./src/.//a.ts', '/work/src/a.ts', false],
    ['/work/src/../link/n', '/home/n', true],
    ['/work/loop', null, false],
    ['/work/src/a.ts/b', null, false],
  ])('%s', (path, leads, throughLink) => {
    const found = follow(`${top}${path}`);
    expect(found === null ? null : short(found.path)).toBe(leads);
    if (found) expect(found.throughLink).toBe(throughLink);
  });
  test('forty links are followed', () => {
    expect(follow(join(work, 'many-39', 'new'))?.path).toBe(join(work, 'src', 'new'));
    expect(follow(join(work, 'many-40', 'new'))).toBe(null);
  });
  test('folders are known as such', () => {
    expect([isFolder(work), isFolder(join(work, 'link')), isFolder(join(work, 'inside')), isFolder(join(work, 'none'))]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
  test('this disk tells A from a', () => {
    mkdirSync(join(top, 'Case'));
    expect(foldsCase(join(top, 'Case', 'x'))).toBe(false);
    expect(foldsCase('/')).toBe(false);
    expect(foldsCase('/1/2')).toBe(false);
  });
});
