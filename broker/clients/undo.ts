// What a client file becomes when Gatehouse leaves it: its old bytes where nobody else wrote since, else its old entries among the new.
import { isDeepStrictEqual } from 'node:util';
import { digestOf, type Edit, type Kept, readKept } from './change.ts';
import { parserOf } from './discover.ts';
import type { ClientKind } from './kind.ts';
import { meaningOf } from './launch.ts';
import { oursOf } from './ours.ts';
import { decode, encode } from './text.ts';
import { isRecord, Malformed, mapAt, type Tree } from './tree.ts';

export interface Undone {
  /** Null: the file goes, because there was none before. */
  readonly bytes: Buffer | null;
  /** True when it is the file as it was; false when other edits since are kept. */
  readonly exact: boolean;
  /** Entries put back or taken out. */
  readonly edits: readonly Edit[];
  /** What was not put back, and why, as sentences. */
  readonly left: readonly string[];
}

/**
 * `kept`: what was sealed for this file, the newest first.
 * @throws Malformed when the file as it is now cannot be read
 */
export function undo(kind: ClientKind, current: Buffer | null, kept: readonly string[]): Undone {
  let now = current;
  let exact = true;
  const edits: Edit[] = [];
  const left: string[] = [];
  for (const text of kept) {
    const copy = readKept(text);
    if (now === null || digestOf(now) === copy.written) {
      edits.push(...copy.edits);
      now = copy.bytes;
      continue;
    }
    // The change was sealed and never written, or was undone by hand.
    if (copy.bytes !== null && now.equals(copy.bytes)) continue;
    exact = false;
    now = merged(kind, now, copy, edits, left);
  }
  return { bytes: now, exact, edits, left };
}

function merged(kind: ClientKind, current: Buffer, copy: Kept & { bytes: Buffer | null }, done: Edit[], left: string[]): Buffer {
  const parse = parserOf({ format: copy.format, path: '', places: () => [], shared: false });
  const text = decode(current);
  let tree = parse(text.body);
  let body = text.body;
  const take = (next: string) => {
    body = next;
    tree = parse(body);
  };
  for (const edit of [...copy.edits].reverse()) {
    const { at, name, before, added, replaced = [] } = edit;
    const found = tree.entry(at, name);
    // What a file that we made says of its own format is needed by all that others put into it since.
    if (added === undefined && typeof edit.after !== 'object' && Object.keys(mapAt(tree.value, []) ?? {}).length > 1) continue;
    if (added !== undefined) {
      if (!found || !Array.isArray(found.value)) continue;
      const isAdded = (item: unknown) => added.some((one) => isDeepStrictEqual(one, item));
      const rest = found.value.filter((item) => !isAdded(item));
      // Where ours was taken out since, what made way for it is not wanted there either.
      const place = found.value.findIndex(isAdded);
      if (place !== -1) rest.splice(place, 0, ...replaced);
      take(rest.length === 0 && before === null ? tree.drop(at, name) : tree.put(at, name, rest));
    } else if (!found) {
      left.push(`"${name}" was taken out of the file since, and stays out.`);
      continue;
    } else if (!isDeepStrictEqual(found.value, edit.after) && oursOf(meaningOf(found.value, kind.dialect).launch) === null) {
      left.push(`"${name}" was changed since, and stays as it is.`);
      continue;
    } else take(before === null ? tree.drop(at, name) : putBack(tree, edit, before));
    done.push(edit);
    if (before === null) withdrawMap(copy, at);
  }
  return encode({ ...text, body });

  /** A map that we made and that is empty again goes too. */
  function withdrawMap(of: { bytes: Buffer | null }, at: readonly string[]): void {
    const key = at.at(-1);
    const map = mapAt(tree.value, at);
    if (key === undefined || map === null || Object.keys(map).length > 0) return;
    const was = of.bytes === null ? null : mapAt(parse(decode(of.bytes).body).value, at);
    if (was !== null) return;
    take(tree.drop(at.slice(0, -1), key));
  }
}

/** The old text in its place; where the file is laid out anew by now, the old value. */
function putBack(tree: Tree, { at, name }: Edit, before: { text: string; value: unknown }): string {
  try {
    return tree.putText(at, name, before.text);
  } catch (thrown) {
    if (!(thrown instanceof Malformed) || !isRecord(before.value)) throw thrown;
    return tree.put(at, name, before.value);
  }
}
