// Guards the client files that Gatehouse changed. What became of them is told as findings and mended when the operator says so; by itself it
// only takes back rules of a client's own dialog that would let pass what does not lead here any more.
import { readFileSync } from 'node:fs';
import type { EntryBody, KeptFile } from '../../shared/vocabulary.ts';
import { changeFile } from '../clients/change.ts';
import { bytesAt, kindNamed } from '../clients/client-file.ts';
import { type Deviation, judge, looseRules, recordedFile, type Withdrawal } from '../clients/guard.ts';
import type { ClientKind } from '../clients/kind.ts';
import { type Machine, thisMachine } from '../clients/machine.ts';
import { replaceFile } from '../clients/replace-file.ts';
import { Malformed } from '../clients/tree.ts';
import { Watch } from '../clients/watch.ts';
import { finding } from '../mediate/findings/scan.ts';
import type { Findings } from './findings.ts';

export interface Needs {
  readonly kept: { list(): KeptFile[]; open(id: string): Promise<{ head: KeptFile; text: string }> };
  readonly findings: Findings;
  mcpUrl(): string;
  now(): number;
  record(act: EntryBody): unknown;
  /** The list of deviations is another one. */
  changed(): void;
  report(error: unknown): void;
}

/** An install seals first and writes then: a copy this young, ms, may be of a change that is not written yet. */
const settleMs = 4000;

/** A deviation under the id of its finding. */
export interface Noticed {
  readonly finding: string;
  readonly deviation: Deviation;
}

const titles: Readonly<Record<Deviation['kind'], string>> = {
  gone: 'An entry of Gatehouse is gone from a client',
  changed: 'A client goes past Gatehouse again',
  moved: 'An entry leads to an address where Gatehouse is not any more',
  new: 'A client has a new server that goes past Gatehouse',
  hook: 'A client does not ask any more before it uses its own tools',
};

export function wordsOf({ kind, client, entry, file }: Deviation): string {
  const where = `${client.title}, ${file.path}`;
  if (kind === 'gone') return `"${entry}" is not in its file any more, so its server cannot be reached (${where}).`;
  if (kind === 'changed') return `"${entry}" was changed and does not lead here: nothing is asked and nothing is logged (${where}).`;
  if (kind === 'moved') return `"${entry}" leads to another port (${where}).`;
  if (kind === 'new') return `"${entry}" came to be and does not lead here: nothing is asked and nothing is logged (${where}).`;
  if (entry === client.hooksOff)
    return `"${entry}" lets it run no hook: its shell and file tools are neither asked about nor logged (${where}).`;
  return `The hook is not in its file any more: its shell and file tools are neither asked about nor logged (${where}).`;
}

export class ClientGuard {
  readonly #needs: Needs;
  readonly #watch: Watch;
  readonly #machine: Machine;
  /** Opened copies: what they say of the files, by id. */
  readonly #opened = new Map<string, string | null>();
  #noticed: Noticed[] = [];
  #looking: Promise<void> = Promise.resolve();
  #closed = false;
  #later: NodeJS.Timeout | null = null;

  constructor(needs: Needs) {
    this.#needs = needs;
    const here = thisMachine();
    this.#machine = { ...here, cwd: here.home };
    this.#watch = new Watch(() => void this.look());
    this.soon();
  }

