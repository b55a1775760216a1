// Where a server came from, when it was not typed by hand.
import { z } from 'zod';

export const origin = z.object({
  /** Its program was unpacked from a bundle: the hash of that file, and of the list of its files. */
  bundle: z.object({ sha256: z.string(), tree: z.string(), name: z.string(), version: z.string() }).nullable(),
  registry: z.object({ address: z.string(), id: z.string(), version: z.string() }).nullable(),
  /** The package of npm it runs, and the integrity of its contents as npm had it when it was added; missing in older rows. */
  npm: z.object({ name: z.string(), version: z.string(), integrity: z.string() }).nullable().optional(),
});
