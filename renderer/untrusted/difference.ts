// Finds what is different between two texts, word by word, and between two definitions, field by field.
import { type JsonNode, readable, readJson } from './json-text.ts';

export interface Run {
  readonly kind: 'same' | 'gone' | 'new';
  readonly text: string;
}

/** Words of the part that differs; past this many the two texts are simply shown one after the other. */
const mostWords = 1500;

/** The runs of `was` turned into `is`; the same and new runs joined are `is`, the same and gone ones are `was`. */
export function runsOf(was: string, is: string): Run[] {
  const [a, b] = [words(was), words(is)];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  const middle = between(a.slice(start, a.length - end), b.slice(start, b.length - end));
  return joined([...a.slice(0, start).map(same), ...middle, ...a.slice(a.length - end).map(same)]);
}

/** Words with the white space before them, so that a changed word is marked whole. */
const words = (text: string): string[] => text.match(/\s*[\p{L}\p{M}\p{N}_]+|\s*[^\s]|\s+$/gu) ?? [];
const same = (text: string): Run => ({ kind: 'same', text });

/** Longest common subsequence, by the plain table: a definition is short, and what is longer is not compared. */
function between(a: readonly string[], b: readonly string[]): Run[] {
  const gone = (text: string): Run => ({ kind: 'gone', text });
  const fresh = (text: string): Run => ({ kind: 'new', text });
  if (a.length > mostWords || b.length > mostWords) return [...a.map(gone), ...b.map(fresh)];
  const width = b.length + 1;
  const table = new Uint16Array((a.length + 1) * width);
  const at = (i: number, j: number) => table[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1)
    for (let j = b.length - 1; j >= 0; j -= 1)
      table[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const out: Run[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [left, right] = [a[i], b[j]];
    if (left !== undefined && left === right) {
      out.push(same(left));
      i += 1;
      j += 1;
    } else if (left !== undefined && (right === undefined || at(i + 1, j) >= at(i, j + 1))) {
      out.push(gone(left));
      i += 1;
    } else if (right !== undefined) {
      out.push(fresh(right));
      j += 1;
    }
  }
  return out;
}

/** Neighbours of one kind become one run; between two changes what is gone stands before what is new. */
function joined(runs: readonly Run[]): Run[] {
  const out: Run[] = [];
  let [gone, fresh] = ['', ''];
  const flush = () => {
    if (gone !== '') out.push({ kind: 'gone', text: gone });
    if (fresh !== '') out.push({ kind: 'new', text: fresh });
    [gone, fresh] = ['', ''];
  };
  for (const run of runs) {
    if (run.kind === 'gone') gone += run.text;
    else if (run.kind === 'new') fresh += run.text;
    else {
      flush();
      const last = out.at(-1);
      if (last?.kind === 'same') out[out.length - 1] = { kind: 'same', text: last.text + run.text };
      else out.push(run);
    }
  }
  flush();
  return out;
}

export interface FieldChange {
  /** Names from the outside in: `inputSchema`, `properties`, `body`. Foreign; empty for a text that is not JSON. */
  readonly path: readonly string[];
  readonly was: string | null;
  readonly is: string | null;
}

/** The fields of two definitions that differ, in the order of the newer one; what is wholly new or gone is one field. */
export function fieldsChanged(was: string, is: string): FieldChange[] {
  const [before, after] = [readJson(was), readJson(is)];
  if (before === null || after === null) return was === is ? [] : [{ path: [], was, is }];
  const out: FieldChange[] = [];
  const walk = (a: JsonNode | undefined, b: JsonNode | undefined, path: readonly string[]) => {
    if (a?.kind === 'object' && b?.kind === 'object') {
      const left = new Map(a.members.map(({ key, value }) => [key, value]));
      const right = new Map(b.members.map(({ key, value }) => [key, value]));
      for (const [key, value] of right) walk(left.get(key), value, [...path, key]);
      for (const [key, value] of left) if (!right.has(key)) walk(value, undefined, [...path, key]);
      return;
    }
    const [from, to] = [a === undefined ? null : readable(a), b === undefined ? null : readable(b)];
    if (from !== to) out.push({ path, was: from, is: to });
  };
  walk(before, after, []);
  return out;
}
