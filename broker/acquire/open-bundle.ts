// Opens a bundle (.mcpb) without believing it: every name, size and sum is checked before a byte of it is written anywhere.
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { malformed, Names, partsOf } from './entry-name.ts';
import { type Manifest, readManifest } from './manifest.ts';
import { checkSignature, type Signature, splitSignature } from './signature.ts';

/** Sizes in bytes. A real bundle with its node_modules has some thousand files and some ten MiB. */
export const bundleLimits = {
  packed: 128 * 1024 * 1024,
  unpacked: 512 * 1024 * 1024,
  file: 256 * 1024 * 1024,
  files: 30_000,
  manifest: 1024 * 1024,
  /** Unpacked to packed, of one file and of all; below `small` nothing is a bomb. */
  ratio: 200,
  small: 4 * 1024 * 1024,
};

export interface BundleFile {
  /** Relative, checked, with `/`. */
  readonly path: string;
  readonly bytes: number;
  readonly executable: boolean;
  /** The content, whole; read anew each time. @throws GatehouseError refused when it is not what the zip says */
  read(): Promise<Buffer>;
}

export interface Bundle {
  /** SHA-256 of the file as it came, signature included, in hex. */
  readonly sha256: string;
  readonly bytes: number;
  readonly unpackedBytes: number;
  readonly files: readonly BundleFile[];
  readonly manifest: Manifest;
  readonly signature: Signature;
}

const endSignature = 0x06054b50;
const endBytes = 22;
const localHeaderBytes = 30;
const stored = 0;
const deflated = 8;

const openZip = promisify<Buffer, yauzl.Options, ZipFile>((bytes, options, done) =>
  yauzl.fromBuffer(bytes, options, (error, zip) => done(error, zip)),
);

/** @throws GatehouseError refused, with words for a person, for whatever is no bundle or tries to be more than one */
export async function openBundle(file: Buffer, limits = bundleLimits): Promise<Bundle> {
  if (file.length > limits.packed) throw malformed(`it is larger than ${limits.packed} bytes`);
  const { zip: bytes, pkcs7 } = splitSignature(file);
  refuseComment(bytes);
  const zip = await openZip(bytes, { lazyEntries: true, autoClose: false, strictFileNames: true, validateEntrySizes: true }).catch(
    (error: unknown) => {
      throw malformed(`it is no zip file that can be read in one way only (${wordsOf(error)})`);
    },
  );
  const entries = await entriesOf(zip, limits);
  refuseOverlap(entries);
  const files = filesOf(zip, entries, limits);
  const unpackedBytes = files.reduce((sum, { bytes: size }) => sum + size, 0);
  if (unpackedBytes > limits.small && unpackedBytes > bytes.length * limits.ratio)
    throw malformed(`it would grow to more than ${limits.ratio} times its size`);
  const manifest = readManifest(await manifestText(files, limits));
  const signature = await checkSignature(pkcs7, [file.subarray(0, bytes.length), bytes]);
  const sha256 = createHash('sha256').update(file).digest('hex');
  return { sha256, bytes: file.length, unpackedBytes, files, manifest, signature };
}

const wordsOf = (error: unknown) => (error instanceof Error ? error.message : 'unreadable').slice(0, 160);

/** The record at the end stands at the very end: a reader that looks for it finds no second one to choose from. */
function refuseComment(bytes: Buffer): void {
  const at = bytes.length - endBytes;
  if (at < 0 || bytes.readUInt32LE(at) !== endSignature) throw malformed('it does not end as a zip file does');
  if (bytes.readUInt16LE(at + endBytes - 2) !== 0) throw malformed('it has a comment at its end');
}

