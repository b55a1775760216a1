// What an entry says of a request's facts: enough for a sentence ("read 3 files in ~/code/acme"), never an argument as it was.
import { homedir } from 'node:os';
import type { RequestFacts } from '../../shared/request-facts.ts';

/** Of each kind; `more` counts the rest. */
const most = 5;

function short(path: string): string {
  const home = homedir();
  return path === home || path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}

function some(values: readonly string[]): { some: string[]; more?: number } | undefined {
  const each = [...new Set(values)];
  if (each.length === 0) return undefined;
  return { some: each.slice(0, most), ...(each.length > most ? { more: each.length - most } : {}) };
}

/** The compact form; members that would be empty are left out, and so is the whole when nothing is known. */
export function summaryOf(facts: RequestFacts): Record<string, unknown> | undefined {
  const summary = {
    paths: some(facts.paths.map(({ path }) => short(path))),
    hosts: some(facts.hosts.map(({ host }) => host)),
    repositories: some(facts.repositories.map(({ owner, name }) => (name === null ? owner : `${owner}/${name}`))),
    recipients: some(facts.recipients.map(({ recipient }) => recipient)),
    sql: some(facts.sql.flatMap(({ verbs }) => (verbs.length > 0 ? verbs : ['UNCLEAR']))),
    commands: facts.commands.length || undefined,
    contentBytes: facts.contentBytes || undefined,
    hidden: facts.hidden.length || undefined,
    secrets: some(facts.secrets),
    // Names of arguments are the client's own text, and stand masked among the entry's keys.
    unread: facts.unread.length || undefined,
  };
  const kept = Object.entries(summary).filter(([, value]) => value !== undefined);
  return kept.length > 0 ? Object.fromEntries(kept) : undefined;
}
