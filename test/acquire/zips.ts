// Bundles made for tests: honest ones by a zip library, and zips written byte by byte that no honest program would write.
import { buffer } from 'node:stream/consumers';
import { crc32, deflateRawSync } from 'node:zlib';
import { ZipFile } from 'yazl';

export interface Item {
  readonly name: string;
  readonly content?: string | Buffer;
  /** With the file's kind: 0o100644, 0o120777 for a link. */
  readonly mode?: number;
  readonly method?: number;
  readonly flags?: number;
  /** Said in place of what is so. */
  readonly says?: { readonly size?: number; readonly packed?: number; readonly crc?: number; readonly offset?: number };
  readonly deflate?: boolean;
}

export const manifest = (more: object = {}): Item => ({
  name: 'manifest.json',
  content: JSON.stringify({
    manifest_version: '0.3',
    name: 'curious',
    version: '1.0.0',
    description: 'Tells what it has',
    author: { name: 'Ann' },
    server: { type: 'node', entry_point: 'server/index.js', mcp_config: { command: 'node', args: [`\${${'__dirname'}}/server/index.js`] } },
    ...more,
  }),
});

/** An ordinary bundle, as a packer makes it. */
export async function honest(files: Readonly<Record<string, string | Buffer>>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, content] of Object.entries(files))
    zip.addBuffer(Buffer.from(content), name, { mode: name.endsWith('.sh') ? 0o100755 : 0o100644 });
  zip.end();
  return await buffer(zip.outputStream as never);
}

/** A zip with exactly these entries, whatever they are. */
export function raw(items: readonly Item[], end: { comment?: string; before?: Buffer; count?: number } = {}): Buffer {
  const parts: Buffer[] = [end.before ?? Buffer.alloc(0)];
  const central: Buffer[] = [];
  let at = parts[0]?.length ?? 0;
  for (const { name, content = '', mode = 0o100644, method, flags = 0x800, says = {}, deflate = false } of items) {
    const plain = Buffer.from(content);
    const packed = deflate ? deflateRawSync(plain) : plain;
    const bytes = Buffer.from(name);
    const how = method ?? (deflate ? 8 : 0);
    const crc = says.crc ?? crc32(plain);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(20, 4);
    local.writeUInt16LE(flags, 6);
    local.writeUInt16LE(how, 8);
    local.writeUInt32LE(crc, 14);
    local.writeUInt32LE(says.packed ?? packed.length, 18);
    local.writeUInt32LE(says.size ?? plain.length, 22);
    local.writeUInt16LE(bytes.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(0x031e, 4);
    entry.writeUInt16LE(20, 6);
    entry.writeUInt16LE(flags, 8);
    entry.writeUInt16LE(how, 10);
    entry.writeUInt32LE(crc, 16);
    entry.writeUInt32LE(says.packed ?? packed.length, 20);
    entry.writeUInt32LE(says.size ?? plain.length, 24);
    entry.writeUInt16LE(bytes.length, 28);
    entry.writeUInt32LE((mode << 16) >>> 0, 38);
    entry.writeUInt32LE(says.offset ?? at, 42);
    parts.push(local, bytes, packed);
    central.push(Buffer.concat([entry, bytes]));
    at += 30 + bytes.length + packed.length;
  }
  const list = Buffer.concat(central);
  const last = Buffer.alloc(22);
  last.writeUInt32LE(0x06054b50, 0);
  last.writeUInt16LE(end.count ?? items.length, 8);
  last.writeUInt16LE(end.count ?? items.length, 10);
  last.writeUInt32LE(list.length, 12);
  last.writeUInt32LE(at, 16);
  last.writeUInt16LE(Buffer.byteLength(end.comment ?? ''), 20);
  return Buffer.concat([...parts, list, last, Buffer.from(end.comment ?? '')]);
}
