// Every entry of every client on this computer, as its files stand now. Reads only; a file that cannot be read is a finding, never an error.
import { parseJson } from './json.ts';
import type { ClientFile, ClientKind, Place } from './kind.ts';
import { kinds } from './kinds.ts';
import { type Meaning, meaningOf } from './launch.ts';
import type { Machine } from './machine.ts';
import { type Ours, oursOf } from './ours.ts';
import { decode, type Text } from './text.ts';
import { parseToml } from './toml.ts';
import { Malformed, mapAt, type Parse, type Tree } from './tree.ts';
import { parseYaml } from './yaml.ts';

export interface FoundEntry {
  readonly kind: ClientKind;
  readonly file: FoundFile;
  readonly place: Place;
  readonly name: string;
  readonly value: unknown;
  readonly meaning: Meaning;
  /** Set where the entry leads to Gatehouse already. */
  readonly ours: Ours | null;
}

export interface FoundFile {
  readonly kind: ClientKind;
  readonly file: ClientFile;
  readonly path: string;
  readonly mode: number;
  readonly bytes: Buffer;
  readonly text: Text;
  readonly tree: Tree;
}

/** A file that is there and cannot be used; `why` stands in the middle of a sentence. */
export interface Unreadable {
  readonly kind: ClientKind;
  readonly path: string;
  readonly why: string;
}

const parsers: Readonly<Record<ClientFile['format'], Parse>> = { json: parseJson, toml: parseToml, yaml: parseYaml };

export const parserOf = (file: ClientFile): Parse => parsers[file.format];

/** Reads one file. Null when there is none. @throws Malformed */
export function readClientFile(machine: Machine, kind: ClientKind, file: ClientFile): FoundFile | null {
  const standing = machine.look(file.path);
  if (standing === null) return null;
  if (standing.kind === 'link') throw new Malformed('it is a link to another place, and Gatehouse does not follow links there');
  if (standing.kind !== 'file') throw new Malformed('it is not a plain file');
  let bytes: Buffer;
  try {
    bytes = machine.read(file.path);
  } catch (cause) {
    throw new Malformed(`it cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'unknown'})`);
  }
  const text = decode(bytes);
  const tree = parsed(parserOf(file), text.body);
  // A map of entries that is something else is found here, not in the middle of a change.
  for (const { at } of file.places(tree.value)) mapAt(tree.value, at);
  return { kind, file, path: file.path, mode: standing.mode & 0o777, bytes, text, tree };
}

/** Parsers call themselves for each level, and a stack has an end. */
function parsed(parse: Parse, text: string): Tree {
  try {
    return parse(text);
  } catch (thrown) {
    if (thrown instanceof RangeError) throw new Malformed('it is nested deeper than any configuration file');
    throw thrown;
  }
}

export function entriesOf(found: FoundFile): FoundEntry[] {
  return found.file.places(found.tree.value).flatMap((place) =>
    Object.entries(mapAt(found.tree.value, place.at) ?? {}).flatMap(([name, value]): FoundEntry[] => {
      const meaning = meaningOf(value, found.kind.dialect);
      if (meaning.launch.kind === 'own') return [];
      return [{ kind: found.kind, file: found, place, name, value, meaning, ours: oursOf(meaning.launch) }];
    }),
  );
}

export interface Discovery {
  readonly files: readonly FoundFile[];
  readonly entries: readonly FoundEntry[];
  readonly unreadable: readonly Unreadable[];
}

/** Looks through the files of all clients, or of those named. Never throws. */
export function discover(machine: Machine, only: readonly ClientKind[] = kinds): Discovery {
  const files: FoundFile[] = [];
  const unreadable: Unreadable[] = [];
  const seen = new Set<string>();
  for (const kind of only) {
    for (const file of kind.files(machine)) {
      // The working folder may be the home: then a project's file is the user's.
      if (seen.has(`${kind.name} ${file.path}`)) continue;
      seen.add(`${kind.name} ${file.path}`);
      try {
        const found = readClientFile(machine, kind, file);
        if (found) files.push(found);
      } catch (thrown) {
        if (!(thrown instanceof Malformed)) throw thrown;
        unreadable.push({ kind, path: file.path, why: thrown.message });
      }
    }
  }
  return { files, entries: files.flatMap(entriesOf), unreadable };
}
