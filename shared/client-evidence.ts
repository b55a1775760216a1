// What is known of the programs that used a client's credential. It is evidence, no proof, and decides nothing.
import { z } from 'zod';

export const clientEvidence = z.object({
  via: z.enum(['connector', 'http']),
  /** Path of the program that launched the connector. Null where nothing of it is known, as always over HTTP. */
  program: z.string().nullable(),
  /** The operating system says so; false: the connector does, and such a process was there. */
  proven: z.boolean(),
  /** Its latest process, and since when that one is known. */
  pid: z.number().int().nullable(),
  since: z.iso.datetime(),
  connected: z.boolean(),
  firstSeenAt: z.iso.datetime(),
  lastSeenAt: z.iso.datetime(),
  /** Another program than the first one this client was seen with. */
  differs: z.boolean(),
  /** The finding about it, while nobody has put it aside. */
  finding: z.string().nullable(),
});
export type ClientEvidence = z.infer<typeof clientEvidence>;