function entriesOf(zip: ZipFile, limits: typeof bundleLimits): Promise<Entry[]> {
  return new Promise((resolve, reject) => {
    const entries: Entry[] = [];
    if (zip.entryCount > limits.files) return reject(malformed(`it has more than ${limits.files} files`));
    zip.on('entry', (entry: Entry) => {
      entries.push(entry);
      zip.readEntry();
    });
    zip.once('end', () => resolve(entries));
    zip.once('error', (error: unknown) => reject(malformed(`its list of files cannot be read (${wordsOf(error)})`)));
    zip.readEntry();
  });
}

/** Files that share bytes are how a small zip becomes an endless one; bytes before the first belong to something else. */
function refuseOverlap(entries: readonly Entry[]): void {
  const placed = [...entries].sort((a, b) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader);
  if (placed[0] && placed[0].relativeOffsetOfLocalHeader !== 0) throw malformed('something stands before its first file');
  let end = 0;
  for (const entry of placed) {
    if (entry.relativeOffsetOfLocalHeader < end) throw malformed('its files overlap');
    end = entry.relativeOffsetOfLocalHeader + localHeaderBytes + entry.fileNameLength + entry.compressedSize;
  }
}

function filesOf(zip: ZipFile, entries: readonly Entry[], limits: typeof bundleLimits): BundleFile[] {
  const names = new Names();
  let total = 0;
  return entries.flatMap((entry) => {
    const parts = partsOf(entry.fileName);
    const name = parts.join('/');
    const isFolder = entry.fileName.endsWith('/');
    const mode = entry.externalFileAttributes >>> 16;
    const kind = mode & 0o170000;
    if (kind === 0o120000) throw malformed(`${JSON.stringify(name)} is a link`);
    if (kind !== 0 && kind !== (isFolder ? 0o040000 : 0o100000)) throw malformed(`${JSON.stringify(name)} is no ordinary file`);
    if (entry.isEncrypted()) throw malformed(`${JSON.stringify(name)} is encrypted`);
    if (entry.compressionMethod !== stored && entry.compressionMethod !== deflated)
      throw malformed(`${JSON.stringify(name)} is packed in a way that is not known here`);
    names.add(parts, isFolder ? 'folder' : 'file');
    if (isFolder) {
      if (entry.uncompressedSize > 0) throw malformed(`the folder ${JSON.stringify(name)} has content`);
      return [];
    }
    const { uncompressedSize: size, compressedSize } = entry;
    total += size;
    if (size > limits.file) throw malformed(`${JSON.stringify(name)} is larger than ${limits.file} bytes`);
    if (total > limits.unpacked) throw malformed(`unpacked it is larger than ${limits.unpacked} bytes`);
    if (size > limits.small && size > compressedSize * limits.ratio)
      throw malformed(`${JSON.stringify(name)} would grow to more than ${limits.ratio} times its size`);
    return [{ path: name, bytes: size, executable: (mode & 0o111) !== 0, read: () => contentOf(zip, entry, name) }];
  });
}

function contentOf(zip: ZipFile, entry: Entry, name: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => reject(malformed(`${JSON.stringify(name)} cannot be unpacked (${wordsOf(error)})`));
    zip.openReadStream(entry, (error, stream) => {
      if (error) return fail(error);
      collect(stream, entry.uncompressedSize).then((content) => {
        if (crc32(content) !== entry.crc32) return fail(new Error('its checksum is another'));
        resolve(content);
      }, fail);
    });
  });
}

async function collect(stream: Readable, size: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of stream as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > size) throw new Error('it is longer than it says');
    parts.push(part);
  }
  if (length !== size) throw new Error('it is shorter than it says');
  return Buffer.concat(parts);
}

async function manifestText(files: readonly BundleFile[], limits: typeof bundleLimits): Promise<string> {
  const file = files.find(({ path }) => path === 'manifest.json');
  if (!file) throw malformed('it has no manifest.json');
  if (file.bytes > limits.manifest) throw malformed(`its manifest.json is larger than ${limits.manifest} bytes`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await file.read());
  } catch {
    throw malformed('its manifest.json is not text in UTF-8');
  }
}
