// Which names the files of a bundle may have: the same plain relative path for every system and every reader, or none.
import { GatehouseError } from '../../shared/errors.ts';

/** Longest path in bytes, and its most folders. */
const mostBytes = 512;
const mostParts = 32;

/** What Windows opens as a device whatever folder it stands in. */
const device = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:\.|$)/i;
/** What no file name of Windows can hold, and what a person cannot see: control, format and private characters, lone surrogates. */
const unusable = /[<>:"|?*\\]|\p{Cc}|\p{Cf}|\p{Cs}|\p{Co}|\p{Cn}/u;

export function malformed(what: string): GatehouseError {
  return new GatehouseError(
    'refused',
    `This bundle was not opened: ${what}.`,
    'Nothing of it was kept. Ask whoever made it for one that is whole.',
  );
}

const shown = (name: string) => JSON.stringify(name.length > 120 ? `${name.slice(0, 120)}...` : name);

/** The parts of a path inside a bundle, without the slash at a folder's end. @throws GatehouseError refused */
export function partsOf(name: string): string[] {
  const refuse = (why: string) => malformed(`the file name ${shown(name)} ${why}`);
  const path = name.endsWith('/') ? name.slice(0, -1) : name;
  if (path === '') throw refuse('is empty');
  if (Buffer.byteLength(path) > mostBytes) throw refuse(`is longer than ${mostBytes} bytes`);
  if (path.startsWith('/')) throw refuse('is an absolute path');
  if (/^[A-Za-z]:/.test(path)) throw refuse('names a drive');
  if (unusable.test(path)) throw refuse('has a character that is no part of a portable name');
  const parts = path.split('/');
  if (parts.length > mostParts) throw refuse(`lies more than ${mostParts} folders deep`);
  for (const part of parts) {
    if (part === '' || part === '.' || part === '..') throw refuse('leads out of its folder, or into itself');
    if (/[. ]$/.test(part)) throw refuse('ends with a dot or a space, which Windows drops');
    if (device.test(part)) throw refuse('is the name of a device');
  }
  return parts;
}

/** Two names with the same fold are one file on a system that ignores case or composition. */
export const foldOf = (name: string) => name.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC');

/** Remembers names, and refuses one that is there already in any spelling, or is both a file and a folder. */
export class Names {
  readonly #kinds = new Map<string, 'file' | 'folder' | 'listed folder'>();

  /** @throws GatehouseError refused */
  add(parts: readonly string[], kind: 'file' | 'folder'): void {
    const spellings = this.#spellings;
    for (let length = 1; length <= parts.length; length++) {
      const name = parts.slice(0, length).join('/');
      const fold = foldOf(name);
      const known = this.#kinds.get(fold);
      const last = length === parts.length;
      const own = !last ? 'folder' : kind === 'file' ? 'file' : 'listed folder';
      if (known !== undefined && spellings.get(fold) !== name)
        throw malformed(`${shown(name)} and ${shown(spellings.get(fold) ?? '')} are one name on some systems`);
      if (known !== undefined && (known === 'file' || own === 'file')) throw malformed(`${shown(name)} is there twice`);
      if (known === 'listed folder' && own === 'listed folder') throw malformed(`the folder ${shown(name)} is there twice`);
      if (known !== 'listed folder') this.#kinds.set(fold, own);
      spellings.set(fold, name);
    }
  }

  readonly #spellings = new Map<string, string>();
}
