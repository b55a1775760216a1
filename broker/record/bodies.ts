// What was asked and answered, word for word but masked, cut and sealed: records of the chain that only `get` opens again.
import type { Entry } from '../../shared/vocabulary.ts';
import { cutBody } from './cut.ts';
import type { Facts } from './facts.ts';
import type { Mask } from './mask.ts';
import type { DaySeals } from './seal.ts';

export type Part = 'request' | 'reply';

export class Bodies {
  readonly #seals: DaySeals;
  readonly #mask: Mask;

  constructor(seals: DaySeals, mask: Mask) {
    this.#seals = seals;
    this.#mask = mask;
  }

  /** The record that holds `text`, to be chained. `asked`: seq of the request it belongs to. @throws when a key cannot be kept */
  record(part: Part, asked: number, text: string, now: number): Facts & { readonly bytes: number } {
    const day = new Date(now).toISOString().slice(0, 10);
    const { kept, bytes, cut } = cutBody(text, this.#mask);
    const sealed = this.#seals.seal(day, `${asked}|${part}`, kept);
    return { type: 'body', asked, part, day, bytes, ...(cut ? { cut } : {}), sealed };
  }

  /** Null where there is none. @throws when its key is gone or it is not what was written */
  open(records: readonly Entry[], part: Part): string | null {
    const record = records.find((entry) => entry.part === part);
    return record ? this.#seals.open(String(record.day), `${record.asked}|${part}`, String(record.sealed)) : null;
  }
}
