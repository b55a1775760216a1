// Packages that were updated and say what they said: taken over without a question, told in one line a week (security.md T04, T28).
import type { EntryBody } from '../../shared/vocabulary.ts';
import { type Finding, finding } from '../mediate/findings/scan.ts';
import { isUpdate } from '../mediate/package-change.ts';
import { type Shown, self } from '../mediate/pins.ts';
import type { Tx } from '../store/draft.ts';
import type { DefinitionRow, ServerRow } from '../store/rows.ts';
import { identityOf } from './launch.ts';

export interface Needs {
  readonly rows: { readonly server: ReadonlyMap<string, ServerRow>; readonly definition: ReadonlyMap<string, DefinitionRow> };
  readonly rules: {
    /** What was accepted of the server itself. */
    own(server: string): { readonly fingerprint: string } | null;
    change(act: EntryBody, write: (tx: Tx) => void): void;
  };
  now(): number;
  report(error: unknown): void;
}

const dayMs = 86_400_000;
/** How long an update is remembered, in ms. */
const keptMs = 30 * dayMs;

/** A process was read: where its package is a newer build, asks for nothing and says what was accepted, that build is the accepted one now. */
export function takeOver(needs: Needs, server: string, shown: ReadonlyMap<string, Shown>): void {
  const row = needs.rows.server.get(server);
  if (!row?.package || row.acceptedAt === null || row.remote) return;
  const now = identityOf(row);
  if (now === null || !isUpdate(row.package, now)) return;
  for (const [capability, { fingerprint }] of shown) {
    const accepted =
      capability === self ? needs.rules.own(server)?.fingerprint : needs.rows.definition.get(`${server} ${capability}`)?.fingerprint;
    // What nobody accepted waits by itself; what changed is held, and its review is the question.
    if (accepted !== undefined && accepted !== fingerprint) return;
  }
  const at = new Date(needs.now()).toISOString();
  const [from, to] = [row.package.version ?? '', now.version ?? ''];
  const updates = [...(row.updates ?? []).filter((each) => needs.now() - Date.parse(each.at) < keptMs), { at, from, to }].slice(-20);
  try {
    needs.rules.change({ type: 'server.updated', server, package: now.name, from, to }, (tx) =>
      tx.put('server', { ...row, package: now, updates }),
    );
  } catch (error) {
    // It stays the build that was accepted; the next reading tries again.
    needs.report(error);
  }
}

/** The line of the newest week in which anything was updated; null: none. Another week is another line, so that putting one aside lasts. */
export function weeklyLine(rows: Iterable<ServerRow>): Finding | null {
  const all = [...rows].flatMap(({ name, updates = [] }) => updates.map((update) => ({ name, week: weekOf(update.at), ...update })));
  const week = Math.max(...all.map((update) => update.week));
  const latest = all.filter((update) => update.week === week);
  if (latest.length === 0) return null;
  const servers = [...new Set(latest.map(({ name }) => name))].sort();
  const lines = servers.map((name) => {
    const own = latest.filter((update) => update.name === name);
    return `${name} ${own[0]?.from} to ${own.at(-1)?.to}`;
  });
  return finding({
    ...{ rule: 'updates', severity: 'note', server: '', capability: null, evidence: `${week}` },
    title:
      servers.length === 1 ? 'A server was updated and says what it said' : `${servers.length} servers were updated and say what they said`,
    detail: `${lines.join('; ')}. Same package, no program run at installation, same definitions. Nobody can tell offline who published it.`,
  });
}

/** Weeks since 1970, beginning on Mondays. */
const weekOf = (at: string) => Math.floor((Date.parse(at) / dayMs + 3) / 7);
