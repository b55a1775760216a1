// What one operator operation is made of: who may call it, what it makes stale, and the one error shape of this border.
import { oc } from '@orpc/contract';
import { z } from 'zod';

export const topics = [
  'approval',
  'grant',
  'server',
  'client',
  'secret',
  'session',
  'setting',
  'status',
  'log',
  'finding',
  'policy',
  'setup',
] as const;
export type Topic = (typeof topics)[number];

/** Who may call: `anyone` who reaches the door (it reveals nothing and can only make things stricter), or the `operator`. */
export type Meta = {
  caller: 'anyone' | 'operator';
  changes: readonly Topic[] /** Longest call, where it is more than usual. */;
  bodyBytes?: number;
};

/** The one error shape on this border; `code` is from shared/errors.ts. */
const operation = oc
  .$meta<Meta>({ caller: 'operator', changes: [] })
  .errors({ GATEHOUSE: { status: 400, data: z.object({ code: z.string(), hint: z.string() }) } });

export const read = operation;
export const open = operation.meta({ caller: 'anyone', changes: [] });
export const change = (...changes: Topic[]) => operation.meta({ caller: 'operator', changes });
export const done = z.object({ ok: z.literal(true) });
