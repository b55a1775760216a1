// What was gathered while the operator was away, as rows under the proof of all rules; the arguments in them are sealed.
import { GatehouseError } from '../../shared/errors.ts';
import type { EntryBody } from '../../shared/vocabulary.ts';
import type { Kept, Store } from '../mediate/gathered.ts';
import type { Tx } from '../store/draft.ts';
import type { DefinitionRow, RowOf } from '../store/rows.ts';
import type { Sealed } from './sealed-for.ts';

export interface Needs {
  readonly rows: {
    readonly gathered: ReadonlyMap<string, RowOf['gathered']>;
    readonly definition: ReadonlyMap<string, DefinitionRow>;
  };
  change(act: EntryBody, write: (tx: Tx) => void): void;
  readonly sealed: Sealed;
  report(error: unknown): void;
}

export function gatheredRows({ rows, change, sealed, report }: Needs): Store {
  const rowOf = ({ id, caller, request, shown, firstAt, lastAt, ...rest }: Kept): RowOf['gathered'] => {
    const { argumentsText, capability, ...named } = request;
    return {
      ...{ id, ...caller, ...named, capability: capability ?? '' },
      sealed: sealed.seal(id, argumentsText),
      shown: {
        ...{ ...shown, reasons: [...shown.reasons], answers: [...(shown.answers ?? [])] },
        widths: shown.widths.map((width) => ({
          ...width,
          places: [...width.places],
          capabilities: width.capabilities && [...width.capabilities],
          alsoClients: [...width.alsoClients],
        })),
      },
      ...{ ...rest, firstAt: new Date(firstAt).toISOString(), lastAt: new Date(lastAt).toISOString() },
    };
  };
  const keptOf = (row: RowOf['gathered']): Kept => {
    const { id, client, session, folder, server, capability, digest, canonicalDigest, shown, changed, definition, times } = row;
    return {
      // JSON has no undefined: what is there has a value.
      ...{ id, shown: shown as Kept['shown'], changed, definition, times, caller: { client, session, folder } },
      request: { server, capability, digest, canonicalDigest, argumentsText: sealed.open(id, row.sealed) },
      ...{ firstAt: Date.parse(row.firstAt), lastAt: Date.parse(row.lastAt) },
    };
  };
  return {
    load() {
      const all: Kept[] = [];
      for (const row of rows.gathered.values()) {
        try {
          all.push(keptOf(row));
        } catch (error) {
          report(new GatehouseError('failed', `What was gathered under ${row.id} cannot be opened.`, 'It is left out.', { cause: error }));
        }
      }
      return all.sort((a, b) => a.firstAt - b.firstAt);
    },
    save(kept, gone) {
      const [one] = kept;
      const dropped = gone.filter((id) => rows.gathered.has(id));
      if (!one && dropped.length === 0) return;
      const about = one
        ? { client: one.caller.client, server: one.request.server, capability: one.request.capability ?? '', gathered: one.id }
        : {};
      const act = one ? { type: 'gathered', ...about } : { type: 'gathered.gone', count: dropped.length };
      try {
        change(act, (tx) => {
          for (const each of kept) tx.put('gathered', rowOf(each));
          for (const id of dropped) tx.remove('gathered', id);
        });
      } catch (error) {
        // The no stands, and memory keeps it until the broker ends.
        report(error);
      }
    },
    definition: (server, capability) => rows.definition.get(`${server} ${capability}`)?.fingerprint ?? null,
  };
}
