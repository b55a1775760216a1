// How much happened when, and between whom, as schemas: for charts of any length of time, without reading the log.
import { z } from 'zod';

const time = z.iso.datetime();
const counts = z.object({
  calls: z.number().int(),
  /** Put before the operator. */
  asked: z.number().int(),
  /** Refused by whoever, or not answered. */
  refused: z.number().int(),
  failed: z.number().int(),
});

export const tallyFilter = z.object({
  /** From the first entry, and up to now, where not given. */
  since: time.optional(),
  until: time.optional(),
  client: z.string().optional(),
  server: z.string().optional(),
  /** At most so many bars. */
  bars: z.number().int().min(1).max(400).default(72),
});

export const tally = z.object({
  from: time,
  /** Length of a bar, ms. */
  stepMs: z.number().int(),
  bars: z.array(counts),
  /** The busiest pairs first, at most 20. */
  flows: z.array(counts.extend({ client: z.string(), server: z.string() })),
});
export type Tally = z.infer<typeof tally>;
