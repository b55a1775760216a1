// What the facts of a request add to its prompt: reasons, rows, and whether it may be allowed for good.
import type { Nature, RequestFacts } from '../../shared/request-facts.ts';
import type { Approval } from '../../shared/vocabulary.ts';
import { shortPath } from './ladder.ts';

type FactRow = NonNullable<Approval['facts']>[number];

const few = (names: readonly string[]) => `${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`;

/** Why it deserves a second look; hidden characters and labels are told elsewhere (present.ts, weigh.ts). */
export function reasonsOf(facts: RequestFacts, nature: Nature): string[] {
  const reasons: string[] = [];
  if (nature === 'run' || facts.commands.length > 0) reasons.push('It runs what its arguments say');
  if (facts.secrets.length > 0) reasons.push(`Its arguments hold your secret ${few(facts.secrets)}`);
  const [unread] = facts.unread;
  if (unread) {
    const rest = facts.unread.length > 1 ? `, and ${facts.unread.length - 1} more like it` : '';
    reasons.push(
      `Nobody can tell what ${unread.argument === '' ? 'all of it' : JSON.stringify(unread.argument)} names: ${unread.why}${rest}`,
    );
  }
  if (facts.paths.some(({ throughLink }) => throughLink)) {
    reasons.push('Its path goes through a link, which could point elsewhere by the time it is used; only a sandbox would close that');
  }
  return reasons;
}

/** Running something, or handing out a secret, is never a matter of one reason among others. */
export function isGrave(facts: RequestFacts, nature: Nature): boolean {
  return nature === 'run' || facts.commands.length > 0 || facts.secrets.length > 0;
}

/** Outward and destructive capabilities are bound to the working folder, and never allowed for good (security.md T40 and section 2). */
export const isBound = (nature: Nature): boolean => nature === 'send' || nature === 'destroy' || nature === 'run';

const mostRows = 3;

/** Rows that say in one place what the arguments name, as it was understood. */
export function rowsOf(facts: RequestFacts, home: string): FactRow[] {
  const rows: FactRow[] = [];
  const add = (name: string, each: readonly string[]) => {
    for (const value of each.slice(0, mostRows)) rows.push({ name, value });
    if (each.length > mostRows) rows.push({ name, value: `and ${each.length - mostRows} more` });
  };
  // No row stands for an argument: what was understood stands beside what was written.
  add('Where', [
    ...facts.paths.map(({ path }) => shortPath(path, home)),
    ...facts.hosts.map(({ host }) => host),
    ...facts.repositories.map(({ owner, name }) => (name === null ? owner : `${owner}/${name}`)),
  ]);
  add(
    'To',
    facts.recipients.map(({ recipient }) => recipient),
  );
  const verbs = [...new Set(facts.sql.flatMap((each) => each.verbs))];
  if (facts.sql.length > 0) rows.push({ name: 'SQL', value: verbs.length > 0 ? few(verbs) : 'unclear' });
  return rows;
}
