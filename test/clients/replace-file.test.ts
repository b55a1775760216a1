// A client's file is old or new and never half; links, read-only and changed files are refused in words.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { bytesAt } from '../../broker/clients/client-file.ts';
import { replaceFile, type Step } from '../../broker/clients/replace-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-replace-'));
afterAll(() => rmSync(folder, { recursive: true }));
const bytes = (text: string) => Buffer.from(text);
const replacer = fileURLToPath(new URL('replacer.ts', import.meta.url));

test.each<[Step, string]>([
  ['written', 'old'],
  ['compared', 'old'],
  ['replaced', 'new'],
])('killed when %s: the file is the %s one, whole, and what is left goes with the next run', (step, stands) => {
  const own = join(folder, step);
  mkdirSync(own);
  const path = join(own, 'mcp.json');
  const texts = { old: 'o'.repeat(100_000), new: 'n'.repeat(70_000) };
  writeFileSync(path, texts.old, { mode: 0o640 });
  chmodSync(path, 0o640);
  const ran = spawnSync(process.execPath, [replacer, path, step, texts.new]);
  expect(ran.signal).toBe('SIGKILL');
  expect(readFileSync(path, 'utf8')).toBe(texts[stands as 'old' | 'new']);
  expect(statSync(path).mode & 0o777).toBe(0o640);
  replaceFile({ path, before: readFileSync(path), after: bytes('next') });
  expect(readdirSync(own)).toEqual(['mcp.json']);
  expect(readFileSync(path, 'utf8')).toBe('next');
});

test('what is no plain file is not read, not even through a link: a pipe would hold its reader for ever', () => {
  const path = join(folder, 'device.json');
  symlinkSync('/dev/null', path);
  expect(() => bytesAt(path)).toThrow(/not a plain file/);
  expect(bytesAt(join(folder, 'nothing.json'))).toBe(null);
});

test('what changed after it was shown is not overwritten, at whatever moment it changes', () => {
  const path = join(folder, 'busy.json');
  writeFileSync(path, 'a');
  expect(() => replaceFile({ path, before: bytes('b'), after: bytes('c') })).toThrow(/changed after it was shown/);
  const late = (step: Step) => {
    if (step === 'written') writeFileSync(path, 'theirs');
  };
  expect(() => replaceFile({ path, before: bytes('a'), after: bytes('c') }, late)).toThrow(/changed after it was shown/);
  expect(readFileSync(path, 'utf8')).toBe('theirs');
  // A file that comes to be where there was none.
  const fresh = join(folder, 'deep', 'er', 'new.json');
  const appear = (step: Step) => {
    if (step === 'compared') writeFileSync(fresh, 'theirs');
  };
  expect(() => replaceFile({ path: fresh, before: null, after: bytes('ours') }, appear)).toThrow(/changed after it was shown/);
  expect(readFileSync(fresh, 'utf8')).toBe('theirs');
  expect(
    readdirSync(folder)
      .concat(readdirSync(join(folder, 'deep', 'er')))
      .filter((name) => name.includes('gatehouse-')),
  ).toEqual([]);
});

test("a new file is its owner's alone, and goes again", () => {
  const path = join(folder, 'made.json');
  replaceFile({ path, before: null, after: bytes('x') });
  expect(statSync(path).mode & 0o777).toBe(0o600);
  replaceFile({ path, before: bytes('x'), after: null });
  expect(existsSync(path)).toBe(false);
});

test('links, second names, folders and read-only files are refused, and stay', () => {
  const target = join(folder, 'target.json');
  writeFileSync(target, 't');
  const link = join(folder, 'link.json');
  symlinkSync(target, link);
  expect(() => replaceFile({ path: link, before: bytes('t'), after: bytes('n') })).toThrow(/is a link to another place/);
  const second = join(folder, 'second.json');
  linkSync(target, second);
  expect(() => replaceFile({ path: second, before: bytes('t'), after: bytes('n') })).toThrow(/second name/);
  const closed = join(folder, 'closed.json');
  writeFileSync(closed, 't');
  chmodSync(closed, 0o444);
  expect(() => replaceFile({ path: closed, before: bytes('t'), after: bytes('n') })).toThrow(/read-only/);
  expect(() => replaceFile({ path: folder, before: bytes('t'), after: bytes('n') })).toThrow(/not a plain file/);
  expect([target, closed].map((path) => readFileSync(path, 'utf8'))).toEqual(['t', 't']);
});
