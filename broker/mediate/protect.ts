// What no grant opens: the broker's own home and addresses, in whatever argument they stand (security.md T36, T37).
import { dirname } from 'node:path';
import type { RequestFacts } from '../../shared/request-facts.ts';

export interface Own {
  /** The home folder in every form a path to it can have: as given, links resolved. */
  readonly homes: readonly string[];
  /** The operator's home folder, for `~` and `$HOME`. */
  readonly userHome: string;
  /** Where the broker listens; 0 before it does. */
  readonly port: number;
}

const folded = (text: string) => text.normalize('NFKC').replaceAll('\\', '/').toLowerCase();

/** A text as those who read it may take it: percent signs decoded, as often as they are nested. */
function readings(text: string): string[] {
  const found = [text];
  for (let at = text, depth = 0; depth < 3 && at.includes('%'); depth++) {
    // Decoded piece by piece: one bad escape must not hide the rest.
    const decoded = at.replace(/(?:%[0-9a-f]{2})+/gi, (escaped) => {
      try {
        return decodeURIComponent(escaped);
      } catch {
        return escaped;
      }
    });
    if (decoded === at) break;
    found.push(decoded);
    at = decoded;
  }
  return found.map(folded);
}

/** Every string and number of a value, names of members included. */
function leaves(value: unknown, strings: string[], numbers: number[]): void {
  if (typeof value === 'string') strings.push(value);
  else if (typeof value === 'number') numbers.push(value);
  else if (Array.isArray(value)) for (const item of value) leaves(item, strings, numbers);
  else if (typeof value === 'object' && value !== null)
    for (const [key, member] of Object.entries(value)) {
      strings.push(key);
      leaves(member, strings, numbers);
    }
}

const loopback =
  /^(?:localhost|(?:.*\.)?localhost|127(?:\.[0-9a-fx]+){0,3}|0(?:\.0){0,3}|0x7f[0-9a-f]*|017700000001|2130706433|\[?::1?\]?|\[?::ffff:.*\]?)\.?$/i;

/** Why the request is refused whatever was granted; null when it does not touch what is ours. */
export function touchesOurs(argumentsText: string, facts: () => RequestFacts, own: Own): string | null {
  if (mayName(argumentsText, own) && namesOurs(argumentsText, own)) return "It names Gatehouse's own home or address.";
  const homes = own.homes.map(folded);
  for (const { readings: paths } of facts().paths)
    for (const path of paths) if (homes.some((home) => isWithin(folded(path), home))) return "It reaches into Gatehouse's own home.";
  return null;
}

/** A destroyed or moved parent takes the home with it. */
export function holdsOurs(facts: RequestFacts, own: Own): boolean {
  const homes = own.homes.map(folded);
  return facts.paths.some(({ readings: paths }) => paths.some((path) => homes.some((home) => isWithin(home, folded(path)))));
}

const isWithin = (path: string, folder: string) => path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);

/** A cheap look, so that most requests are not read a second time: anything escaped, or a part of what is looked for. */
function mayName(text: string, own: Own): boolean {
  if (/[\\%]|[^\x20-\x7e]/.test(text)) return true;
  const lower = text.toLowerCase();
  return (own.port !== 0 && lower.includes(String(own.port))) || own.homes.some((home) => lower.includes(lastOf(home)));
}

const lastOf = (path: string) => folded(path).split('/').filter(Boolean).at(-1) ?? '/';

function namesOurs(argumentsText: string, own: Own): boolean {
  const strings: string[] = [];
  const numbers: number[] = [];
  leaves(JSON.parse(argumentsText), strings, numbers);
  const texts = strings.flatMap(readings);
  const homes = own.homes.flatMap((home) => formsOf(folded(home), folded(own.userHome)));
  if (texts.some((text) => homes.some((home) => names(text.replace(/\/(?:\.?\/)+/g, '/'), home)))) return true;
  if (own.port === 0) return false;
  // A name may lead here as well as a number does, so the port alone gives an address away.
  const ours = (port: string) => Number(port) === own.port;
  if (texts.some((text) => Array.from(text.matchAll(/:0*(\d{1,5})(?!\d)/g)).some(([, port = '']) => ours(port)))) return true;
  const alone = numbers.includes(own.port) || texts.some((text) => /^0*\d{1,5}$/.test(text) && ours(text));
  return alone && texts.some((text) => loopback.test(text));
}

/** `gatehouse-notes` beside it is another folder. */
function names(text: string, home: string): boolean {
  for (let at = text.indexOf(home); at !== -1; at = text.indexOf(home, at + 1))
    if (!/[\p{L}\p{N}_-]/u.test(text.charAt(at + home.length))) return true;
  return false;
}

/** `/home/a/.local/share/gatehouse`, `~/.local/share/gatehouse`, `$home/..`, `${home}/..`. */
function formsOf(home: string, userHome: string): string[] {
  if (!isWithin(home, userHome) || home === userHome || dirname(userHome) === userHome) return [home];
  const rest = home.slice(userHome.length);
  return [home, `~${rest}`, `$home${rest}`, `\${home}${rest}`];
}
