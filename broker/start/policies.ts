// The policies of a home: rows under a proof, files beside them for people, the chosen set, and what they would have said before.
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Caller, ServerRequest } from '../../shared/request.ts';
import type { Nature, RequestFacts } from '../../shared/request-facts.ts';
import type { Entry, Label } from '../../shared/vocabulary.ts';
import { comparable } from '../mediate/facts/paths.ts';
import { finding } from '../mediate/findings/scan.ts';
import { type Checked, check } from '../mediate/policy/engine.ts';
import { Policies, type PolicyVerdict } from '../mediate/policy/policies.ts';
import type { Compiled } from '../mediate/policy/scopes.ts';
import { settingOf } from '../operate/settings.ts';
import type { RowOf, Table } from '../store/rows.ts';
import type { Findings } from './findings.ts';

export interface Needs {
  readonly home: string;
  readonly rows: { readonly [T in Table]: ReadonlyMap<string, RowOf[T]> };
  readonly findings: Findings;
  readonly touched: {
    of(server: string, capability: string): Label[];
    held(client: string, session: string): Label[];
    path(caller: Caller, request: ServerRequest): unknown;
  };
  readonly requestFacts: { of(caller: Caller, request: ServerRequest): RequestFacts; nature(server: string, capability: string): Nature };
  now(): number;
  report(error: unknown): void;
}

const sets = join(import.meta.dirname, '..', 'mediate', 'policy', 'sets');
/** What the engine makes of the shipped sets, kept beside them so that a start need not load it (test/mediate/policy compares). */
const compiledSets = JSON.parse(readFileSync(join(sets, 'compiled.json'), 'utf8')) as Record<string, Compiled[]>;
/** How often files are compared with what is in force, in milliseconds. */
const lookMs = 10_000;

/** A working folder in the form that readings of paths have; as given where it cannot be followed. */
export function resolvedFolder(folder: string): string {
  try {
    return comparable(realpathSync(folder));
  } catch {
    return comparable(folder);
  }
}

export const setNames: readonly string[] = Object.keys(compiledSets);
export const compiledSet = (name: string): readonly Compiled[] => compiledSets[name] ?? [];
export const setText = (name: string): string => readFileSync(join(sets, `${name}.cedar`), 'utf8');

export class PolicyBook {
  readonly #needs: Needs;
  readonly inForce = new Policies();
  readonly #folder: string;
  readonly #timer: NodeJS.Timeout;
  #edited = '';

  constructor(needs: Needs) {
    this.#needs = needs;
    this.#folder = join(needs.home, 'policies');
    this.reload();
    this.compareFiles();
    this.#timer = setInterval(() => this.compareFiles(), lookMs);
    this.#timer.unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  get set(): string {
    return settingOf(this.#needs.rows.setting, 'policy.set');
  }

  /** Rows or the chosen set changed. What cannot be read denies everything it could speak of, rather than fall away. */
  reload(): void {
    this.inForce.replace([...compiledSet(this.set), ...this.#own()]);
  }

  #own(): Compiled[] {
    return [...this.#needs.rows.policy.values()].flatMap(({ compiled }) => JSON.parse(compiled) as Compiled[]);
  }

  check(name: string, text: string): Checked {
    return check(name, text);
  }

  /** Writes the files that people read; they decide nothing. */
  writeFiles(): void {
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      for (const { name, text } of this.#needs.rows.policy.values()) {
        const path = join(this.#folder, `${name}.cedar`);
        writeFileSync(path, text, { mode: 0o600 });
        chmodSync(path, 0o600);
      }
    } catch (error) {
      this.#needs.report(error);
    }
    this.compareFiles();
  }

  removeFile(name: string): void {
    rmSync(join(this.#folder, `${name}.cedar`), { force: true });
    this.compareFiles();
  }

  /** A file that is not what is in force was edited by hand: it is not followed, and the operator is told. */
  compareFiles(): void {
    const rows = this.#needs.rows.policy;
    const wrong: string[] = [];
    try {
      const files = existsSync(this.#folder) ? readdirSync(this.#folder).filter((file) => file.endsWith('.cedar')) : [];
      for (const { name, text } of rows.values()) {
        const path = join(this.#folder, `${name}.cedar`);
        if (!existsSync(path)) wrong.push(`${name}.cedar is gone`);
        else if (readFileSync(path, 'utf8') !== text) wrong.push(`${name}.cedar was edited`);
      }
      for (const file of files) if (!rows.has(file.slice(0, -'.cedar'.length))) wrong.push(`${file} was put there`);
    } catch (error) {
      wrong.push(`the folder cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
    }
    const detail = wrong.join(', ');
    if (detail === this.#edited) return;
    this.#edited = detail;
    this.#needs.findings.raise(
      'policy-files',
      detail === ''
        ? null
        : finding({
            ...{ rule: 'policy-edited', severity: 'serious', server: '', capability: null, evidence: detail },
            title: 'A policy file was changed by something other than Gatehouse',
            detail: `${detail}. It is not followed; what you added last stays in force. To take it over: gatehouse policy add FILE`,
          }),
    );
  }

  /** What the policies say of this request now. */
  verdict(caller: Caller, request: ServerRequest): PolicyVerdict | null {
    return this.verdictOf(this.inForce, caller, request);
  }

  verdictOf(policies: Policies, caller: Caller, request: ServerRequest): PolicyVerdict | null {
    const { touched, requestFacts, now } = this.#needs;
    const { server, capability } = request;
    if (capability === null || !request.mediated) return null;
    return policies.verdict({
      client: caller.client,
      server,
      capability,
      about: () => ({
        capability,
        nature: requestFacts.nature(server, capability),
        labels: touched.of(server, capability),
        sessionLabels: touched.held(caller.client, caller.session),
        completesFlow: touched.path(caller, request) !== null,
        facts: requestFacts.of(caller, request),
        folder: caller.folder === null ? null : resolvedFolder(caller.folder),
        at: now(),
      }),
    });
  }

  /** The policies as they would be: with `name` saying `compiled` (null: without it). */
  wouldBe(name: string, compiled: readonly Compiled[] | null): Policies {
    const others = this.inForce.all.filter(({ id }) => !id.startsWith(`${name}/`));
    const would = new Policies();
    would.replace([...others, ...(compiled ?? [])]);
    return would;
  }
}

/** A request of the log as a request again: masked, without a connection, but with the same shape. */
export function requestOf(entry: Entry, argumentsText: string): { caller: Caller; request: ServerRequest } | null {
  const { client, server, capability, session } = entry;
  if (client === undefined || server === undefined || capability === undefined) return null;
  const message = { text: '', kind: 'request', id: 0, method: String(entry.method ?? ''), value: {} } as const;
  return {
    caller: { client, session: session ?? '', connection: '', folder: null, via: 'http' },
    request: { message, server, outgoing: '', capability, mediated: true, argumentsText, digest: '', canonicalDigest: '' },
  };
}
