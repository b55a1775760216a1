// Paths as facts: every place a server could make of a text, or why nobody can tell (security.md T29).
import { isAbsolute, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PathFact } from '../../../shared/request-facts.ts';
import { hidesCharacters } from './hidden.ts';
import { foldsCase, follow, isFolder } from './links.ts';

/** Where a relative path may start from, and where `~` leads. */
export interface Grounds {
  /** The server's working folder, the client's, and folders the server was started with: which of them it takes is its choice. */
  readonly bases: readonly string[];
  readonly home: string;
  readonly platform: NodeJS.Platform;
}

export type Unreadable = { readonly why: string };

/** Names that Windows takes for devices in any folder and with any extension; `CONIN$` and superscripts too. */
const device = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3])(\s*[.:].*)?$/i;
/** Where the kernel shows other processes' view of the file system, or devices. */
const kernelView = /^\/(proc|dev|sys)(\/|$)/;
/** What readers of media, archives and addresses do not take for the name of a file. */
const elsewhere =
  /^(?:[a-z][a-z0-9+.-]*:\/\/|(?:data|blob|jar|zip|phar|php|expect|glob|concat|subfile|pipe|fd|tcp|udp|unix|crypto|cache|async|ext|view-source|javascript)[:,])/i;
const longest = 4096;
const mostReadings = 64;

/** Why this text is not read as a path at all; null when it may be. */
function problem(text: string, platform: NodeJS.Platform): string | null {
  if (text === '') return 'it is empty';
  if (text.length > longest) return 'it is too long for a path';
  if (!text.isWellFormed() || /\p{Cc}/u.test(text) || hidesCharacters(text)) return 'it holds characters that do not show';
  if (text !== text.trim()) return 'it begins or ends with a blank';
  if (/[*?]|\{[^}]*(,|\.\.)[^}]*\}/.test(text)) return 'it is a pattern, which can stand for many files';
  if (/\$[({A-Za-z_]|`|%[A-Za-z_]{2,}%/.test(text)) return 'a shell could put something else in its place';
  if (/^~[^/\\]/.test(text)) return "it names another user's home";
  if (text.startsWith('-')) return 'a program could take it for an option';
  if (elsewhere.test(text)) return 'it is an address, which may lead off this machine';
  // Written so that `..` is left when somebody takes `../` or `./` out, or reads the escapes of old web servers.
  if (/(^|[\\/])\.{3,}([\\/]|$)|%u[0-9a-f]{4}/i.test(text)) return 'it can be read in more than one way';
  if (platform === 'win32') return windowsProblem(text);
  return null;
}

function windowsProblem(text: string): string | null {
  if (/^[\\/]{2}/.test(text)) return 'it names a device or another machine';
  if (/^[A-Za-z]:(?![\\/])/.test(text)) return 'it depends on the current folder of a drive';
  const names = text.replace(/^[A-Za-z]:/, '').split(/[\\/]/);
  if (names.some((name) => device.test(name))) return 'it names a device';
  if (names.some((name) => name.includes(':'))) return 'it names a stream inside a file';
  if (names.some((name) => name !== '.' && name !== '..' && /[. ]$/.test(name))) return 'Windows would drop the end of a name in it';
  return null;
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** The other texts a server could take this one for; null where that cannot be said. */
function variants(text: string, platform: NodeJS.Platform): string[] | null {
  const found = new Set([text]);
  // Decoded again and again, as a server behind a server would, until nothing changes.
  for (let at: string | null = text, rounds = 0; /%[0-9A-Fa-f]{2}/.test(at); rounds++) {
    at = decoded(at);
    if (at === null || rounds > 8 || problem(at, platform) !== null) return null;
    found.add(at);
  }
  for (const one of [...found]) {
    found.add(one.normalize('NFC'));
    found.add(one.normalize('NFD'));
    // Full-width stops and strokes become `..` and `/` for whoever folds compatibility forms.
    const compatible = one.normalize('NFKC');
    if (compatible !== one.normalize('NFC')) {
      if (problem(compatible, platform) !== null) return null;
      found.add(compatible);
    }
  }
  if (platform !== 'win32') for (const one of [...found]) if (one.includes('\\')) found.add(one.replaceAll('\\', '/'));
  return [...found];
}

/** `file:` addresses are paths; null for one of another machine or that does not read. */
function ofAddress(text: string): string | null {
  // The address reader takes steps and control characters out; who cuts off `file://` himself keeps them, and goes through links.
  if (/[\p{Cc}\\]|(^|\/)(\.|%2e){1,2}(\/|$)/iu.test(text)) return null;
  try {
    const { host, search, hash } = new URL(text);
    // What stands behind `?` and `#` is dropped by some readers and part of the name for others.
    return host === '' && search === '' && hash === '' ? fileURLToPath(text) : null;
  } catch {
    return null;
  }
}

function absolutes(text: string, { bases, home }: Grounds): string[] {
  if (text === '~' || /^~[/\\]/.test(text)) {
    // A server that does not know the sign takes it for a name; that leads somewhere only where such a folder is.
    return [join(home, text.slice(1)), ...bases.filter((base) => isFolder(join(base, '~'))).map((base) => `${base}${sep}${text}`)];
  }
  return isAbsolute(text) ? [text] : bases.map((base) => `${base}${sep}${text}`);
}

/** As the file system compares: exactly, or with case and Unicode form folded where it folds them. */
export function comparable(path: string, platform: NodeJS.Platform = process.platform): string {
  const folds = platform === 'win32' || foldsCase(path);
  return folds ? path.normalize('NFC').toLowerCase() : path;
}

/** The facts about one path argument. */
export function readPath(argument: string, given: string, grounds: Grounds): PathFact | Unreadable {
  const text = /^file:/i.test(given) ? ofAddress(given) : given;
  if (text === null) return { why: 'its address does not name one file here' };
  const wrong = problem(text, grounds.platform);
  if (wrong !== null) return { why: wrong };
  const texts = variants(text, grounds.platform);
  if (texts === null) return { why: 'it can be read in more than one way' };

  const readings = new Set<string>();
  let throughLink = false;
  let shown: string | null = null;
  for (const absolute of texts.flatMap((one) => absolutes(one, grounds))) {
    // By its text, as most servers resolve it, and as the kernel would: `link/..` is not the same for both.
    for (const candidate of new Set([resolve(absolute), absolute.includes('..') ? absolute : resolve(absolute)])) {
      const followed = follow(candidate);
      if (followed === null) {
        if (candidate !== resolve(absolute)) continue;
        return { why: 'its links do not lead to one place' };
      }
      if (kernelView.test(followed.path) || kernelView.test(resolve(absolute)))
        return { why: 'it names a device or the view of a process' };
      throughLink ||= followed.throughLink;
      shown ??= followed.path;
      readings.add(comparable(followed.path, grounds.platform));
    }
    if (readings.size > mostReadings) return { why: 'it can be read in too many ways' };
  }
  if (shown === null) return { why: 'there is no folder it could start from' };
  return { argument, path: shown, readings: [...readings], isFolder: isFolder(shown), throughLink };
}
