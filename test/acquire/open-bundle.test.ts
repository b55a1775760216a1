// A bundle is opened only when every reader would find the same harmless files in it; each hostile one is refused for its own reason.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signMcpbFile } from '@anthropic-ai/mcpb';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { foldOf, partsOf } from '../../broker/acquire/entry-name.ts';
import { bundleLimits, openBundle } from '../../broker/acquire/open-bundle.ts';
import { GatehouseError } from '../../shared/errors.ts';
import { scale } from '../support/scale.ts';
import { honest, type Item, manifest, raw } from './zips.ts';

const files = { 'manifest.json': String(manifest().content), 'server/index.js': 'console.error(1)\n', 'bin/run.sh': '#!/bin/sh\n' };

test('an honest bundle opens: its files, its hash, its manifest, no signature', async () => {
  const bytes = await honest(files);
  const bundle = await openBundle(bytes);
  expect(bundle.files.map(({ path, executable }) => [path, executable])).toEqual([
    ['manifest.json', false],
    ['server/index.js', false],
    ['bin/run.sh', true],
  ]);
  expect(String(await bundle.files[1]?.read())).toBe('console.error(1)\n');
  expect(bundle.manifest.name).toBe('curious');
  expect(bundle.signature.state).toBe('absent');
  expect(bundle.sha256).toMatch(/^[0-9a-f]{64}$/);
});

const small = { ...bundleLimits, packed: 400_000, unpacked: 3_000_000, file: 2_000_000, files: 50, small: 100_000 };
const beside = (...items: Item[]): Buffer => raw([manifest(), ...items]);
const nfd = 'e\u0301.js';
const hostile: readonly (readonly [string, Buffer, RegExp])[] = [
  ['a way up', beside({ name: '../evil.js' }), /list of files|leads out/],
  ['a way up in the middle', beside({ name: 'a/../../evil.js' }), /list of files|leads out/],
  ['a way up with backslashes', beside({ name: 'a\\..\\..\\evil.js' }), /list of files|portable/],
  ['an absolute path', beside({ name: '/etc/cron.d/evil' }), /list of files|absolute/],
  ['a drive', beside({ name: 'C:/Windows/evil.dll' }), /list of files|drive/],
  ['a drive without a slash', beside({ name: 'c:evil.dll' }), /list of files|drive/],
  ['a share', beside({ name: '//host/share/evil' }), /list of files|absolute/],
  ['a stream of another file', beside({ name: 'index.js:evil' }), /portable/],
  ['a device', beside({ name: 'server/NUL.txt' }), /device/],
  ['a name Windows shortens', beside({ name: 'server/index.js. ' }), /dot or a space/],
  ['a dot folder', beside({ name: './x.js' }), /leads out/],
  ['an empty part', beside({ name: 'a//x.js' }), /leads out/],
  ['a NUL', beside({ name: 'server/index.js\0.png' }), /portable/],
  ['a name that shows as another', beside({ name: 'server/\u202Egnp.js' }), /portable/],
  ['a link', beside({ name: 'link', content: '/etc/passwd', mode: 0o120777 }), /is a link/],
  ['a pipe', beside({ name: 'pipe', mode: 0o010644 }), /ordinary/],
  ['the same name twice', beside({ name: 'a.js' }, { name: 'a.js' }), /twice/],
  ['the manifest twice', beside({ name: 'manifest.json', content: '{}' }), /twice/],
  ['names that differ by case', beside({ name: 'a.js' }, { name: 'A.js' }), /one name/],
  ['folders that differ by case', beside({ name: 'lib/a.js' }, { name: 'Lib/b.js' }), /one name/],
  ['names that differ by composition', beside({ name: nfd }, { name: nfd.normalize('NFC') }), /one name/],
  ['a file that is a folder too', beside({ name: 'a' }, { name: 'a/b' }), /twice/],
  ['a folder that is a file too', beside({ name: 'a/b' }, { name: 'a' }), /twice/],
  ['too many files', beside(...Array.from({ length: 60 }, (_, at) => ({ name: `f${at}` }))), /more than 50 files/],
  ['too large a file', beside({ name: 'big', content: Buffer.alloc(2_100_000), deflate: true }), /larger than|times its size/],
  [
    'too much in all',
    beside(...[1, 2].map((at) => ({ name: `b${at}`, content: Buffer.alloc(1_900_000), deflate: true }))),
    /larger than|times its size/,
  ],
  ['a bomb', beside({ name: 'bomb', content: Buffer.alloc(1_000_000), deflate: true }), /times its size/],
  ['a size that is a lie', beside({ name: 'x', content: 'abc', says: { size: 2 }, deflate: true }), /x" cannot be unpacked/],
  [
    'a size that is a lie, stored',
    beside({ name: 'x', content: 'abc', says: { size: 2 } }),
    /no zip file|list of files|x" cannot be unpacked/,
  ],
  ['a wrong checksum', beside({ name: 'x', content: 'abc', says: { crc: 1 } }), /checksum/],
  ['an encrypted file', beside({ name: 'x', content: 'abc', flags: 0x801, deflate: true }), /encrypted/],
  ['an unknown packing', beside({ name: 'x', content: 'abc', method: 14 }), /not known/],
  ['files that share bytes', beside({ name: 'x', content: 'abc', says: { offset: 0 } }), /overlap/],
  ['something before it', raw([manifest()], { before: Buffer.from('#!/bin/sh\n') }), /before its first/],
  ['a comment behind it', raw([manifest()], { comment: 'see also' }), /does not end|comment/],
  ['a count that is a lie', raw([manifest()], { count: 2 }), /list of files|no zip file/],
  ['no manifest', raw([{ name: 'index.js' }]), /no manifest/],
  ['a manifest that is no JSON', raw([{ name: 'manifest.json', content: '{' }]), /not JSON/],
  ['a manifest of a later version', raw([manifest({ manifest_version: '9.0' })]), /does not fit/],
  ['a manifest without a server', raw([manifest({ server: undefined })]), /does not fit/],
  ['a manifest that is no text', raw([{ name: 'manifest.json', content: Buffer.from([0xff, 0xfe]) }]), /not text/],
  ['half a signature', Buffer.concat([raw([manifest()]), Buffer.from('MCPB_SIG_V1\u0001MCPB_SIG_END')]), /half a signature/],
  ['nothing', Buffer.alloc(0), /does not end/],
  ['more than may be', Buffer.alloc(small.packed + 1), /larger than/],
];

test.each(hostile)('refused: %s', async (_, bytes, why) => {
  const opening = openBundle(bytes, small).then(async (bundle) => {
    for (const file of bundle.files) await file.read();
  });
  await expect(opening).rejects.toThrow(why);
  await expect(opening).rejects.toBeInstanceOf(GatehouseError);
});

test('a name that passes is the same relative path for every system', () => {
  const part = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 8 }),
    fc.constantFrom('..', '.', 'con', 'a', 'A', 'C:', '', ' ', 'é', '\\', '\0'),
  );
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (words) => {
      const name = words.join('/');
      let parts: string[];
      try {
        parts = partsOf(name);
      } catch (error) {
        return error instanceof GatehouseError;
      }
      const inside = join('/home/bundle', ...parts);
      return inside.startsWith('/home/bundle/') && !/[\\:\0]/.test(inside) && foldOf(foldOf(name)) === foldOf(name);
    }),
    { numRuns: scale(300, 100_000) },
  );
});

