// A change of one client file, whole before it is written: which entries become what, the bytes that makes, and what undo needs.
import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { parserOf } from './discover.ts';
import type { ClientFile, ClientKind } from './kind.ts';
import { decode, encode, type Text } from './text.ts';
import type { Tree } from './tree.ts';

/** One entry of a file, as it was and as we wrote it. */
export interface Edit {
  readonly at: readonly string[];
  readonly name: string;
  /** Null where there was none. */
  readonly before: { readonly text: string; readonly value: unknown } | null;
  readonly after: unknown;
  /** For a list: what we added to it. Others may add and take too, so undo takes out just these. */
  readonly added?: readonly unknown[];
  /** For a list: what made way for that, whole. It comes back with undo, unless an earlier change of ours had brought it. */
  readonly replaced?: readonly unknown[];
}

export interface FileChange {
  readonly kind: ClientKind;
  readonly path: string;
  /** Null for a file that is made. */
  readonly before: Buffer | null;
  readonly after: Buffer;
  readonly edits: readonly Edit[];
}

export interface WantedEdit {
  readonly at: readonly string[];
  readonly name: string;
  readonly value: unknown;
  readonly added?: readonly unknown[];
  readonly replaced?: readonly unknown[];
}

/** @throws Malformed when an entry cannot be changed without changing more */
export function changeFile(kind: ClientKind, file: ClientFile, before: Buffer | null, wanted: readonly WantedEdit[]): FileChange {
  const parse = parserOf(file);
  let text: Text = before === null ? { body: '', marked: false } : decode(before);
  let tree: Tree = parse(text.body);
  const edits: Edit[] = [];
  for (const { at, name, value, added, replaced = [] } of wanted) {
    const old = tree.entry(at, name);
    const list = added ? { added, ...(replaced.length > 0 ? { replaced } : {}) } : {};
    edits.push({ at, name, before: old && { text: old.text, value: old.value }, after: value, ...list });
    text = { ...text, body: tree.put(at, name, value) };
    tree = parse(text.body);
  }
  const made = before === null && !text.body.endsWith('\n') ? { ...text, body: `${text.body}\n` } : text;
  return { kind, path: file.path, before, after: encode(made), edits };
}

/** What is sealed before a file is changed. */
export interface Kept {
  readonly version: 1;
  readonly format: ClientFile['format'];
  /** The whole file as it was, compressed; null where there was none. */
  readonly original: string | null;
  /** SHA-256 of what we wrote: equal bytes mean that nobody else wrote since. */
  readonly written: string;
  readonly edits: readonly Edit[];
}

export const digestOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

export function keptText(change: FileChange, format: ClientFile['format']): string {
  const kept: Kept = {
    version: 1,
    format,
    original: change.before === null ? null : gzipSync(change.before).toString('base64'),
    written: digestOf(change.after),
    edits: change.edits,
  };
  return JSON.stringify(kept);
}

/** @throws Error for what we did not write */
export function readKept(text: string): Kept & { readonly bytes: Buffer | null } {
  const kept = JSON.parse(text) as Kept;
  if (kept.version !== 1 || !Array.isArray(kept.edits)) throw new Error('a kept copy of another version');
  return { ...kept, bytes: kept.original === null ? null : gunzipSync(Buffer.from(kept.original, 'base64')) };
}
