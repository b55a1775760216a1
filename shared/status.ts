// How the broker is doing, for whoever asks.
import { z } from 'zod';

export const status = z.object({
  version: z.string(),
  pid: z.number().int(),
  uptimeMs: z.number(),
  locked: z.boolean(),
  /** Why, when locked. */
  lockedReason: z.string().nullable(),
  /** Until when everything is refused; null when it is not. */
  pausedUntil: z.iso.datetime().nullable().optional(),
  mcp: z.string(),
  pending: z.number().int(),
  clients: z.number().int(),
  servers: z.number().int(),
  vault: z.enum(['keychain', 'sealed-file']),
  /** True when the operator proves presence by PIN or by the operating system. */
  protected: z.boolean(),
});
export type Status = z.infer<typeof status>;
