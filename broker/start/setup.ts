// Setting up from a page, in the broker's own environment: its user's client files, found as a command in the home folder would find them.
import { ORPCError } from '@orpc/client';
import { type ErrorCode, exitCodes, GatehouseError } from '../../shared/errors.ts';
import type { DeviationShown, ImportRow } from '../../shared/setup-contract.ts';
import { bringIn, previewImport, shownElse } from '../clients/bring-in.ts';
import type { BrokerLink } from '../clients/broker-link.ts';
import { discover } from '../clients/discover.ts';
import type { Deviation } from '../clients/guard.ts';
import { type Machine, thisMachine } from '../clients/machine.ts';
import { mendChange, putRight } from '../clients/mend.ts';
import { differenceLines } from '../clients/preview.ts';
import { keeperOf, planBack, putBack } from '../clients/put-back.ts';
import { planBetween, writeBetween } from '../clients/put-between.ts';
import { scan } from '../clients/scan.ts';
import type { SetupPart } from '../operate/setup-part.ts';
import { type ClientGuard, wordsOf } from './client-guard.ts';
import { inTurn } from './in-turn.ts';

type Api = BrokerLink['api'];

/** `changed`: rows came to be while a long operation still runs. */
export function createSetup(home: string, guard: ClientGuard, dismissed: (finding: string) => boolean, changed: () => void): SetupPart {
  // Where the broker was started says nothing of which project is meant.
  const machine = (): Machine => {
    const here = thisMachine();
    return { ...here, cwd: here.home };
  };
  const link = (api: Api): BrokerLink => ({ api, home, told });
  // One at a time: what was shown must still hold when it is done.
  const alone = inTurn();
  return {
    look: () => scan(machine()),
    async previewImport(api) {
      const here = machine();
      const { rows, unreadable, digest } = await previewImport(link(api), here, discover(here));
      return { digest, rows: [...rows], unreadable: unreadable.map(({ path, why }) => ({ path, why })) };
    },
    async *import(api, { digest, accept, servers }, signal) {
      const here = machine();
      const rows = new Rows();
      let left = false;
      void alone(async () => {
        const { plan, digest: now } = await previewImport(link(api), here, discover(here));
        if (now !== digest) throw shownElse();
        await bringIn(link(api), plan, {
          accept,
          only: servers,
          onRow(row) {
            rows.push(row);
            changed();
          },
          stopped: () => left || signal?.aborted === true,
        });
      }).then(
        () => rows.end(null),
        (thrown: unknown) => rows.end(told(thrown)),
      );
      try {
        yield* rows.read();
      } finally {
        left = true;
      }
    },
    async previewInstall(api, wish) {
      return (await planBetween(link(api), machine(), wish, true)).preview;
    },
    install: (api, wish) =>
      alone(async () => {
        const here = machine();
        const shown = await planBetween(link(api), here, wish, true);
        if (shown.preview.digest !== wish.digest) throw shownElse();
        return writeBetween(link(api), here, await planBetween(link(api), here, wish, false));
      }),
    async deviations() {
      await guard.look();
      return guard.noticed.map(({ finding, deviation }) => ({ ...shownAs(deviation), finding, dismissed: dismissed(finding) }));
    },
    mend: (api, finding) =>
      alone(async () => {
        await guard.look();
        const noticed = guard.noticed.find((one) => one.finding === finding);
        if (!noticed) throw shownElse();
        const done = await putRight(link(api), machine(), noticed.deviation);
        await guard.look();
        return done;
      }),
    async previewUndo(api, client) {
      return (await planBack(keeperOf(link(api)), client)).preview;
    },
    undo: (api, { client, digest, current }) =>
      alone(async () => {
        const keeper = keeperOf(link(api));
        const plan = await planBack(keeper, client);
        if (plan.preview.digest !== digest) throw shownElse();
        return putBack(keeper, plan, current);
      }),
  };
}

function shownAs(deviation: Deviation): Omit<DeviationShown, 'finding' | 'dismissed'> {
  const { kind, client, file, entry, found } = deviation;
  const change = mendChange(deviation);
  const fresh =
    kind !== 'new' || found === null
      ? []
      : differenceLines(client, [{ at: found.place.at, name: entry, before: null, after: found.value }]);
  return {
    kind,
    client: client.name,
    title: client.title,
    path: file.path,
    entry,
    says: wordsOf(deviation),
    difference: change === null ? [] : differenceLines(client, change.edits),
    starts: fresh
      .slice(1)
      .map((line) => line.slice(4))
      .join('\n'),
  };
}

/** Rows on their way from who makes them to who reads them. */
class Rows {
  readonly #waiting: ImportRow[] = [];
  #ended: { error: GatehouseError | null } | null = null;
  #wake: () => void = () => {};

  push(row: ImportRow): void {
    this.#waiting.push(row);
    this.#wake();
  }

  end(error: GatehouseError | null): void {
    this.#ended = { error };
    this.#wake();
  }

  async *read(): AsyncGenerator<ImportRow, void, void> {
    for (;;) {
      const next = this.#waiting.shift();
      if (next !== undefined) yield next;
      else if (this.#ended !== null) {
        if (this.#ended.error !== null) throw this.#ended.error;
        return;
      } else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }
}

/** Errors of the inner calls come as they were thrown, or in the shape they have at the door. */
function told(thrown: unknown): GatehouseError {
  if (thrown instanceof GatehouseError) return thrown;
  if (thrown instanceof ORPCError && thrown.code === 'GATEHOUSE') {
    const { code, hint } = thrown.data as { code: ErrorCode; hint: string };
    return new GatehouseError(Object.hasOwn(exitCodes, code) ? code : 'failed', thrown.message, hint, { cause: thrown });
  }
  const why = thrown instanceof Error ? thrown.message : String(thrown);
  return new GatehouseError('failed', `This failed because of a fault in Gatehouse: ${why}.`, 'Please report it.', { cause: thrown });
}
