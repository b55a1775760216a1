// A package that is another build than the accepted one: an update that nobody need look at, or a reason to hold its server (T04, T28).

/** What is known of an installed package; more than the name only where its installer wrote it down. */
export interface Build {
  readonly name: string;
  readonly version: string | null;
  readonly integrity?: string | null | undefined;
  readonly scripts?: boolean | undefined;
}

/** Why this build must be looked at; null where it is the accepted one, or an ordinary update. */
export function oddBuild(accepted: Build, now: Build): string | null {
  if (accepted.name !== now.name) return 'another package';
  if (now.scripts === true && accepted.scripts === false) return 'it now runs a program when it is installed';
  if (accepted.version === null || now.version === null) return null;
  if (accepted.version === now.version)
    return accepted.integrity && now.integrity && accepted.integrity !== now.integrity ? 'the same version with other contents' : null;
  return isOlder(now.version, accepted.version) ? 'an older version than was accepted' : null;
}

/** Is it another build than the accepted one, and no reason to look? */
export const isUpdate = (accepted: Build, now: Build): boolean =>
  accepted.version !== null && now.version !== null && accepted.version !== now.version && oddBuild(accepted, now) === null;

/** What the pin of a server says of its package: its name, and why it must be looked at. Versions come and go. */
export function packageSays(accepted: Build | null | undefined, now: Build | null): string | null {
  if (now === null || !accepted || accepted.name !== now.name) return now?.name ?? null;
  const why = oddBuild(accepted, now);
  return why === null ? now.name : `${now.name} ${now.version} (${why})`;
}

/** By the numbers of semantic versions; a release is newer than what led to it. Anything else counts as newer. */
function isOlder(version: string, than: string): boolean {
  const [a, b] = [numbers(version), numbers(than)];
  if (a === null || b === null) return false;
  for (let at = 0; at < 3; at++) if (a.parts[at] !== b.parts[at]) return (a.parts[at] ?? 0) < (b.parts[at] ?? 0);
  return a.before && !b.before;
}

function numbers(version: string): { parts: number[]; before: boolean } | null {
  const match = /^(\d{1,9})\.(\d{1,9})\.(\d{1,9})(-[^+]+)?(?:\+.*)?$/.exec(version);
  return match ? { parts: match.slice(1, 4).map(Number), before: match[4] !== undefined } : null;
}
