// What came of a client's own tools, as its hook reports it after the fact: joined to the question, read for orders to the model, recorded.
// The client says it, so it is taken for a report and no more: it can only add to what the session is held to have read.
import { GatehouseError } from '../../shared/errors.ts';
import type { Caller, ServerRequest } from '../../shared/request.ts';
import type { Entry, EntryBody } from '../../shared/vocabulary.ts';
import { hookServer } from '../clients/hooks.ts';
import { readResult } from '../mediate/results.ts';
import { Quota } from './quota.ts';
import { saidOfAnswer } from './results.ts';

export interface Needs {
  record(body: EntryBody): void;
  /** The answer held words meant for the model. @throws when that cannot be written down */
  wasTold(caller: Caller, of: { readonly server: string; readonly capability: string }): void;
  now(): number;
}

/** Uses that may still be reported; the oldest are forgotten first, and a late report stands alone then. */
const mostOpen = 2_000;
const longestId = 200;

export class ToolReports {
  readonly #needs: Needs;
  readonly #asked = new Map<string, number>();
  readonly #quota: Quota;

  constructor(needs: Needs) {
    this.#needs = needs;
    this.#quota = new Quota(needs.now);
  }

  /** A use was asked about; `request` may carry the client's name for it. */
  began({ client }: Caller, { server, message }: Pick<ServerRequest, 'server' | 'message'>, { seq }: Pick<Entry, 'seq'>): void {
    const id = server === hookServer ? idOf((message.params?._meta as Record<string, unknown> | undefined)?.['gatehouse/use']) : null;
    if (id === null) return;
    const [oldest] = this.#asked.keys();
    if (this.#asked.size >= mostOpen && oldest !== undefined) this.#asked.delete(oldest);
    this.#asked.set(`${client} ${id}`, seq);
  }

  /** @throws GatehouseError refused for a report that cannot be read; what `record` throws when it cannot be written down */
  ended(caller: Caller, params: Readonly<Record<string, unknown>>): void {
    const { name, ok, durationMs, bytes, answer } = params;
    if (typeof name !== 'string' || !/^[A-Za-z]{1,40}$/.test(name) || typeof ok !== 'boolean')
      throw new GatehouseError(
        'refused',
        'This report of a tool cannot be read.',
        'Put the hooks of this client in again: gatehouse install.',
      );
    const capability = `tool:${name}`;
    const marks = readResult(answer);
    if (marks.findings.length > 0) this.#needs.wasTold(caller, { server: hookServer, capability });
    const asked = this.#taken(caller.client, idOf(params.use));
    this.#quota.take(`${caller.client} ${marks.findings.length > 0}`, (unreported) =>
      this.#needs.record({
        type: 'client-tool.ended',
        client: caller.client,
        session: caller.session,
        server: hookServer,
        capability,
        result: ok ? 'ok' : 'error',
        ...(asked === undefined ? {} : { asked }),
        ...(isCount(durationMs) ? { durationMs: Math.round(durationMs) } : {}),
        ...(isCount(bytes) ? { bytes: Math.round(bytes) } : {}),
        ...saidOfAnswer(marks),
        ...(unreported > 0 ? { unreported } : {}),
      }),
    );
  }

  /** The question that a use was; each is told of once. */
  #taken(client: string, id: string | null): number | undefined {
    if (id === null) return undefined;
    const key = `${client} ${id}`;
    const asked = this.#asked.get(key);
    this.#asked.delete(key);
    return asked;
  }
}

const idOf = (said: unknown): string | null => (typeof said === 'string' && said !== '' && said.length <= longestId ? said : null);
const isCount = (said: unknown): said is number => typeof said === 'number' && said >= 0 && said < Number.MAX_SAFE_INTEGER;