test('whatever happens to its bytes, it opens whole and unchanged or is refused in words', async () => {
  const bytes = await honest(files);
  const change = fc.oneof(
    fc.record({ kind: fc.constant('flip' as const), at: fc.nat(bytes.length - 1), to: fc.nat(255) }),
    fc.record({ kind: fc.constant('cut' as const), at: fc.nat(bytes.length), to: fc.nat(64) }),
    fc.record({ kind: fc.constant('add' as const), at: fc.nat(bytes.length), to: fc.nat(255) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
      let bad = Buffer.from(bytes);
      for (const { kind, at, to } of changes) {
        if (kind === 'flip') bad[at % Math.max(1, bad.length)] = to;
        else if (kind === 'cut') bad = Buffer.concat([bad.subarray(0, at), bad.subarray(at + to)]);
        else bad = Buffer.concat([bad.subarray(0, at), Buffer.from([to]), bad.subarray(at)]);
      }
      try {
        const bundle = await openBundle(bad, small);
        for (const file of bundle.files) {
          partsOf(file.path);
          expect((await file.read()).length).toBe(file.bytes);
        }
      } catch (error) {
        expect(error).toBeInstanceOf(GatehouseError);
      }
    }),
    { numRuns: scale(100, 20_000) },
  );
});

test("a signature by the format's own tool holds, says whose it is, and is broken by any change", async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-sign-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'x.mcpb');
  writeFileSync(path, await honest(files));
  const unsigned = readFileSync(path);
  const words = [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    'key.pem',
    '-out',
    'cert.pem',
    '-days',
    '30',
    '-subj',
    '/CN=Ann Example',
  ];
  execFileSync('openssl', words, { cwd: folder, stdio: 'pipe' });
  signMcpbFile(path, join(folder, 'cert.pem'), join(folder, 'key.pem'));
  const signed = readFileSync(path);
  const bundle = await openBundle(signed);
  expect(bundle.signature).toMatchObject({ state: 'intact', signer: 'Ann Example', issuer: 'Ann Example' });
  expect(bundle.signature.fingerprint).toMatch(/^[0-9a-f]{64}$/);
  expect(bundle.files.length).toBe(3);

  // Another zip under the same signature, and the same zip under half of it.
  const block = signed.subarray(unsigned.length);
  const other = await honest({ ...files, 'server/index.js': 'evil()' });
  await expect(openBundle(Buffer.concat([other, block]))).rejects.toThrow(/changed after it was signed/);
  const forged = Buffer.from(signed);
  const at = unsigned.length + block.length - 40;
  forged[at] = (forged[at] ?? 0) ^ 1;
  await expect(openBundle(forged)).rejects.toThrow(/changed after it was signed/);
  // A signature that brings content of its own says nothing of this zip.
  writeFileSync(join(folder, 'own'), 'signed by Ann');
  const cms = [
    'cms',
    '-sign',
    '-nodetach',
    '-binary',
    '-in',
    'own',
    '-signer',
    'cert.pem',
    '-inkey',
    'key.pem',
    '-outform',
    'DER',
    '-out',
    'own.der',
  ];
  execFileSync('openssl', cms, { cwd: folder, stdio: 'pipe' });
  const attached = readFileSync(join(folder, 'own.der'));
  const size = Buffer.alloc(4);
  size.writeUInt32LE(attached.length);
  const borrowed = Buffer.concat([unsigned, Buffer.from('MCPB_SIG_V1'), size, attached, Buffer.from('MCPB_SIG_END')]);
  expect((await openBundle(borrowed)).signature).toMatchObject({ state: 'unknown', signer: null });
  // A block that is no signature at all is told as such, and never as one that holds.
  const length = Buffer.alloc(4);
  length.writeUInt32LE(3);
  const odd = Buffer.concat([unsigned, Buffer.from('MCPB_SIG_V1'), length, Buffer.from('abc'), Buffer.from('MCPB_SIG_END')]);
  expect((await openBundle(odd)).signature.state).toBe('unknown');
});