  /** A copy came or went: once what it belongs to is written. */
  soon(): void {
    if (this.#closed) return;
    if (this.#later) clearTimeout(this.#later);
    this.#later = setTimeout(() => void this.look(), settleMs + 200);
    this.#later.unref();
  }

  get noticed(): readonly Noticed[] {
    return this.#noticed;
  }

  /** Looks at every file that has a kept copy. Never rejects. */
  look(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#look()).catch(this.#needs.report);
    return this.#looking;
  }

  close(): void {
    this.#closed = true;
    if (this.#later) clearTimeout(this.#later);
    this.#watch.close();
  }

  async #look(): Promise<void> {
    if (this.#closed) return;
    const files = await this.#files();
    this.#watch.of(files.map(({ path }) => path));
    const deviations: Deviation[] = [];
    for (const client of new Set(files.map(({ kind }) => kind))) {
      const own = files.filter(({ kind }) => kind === client);
      const strayed: string[] = [];
      for (const { path, kept } of own) {
        const judged = this.#judge(client, path, kept);
        // What cannot be read just now is as it was known: to break a file takes no finding away.
        if (judged === null) {
          deviations.push(...this.#noticed.map(({ deviation }) => deviation).filter((one) => one.file.path === path));
          continue;
        }
        deviations.push(...judged.deviations);
        strayed.push(...judged.deviations.filter(({ kind }) => kind === 'gone' || kind === 'changed').map(({ entry }) => entry));
        for (const each of judged.withdrawals) this.#withdraw(client, each);
      }
      const settings = client.dialogs?.(this.#machine).file.path;
      const ofSettings = own.find(({ path }) => path === settings);
      if (ofSettings !== undefined && strayed.length > 0) {
        const loose = looseRules(client, this.#machine, ofSettings.kept, bytesAt(ofSettings.path), strayed);
        if (loose) this.#withdraw(client, loose);
      }
    }
    this.#tell(deviations);
  }

  /** Null for a file that cannot be judged now: it is looked at again when it is another one. */
  #judge(kind: ClientKind, path: string, kept: readonly string[]) {
    try {
      const format = (JSON.parse(kept.at(-1) ?? '{}') as { format: 'json' | 'toml' | 'yaml' }).format;
      return judge(kind, recordedFile(this.#machine, kind, path, format), kept, bytesAt(path), this.#needs.mcpUrl());
    } catch (thrown) {
      if (!(thrown instanceof Malformed)) this.#needs.report(thrown);
      return null;
    }
  }

  async #files(): Promise<{ kind: ClientKind; path: string; kept: string[] }[]> {
    const heads = this.#needs.kept.list();
    for (const id of this.#opened.keys()) if (!heads.some((head) => head.id === id)) this.#opened.delete(id);
    const files = new Map<string, { kind: ClientKind; path: string; kept: string[] }>();
    const young = new Set<string>();
    for (const { id } of heads) {
      const text = this.#opened.get(id) ?? (await this.#open(id));
      this.#opened.set(id, text);
      if (text === null) continue;
      const { client, path, keptAt } = JSON.parse(text) as { client: string; path: string; keptAt: string };
      if (Math.abs(this.#needs.now() - Date.parse(keptAt)) < settleMs) young.add(client);
      const known = files.get(path) ?? { kind: kindNamed(client), path, kept: [] };
      known.kept.push((JSON.parse(text) as { text: string }).text);
      files.set(path, known);
    }
    if (young.size > 0) this.soon();
    return [...files.values()].filter(({ kind }) => !young.has(kind.name));
  }

  /** Null for a copy that does not prove itself: no file is read because of it. */
  async #open(id: string): Promise<string | null> {
    try {
      const { head, text } = await this.#needs.kept.open(id);
      return JSON.stringify({ client: head.client, path: head.path, keptAt: head.keptAt, text });
    } catch (thrown) {
      this.#needs.report(thrown);
      return null;
    }
  }

  /** The only thing it writes, and it makes the client stricter: what we added to its rules goes where it does not speak of us. */
  #withdraw(kind: ClientKind, { file, edit, rule }: Withdrawal): void {
    try {
      const before = readFileSync(file.path);
      replaceFile({ path: file.path, before, after: changeFile(kind, file, before, [edit]).after });
      this.#needs.record({ type: 'client-file.rule-withdrawn', client: kind.name, path: file.path, reason: rule, decidedBy: 'gatehouse' });
    } catch (thrown) {
      this.#needs.report(thrown);
    }
  }

  #tell(deviations: readonly Deviation[]): void {
    const told = deviations.map((deviation) => ({
      deviation,
      found: finding({
        rule: `client-${deviation.kind}`,
        severity: deviation.kind === 'gone' || deviation.kind === 'moved' ? 'warning' : 'serious',
        server: '',
        capability: null,
        evidence: deviation.id,
        title: titles[deviation.kind],
        detail: `${wordsOf(deviation)} To mend it: gatehouse client mend`,
      }),
    }));
    const before = this.#noticed.map(({ finding: id }) => id);
    this.#noticed = told.map(({ deviation, found }) => ({ deviation, finding: found.id }));
    const now = this.#noticed.map(({ finding: id }) => id);
    for (const id of before) if (!now.includes(id)) this.#needs.findings.raise(`client-guard ${id}`, null);
    for (const { found } of told) this.#needs.findings.raise(`client-guard ${found.id}`, found);
    if (before.join() !== now.join()) this.#needs.changed();
  }
}
