// Which programs use each client's credential: a row that grows when a program is new, and what is known of those that are here now.
//
// It decides nothing. When a program was last seen is written once a day and at the end, because each write is a change of the rules and
// an entry in the log; a broker that is killed forgets at most a day of it, and never a program.
import type { Client, EntryBody } from '../../shared/vocabulary.ts';
import { keptPath } from '../identify/program.ts';
import type { Tx } from '../store/draft.ts';
import type { ClientRow, RowOf } from '../store/rows.ts';
import { differs, newProgram, type Way, wayKey } from './new-programs.ts';
import type { Launcher } from './peers.ts';
import { Quota } from './quota.ts';

export interface Needs {
  readonly rows: { readonly client: ReadonlyMap<string, ClientRow>; readonly evidence: ReadonlyMap<string, RowOf['evidence']> };
  /** False: the rows do not verify, so none may be written. */
  sound(): boolean;
  change(act: EntryBody, write: (tx: Tx) => void): void;
  changed(): void;
  now(): number;
  report(error: unknown): void;
}

/** Ways kept for each client. */
const most = 16;
const dayMs = 24 * 3_600_000;
const minuteMs = 60_000;

interface Live {
  readonly pairedAt: string;
  way: Way;
  /** Its connectors that are connected. */
  open: number;
}

export class ProgramEvidence {
  readonly #needs: Needs;
  /** Newer than the rows: by client and way. */
  readonly #live = new Map<string, Live>();
  readonly #quota: Quota;

  constructor(needs: Needs) {
    this.#needs = needs;
    this.#quota = new Quota(needs.now);
  }

  /** A connector of this client proved itself. The function it returns says that it is gone. */
  cameFrom(client: string, launcher: Launcher | null): () => void {
    const live = this.#seen(client, {
      via: 'connector',
      program: launcher?.program == null ? null : keptPath(launcher.program),
      proven: launcher?.proven ?? false,
      pid: launcher?.pid ?? null,
      startedAt: launcher?.startedAt ?? null,
    });
    if (live === null) return () => {};
    live.open++;
    this.#needs.changed();
    return () => {
      live.open--;
      live.way = { ...live.way, lastAt: this.#iso() };
    };
  }

  /** Nothing is known of a process here: whoever has the token may come. */
  overHttp(client: string): void {
    this.#seen(client, { via: 'http', program: null, proven: false, pid: null, startedAt: null });
  }

  /** `httpHere`: a connection over HTTP is open. */
  of(client: string, httpHere: () => boolean): Client['evidence'] {
    const row = this.#needs.rows.client.get(client);
    if (!row) return [];
    const ways = this.#ways(row);
    return ways.map((way) => {
      const live = this.#liveOf(row, way);
      const { via, program, proven, pid, since, lastAt } = live?.way ?? way;
      return {
        ...{ via, program, proven, pid, since },
        connected: via === 'http' ? httpHere() : (live?.open ?? 0) > 0,
        firstSeenAt: way.firstAt,
        lastSeenAt: lastAt,
        differs: differs(way, ways),
        finding: newProgram(row, way, ways)?.id ?? null,
      };
    });
  }

  /** ms since 1970; null: never. */
  lastSeen(client: string): number | null {
    const times = this.of(client, () => false).map(({ lastSeenAt }) => Date.parse(lastSeenAt));
    return times.length === 0 ? null : Math.max(...times);
  }

  /** Writes down when and where programs were last seen, where the rows are older than that. Never throws. */
  flush(): void {
    const older = [...this.#needs.rows.client.values()].flatMap((row) => {
      const before = this.#ways(row);
      const after = before.map((way) => this.#liveOf(row, way)?.way ?? way);
      const late = before.some(({ lastAt, program }, at) => {
        const now = after[at];
        return now && (now.program !== program || Date.parse(now.lastAt) - Date.parse(lastAt) > minuteMs);
      });
      return late ? [{ client: row.name, pairedAt: row.createdAt, ways: after }] : [];
    });
    if (older.length > 0) this.#write({ type: 'client.seen', count: older.length }, older);
  }

  #seen(client: string, came: Omit<Way, 'since' | 'firstAt' | 'lastAt'>): Live | null {
    const row = this.#needs.rows.client.get(client);
    if (!row || row.state === 'revoked') return null;
    const lastAt = this.#iso();
    const ways = this.#ways(row);
    const key = wayKey(came);
    const kept = ways.find((way) => wayKey(way) === key);
    const live = this.#liveOf(row, came);
    const before = live?.way ?? kept;
    const same = came.pid !== null && before?.pid === came.pid && before.startedAt === came.startedAt;
    const way: Way = { ...came, since: same ? before.since : lastAt, firstAt: kept?.firstAt ?? lastAt, lastAt };
    if (!kept) this.#add(row, ways, way);
    else if (Date.parse(lastAt) - Date.parse(kept.lastAt) >= dayMs) {
      const next = ways.map((each) => (each === kept ? way : each));
      this.#write({ type: 'client.seen', client }, [{ client, pairedAt: row.createdAt, ways: next }]);
    }
    const now: Live = live ?? { pairedAt: row.createdAt, way, open: 0 };
    now.way = way;
    this.#live.set(`${client} ${key}`, now);
    return now;
  }

  /** A token that many programs use makes as many findings as are kept, and so many entries in a minute. */
  #add({ name: client, createdAt: pairedAt }: ClientRow, ways: readonly Way[], way: Way): void {
    const next = bounded([...ways, way]);
    const type = way.via === 'http' ? 'client.http' : differs(way, next) ? 'client.program-new' : 'client.program';
    const program = way.program === null ? {} : { program: way.program };
    this.#quota.take(client, (unreported) => {
      this.#write({ type, client, via: way.via, ...program, ...(unreported > 0 ? { unreported } : {}) }, [
        { client, pairedAt, ways: next },
      ]);
      this.#needs.changed();
    });
  }

  #write(act: EntryBody, rows: readonly RowOf['evidence'][]): void {
    if (!this.#needs.sound()) return;
    try {
      this.#needs.change(act, (tx) => {
        for (const row of rows) tx.put('evidence', row);
      });
    } catch (error) {
      // It is tried again when the client comes again; nothing waits for it.
      this.#needs.report(error);
    }
  }

  #ways({ name, createdAt }: ClientRow): readonly Way[] {
    const row = this.#needs.rows.evidence.get(name);
    return row?.pairedAt === createdAt ? row.ways : [];
  }

  #liveOf({ name, createdAt }: ClientRow, way: Pick<Way, 'via' | 'program'>): Live | undefined {
    const live = this.#live.get(`${name} ${wayKey(way)}`);
    return live?.pairedAt === createdAt ? live : undefined;
  }

  #iso(): string {
    return new Date(this.#needs.now()).toISOString();
  }
}

/** Where there is no room, what was not seen for longest goes: never the newest, nor the first, which the others are compared with. */
function bounded(ways: Way[]): Way[] {
  if (ways.length <= most) return ways;
  const first = ways.find(({ program }) => program !== null);
  const [oldest] = ways
    .slice(0, -1)
    .filter((way) => way !== first)
    .sort((a, b) => Date.parse(a.lastAt) - Date.parse(b.lastAt));
  return ways.filter((way) => way !== oldest);
}
