// Tries a server out: what it offers to a client that can everything, and which of it depends on what a client can.

import type { Era } from '../../shared/message.ts';
import type { Launch } from '../forward/needs.ts';
import type { Pool } from '../forward/pool.ts';

interface Offered {
  readonly era: Era;
  readonly openingText: string;
  readonly definitions: readonly { readonly capability: string; readonly text: string; readonly needs: readonly string[] }[];
}

const sampling = { sampling: {} };
const elicitation = { elicitation: { form: {} } };
const everything = {
  roots: { listChanged: true },
  sampling: { context: {}, tools: {} },
  elicitation: { form: {}, url: {} },
  tasks: { list: {}, cancel: {}, requests: { sampling: { createMessage: {} }, elicitation: { create: {} } } },
};

/** Smallest first: a definition needs the first of these with which it is there. */
const steps: readonly { readonly capabilities: object; readonly needs: readonly string[] }[] = [
  { capabilities: { roots: { listChanged: true } }, needs: ['roots'] },
  { capabilities: sampling, needs: ['sampling'] },
  { capabilities: elicitation, needs: ['elicitation'] },
  { capabilities: { elicitation: { form: {}, url: {} } }, needs: ['elicitation.url'] },
  {
    capabilities: { ...sampling, tasks: { requests: { sampling: { createMessage: {} } } } },
    needs: ['sampling', 'tasks.requests.sampling'],
  },
  {
    capabilities: { ...elicitation, tasks: { requests: { elicitation: { create: {} } } } },
    needs: ['elicitation', 'tasks.requests.elicitation'],
  },
];
const allNeeds = [...new Set(steps.flatMap((step) => step.needs))];

/**
 * Starts the server alone, once for all it has and once as a plain client; only where the two differ again, step by step.
 * Servers such as server-everything list some tools only to clients that declare sampling, elicitation or roots.
 * @throws StartFailed
 */
export async function tryOut(pool: Pool, launch: Launch): Promise<Offered> {
  const [full, plain] = await Promise.all([pool.probe(launch, everything), pool.probe(launch, {})]);
  // What a stateless server offers does not hang on what one request says its client can do; it says so when that request comes.
  if (full.era === 'stateless') return { ...full, definitions: full.definitions.map((one) => ({ ...one, needs: [] })) };
  const always = new Set(plain.definitions.map((definition) => definition.capability));
  const conditional = full.definitions.filter((definition) => !always.has(definition.capability));
  const needs = new Map<string, readonly string[]>();
  if (conditional.length > 0) {
    const shown = await Promise.all(steps.map((step) => pool.probe(launch, step.capabilities)));
    steps.forEach((step, at) => {
      for (const { capability } of shown[at]?.definitions ?? [])
        if (!always.has(capability) && !needs.has(capability)) needs.set(capability, step.needs);
    });
  }
  // What only plain clients are offered exists too (fallbacks for clients that can less).
  const offeredInFull = new Set(full.definitions.map((definition) => definition.capability));
  const definitions = [...full.definitions, ...plain.definitions.filter((definition) => !offeredInFull.has(definition.capability))];
  return {
    era: full.era,
    openingText: full.openingText,
    definitions: definitions.map(({ capability, text }) => ({
      capability,
      text,
      needs: always.has(capability) ? [] : (needs.get(capability) ?? allNeeds),
    })),
  };
}
