// Everything a scan noticed, as the operator meets it: found anew whenever rows or running servers change, silent once dismissed.
import type { Finding } from '../../shared/vocabulary.ts';
import { type Neighbour, scanNeighbours } from '../mediate/findings/neighbours.ts';
import { type Finding as Found, type Subject, scanSubject } from '../mediate/findings/scan.ts';
import { selfText } from '../mediate/pins.ts';
import type { RowOf, ServerRow, Table } from '../store/rows.ts';
import { localIdentity } from './launch.ts';
import { newPrograms } from './new-programs.ts';
import type { DefinitionNews } from './news.ts';
import { weeklyLine } from './updates.ts';

export interface Needs {
  readonly rows: { readonly [T in Table]: ReadonlyMap<string, RowOf[T]> };
  readonly news: DefinitionNews;
}

export class Findings {
  readonly #needs: Needs;
  readonly #scanned = new WeakMap<object, Found[]>();
  /** What other rooms noticed: a policy file that was edited, for one. By a name of theirs. */
  readonly #raised = new Map<string, Found>();
  #all: Finding[] | null = null;

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  /** Rows or running servers changed. */
  stale(): void {
    this.#all = null;
  }

  raise(name: string, found: Found | null): void {
    if (found) this.#raised.set(name, found);
    else this.#raised.delete(name);
    this.stale();
  }

  /** Dismissed ones included, and marked so. */
  all(): readonly Finding[] {
    this.#all ??= this.#find();
    return this.#all;
  }

  /** Findings of one capability, or (null) of the server itself, that nobody dismissed. */
  of(server: string, capability: string | null): readonly Finding[] {
    return this.all().filter((found) => found.server === server && found.capability === capability && !found.dismissed);
  }

  /** Of a definition that is not kept yet. */
  scan(server: string, capability: string, text: string): readonly Finding[] {
    return this.#listed(scanSubject({ server, capability: capability === '' ? null : capability, text }));
  }

  withholds(server: string, capability: string, text: string): boolean {
    return scanSubject({ server, capability, text }).some((found) => found.withholds);
  }

  #find(): Finding[] {
    const neighbours = [...this.#needs.rows.server.values()]
      .sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1))
      .map((row) => this.#neighbour(row));
    const found = neighbours.flatMap((own, at) => [
      ...own.subjects.flatMap((subject) => this.#scanned.get(subject) ?? this.#keep(subject)),
      ...scanNeighbours(own, neighbours.slice(0, at), neighbours.toSpliced(at, 1)),
    ]);
    const updates = weeklyLine(this.#needs.rows.server.values());
    return this.#listed([...this.#raised.values(), ...newPrograms(this.#needs.rows), ...(updates === null ? [] : [updates]), ...found]);
  }

  #keep(subject: Subject): Found[] {
    const found = scanSubject(subject);
    this.#scanned.set(subject, found);
    return found;
  }

  readonly #subjects = new WeakMap<object, Subject>();
  #subject(of: object, server: string, capability: string | null, text: string): Subject {
    const known = this.#subjects.get(of);
    if (known) return known;
    const made = { server, capability, text };
    this.#subjects.set(of, made);
    return made;
  }

  #neighbour(row: ServerRow): Neighbour {
    const subjects: Subject[] = [];
    const opening = row.openingText === null ? null : selfText(row.openingText, row.package?.name ?? null);
    if (opening !== null) subjects.push(this.#subject(row, row.name, null, opening));
    for (const definition of this.#needs.rows.definition.values())
      if (definition.server === row.name) subjects.push(this.#subject(definition, row.name, definition.capability, definition.text));
    for (const [capability, shown] of this.#needs.news.of(row.name).fresh)
      subjects.push(this.#subject(shown, row.name, capability, shown.text));
    const says = opening === null ? null : (JSON.parse(opening) as { name?: string }).name;
    return { server: row.name, identity: row.package?.name ?? (row.remote ? null : localIdentity(row)), saysItIs: says ?? null, subjects };
  }

  #listed(found: readonly Found[]): Finding[] {
    return found.map(({ withholds: _, ...rest }) => ({ ...rest, dismissed: this.#needs.rows.dismissal.has(rest.id) }));
  }
}
