// Operations about questions and their remembered answers: a part of the contract.
import { z } from 'zod';
import { change, done, read } from './operation.ts';
import * as v from './vocabulary.ts';

const answer = z.object({
  id: z.string(),
  /** The `nonce` of the approval as it was shown. */
  nonce: z.string(),
});

const byId = z.object({ id: z.string() });

export const approvals = {
  list: read.output(z.array(v.approval)),
  approve: change('approval', 'grant', 'log')
    .input(
      answer.extend({
        for: v.allowFor.default('once'),
        match: v.matchChoice.default('exact'),
        /** `all`: every equal call that waits now passes, not just one. */
        calls: z.enum(['one', 'all']).default('one'),
      }),
    )
    .output(z.object({ grant: v.grant.nullable(), /** Said where the answer stored less than was asked. */ note: z.string().nullable() })),
  deny: change('approval', 'grant', 'client', 'log')
    .input(
      answer.extend({
        for: v.denyFor.default('once'),
        /** How far a remembered no reaches: the same widths as a yes has. */
        match: v.matchChoice.default('any'),
        reason: z.string().max(500).optional(),
        pauseClient: z.boolean().default(false),
      }),
    )
    .output(z.object({ grant: v.grant.nullable() })),
};

export const gathered = {
  /** What was asked and refused while the operator was away, oldest first. */
  list: read.output(z.array(v.gathered)),
  /** Makes the grant that would have covered it. `digest`: the one that was looked at. */
  allow: change('approval', 'grant', 'log')
    .input(
      z.object({
        id: z.string(),
        digest: z.string(),
        for: z.union([z.literal('always'), v.duration]).default('8h'),
        match: v.matchChoice.default('exact'),
      }),
    )
    .output(z.object({ grant: v.grant, note: z.string().nullable() })),
  /** Puts one away, or all. */
  forget: change('approval', 'log')
    .input(z.object({ id: z.string().optional() }))
    .output(done),
};

export const grants = {
  list: read.output(z.array(v.grant)),
  show: read.input(byId).output(v.grant),
  add: change('grant', 'log')
    .input(
      z.object({
        client: v.clientName,
        server: v.serverName,
        capability: v.capabilityPattern,
        match: z.enum(['any', 'exact']).default('any'),
        /** JSON text of the arguments, for `exact`. */
        argumentsText: z.string().optional(),
        for: z.union([z.literal('always'), v.duration]).default('always'),
        effect: z.enum(['allow', 'deny']).default('allow'),
      }),
    )
    .output(z.object({ grant: v.grant, note: z.string().nullable() })),
  /** The grants that would cover what a past session did; with `make` they are made. `left`: what no grant can cover. */
  fromSession: change('grant', 'log')
    .input(
      z.object({
        session: z.string(),
        for: z.union([z.literal('always'), v.duration]).default('8h'),
        /** null: anywhere; without it, the folder the session worked in. */
        folder: z.string().nullable().optional(),
        make: z.boolean().default(false),
      }),
    )
    .output(
      z.object({
        grants: z.array(v.grant),
        left: z.array(z.object({ server: z.string(), capability: z.string(), calls: z.number().int(), why: z.string() })),
        note: z.string().nullable(),
      }),
    ),
  revoke: change('grant', 'log')
    .input(z.union([byId, z.object({ client: z.string() }), z.object({ server: z.string() })]))
    .output(z.object({ revoked: z.array(z.string()) })),
};
