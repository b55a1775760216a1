// Seventeen real servers: silent in the scan, and every change of meaning held while order and white space never are.
import { expect, test } from 'vitest';
import { scanNeighbours } from '../../../broker/mediate/findings/neighbours.ts';
import { scanSubject } from '../../../broker/mediate/findings/scan.ts';
import { fingerprint, selfText } from '../../../broker/mediate/pins.ts';
import { canonicalText } from '../../../broker/wire/canonical.ts';
import { type Definition, realServers } from '../../support/real-servers.ts';
import { scale } from '../../support/scale.ts';

const servers = realServers();

test('at most 1% of the definitions of real servers are flagged', () => {
  const flagged: string[] = [];
  let count = 0;
  servers.forEach((own, at) => {
    for (const subject of own.subjects) {
      count++;
      for (const found of scanSubject(subject)) flagged.push(`${own.server} ${subject.capability}: ${found.rule}, ${found.detail}`);
    }
    for (const found of scanNeighbours(own, servers.slice(0, at), servers.toSpliced(at, 1)))
      flagged.push(`${own.server} ${found.capability}: ${found.rule}, ${found.detail}`);
  });
  console.log(`${count} definitions of ${servers.length} real servers: ${flagged.length} findings ${flagged.join('; ')}`);
  expect(servers.length).toBeGreaterThanOrEqual(10);
  expect(count).toBeGreaterThan(200);
  expect(flagged.length / count).toBeLessThanOrEqual(0.01);
});

const withSchema = (tool: Definition, change: (schema: Record<string, unknown>) => void): Definition => {
  const copy = structuredClone(tool) as Definition & { inputSchema: Record<string, unknown> };
  change(copy.inputSchema);
  return copy;
};
const firstOf = (tool: Definition) => Object.keys(tool.inputSchema.properties ?? {})[0];

/** Each changes what a tool says or does; null where it has nothing of the kind. */
const mutations: Record<string, (tool: Definition) => unknown> = {
  'a word more in the description': (tool) => ({ ...tool, description: `${tool.description ?? ''} Also reads mail.` }),
  'one letter of the description': (tool) => (tool.description ? { ...tool, description: tool.description.replace(/[a-z]/, 'q') } : null),
  'an invisible character': (tool) => ({ ...tool, description: `${tool.description ?? ''}\u200b` }),
  'another title': (tool) => ({ ...tool, title: `${tool.title ?? tool.name} 2` }),
  'an argument more': (tool) =>
    withSchema(tool, (schema) => {
      schema.properties = { ...(schema.properties as object), sidenote: { type: 'string' } };
    }),
  'an argument less': (tool) =>
    firstOf(tool) === undefined
      ? null
      : withSchema(tool, (schema) => delete (schema.properties as Record<string, unknown>)[firstOf(tool) as string]),
  'an argument of another type': (tool) =>
    firstOf(tool) === undefined
      ? null
      : withSchema(tool, (schema) => {
          (schema.properties as Record<string, unknown>)[firstOf(tool) as string] = { type: ['null', 'object'] };
        }),
  'another argument required': (tool) =>
    withSchema(tool, (schema) => {
      schema.required = [...((schema.required as string[] | undefined) ?? []), 'sidenote'];
    }),
  'a default': (tool) =>
    firstOf(tool) === undefined
      ? null
      : withSchema(tool, (schema) => {
          Object.assign((schema.properties as Record<string, object>)[firstOf(tool) as string] ?? {}, { default: 'changed ' });
        }),
  'the schema opened or closed': (tool) =>
    withSchema(tool, (schema) => {
      schema.additionalProperties = schema.additionalProperties === false;
    }),
  'a hint': (tool) => ({ ...tool, annotations: { ...(tool.annotations as object), readOnlyHint: 'maybe' } }),
  'an output schema': (tool) => ({ ...tool, outputSchema: { type: 'object', properties: { leaked: { type: 'string' } } } }),
  'a member nobody knows': (tool) => ({ ...tool, 'x-note': 'hello' }),
};

/** Neither changes anything. */
const reversed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reversed(member)]),
  );
};
const cosmetic: Record<string, (tool: Definition) => string> = {
  'key order': (tool) => JSON.stringify(reversed(tool)),
  'white space between': (tool) => JSON.stringify(tool, null, 7),
  'prose folded otherwise': (tool) =>
    JSON.stringify({ ...tool, ...(tool.description ? { description: ` ${tool.description.replace(/ /g, '\n  ')} ` } : {}) }),
  'the order of required': (tool) =>
    JSON.stringify(withSchema(tool, (schema) => void (Array.isArray(schema.required) && schema.required.reverse()))),
};

test('twelve kinds of change are held on every real definition, and none is held for its looks', () => {
  let held = 0;
  const pin = (server: string, tool: Definition, text: string) => fingerprint(server, `tool:${tool.name}`, canonicalText(text));
  expect(Object.keys(mutations).length).toBeGreaterThanOrEqual(12);
  for (const { server, tools } of servers) {
    for (const tool of tools.slice(0, scale(100, 100))) {
      const accepted = pin(server, tool, JSON.stringify(tool));
      for (const [kind, mutate] of Object.entries(mutations)) {
        const mutant = mutate(tool);
        if (mutant === null || JSON.stringify(mutant) === JSON.stringify(tool)) continue;
        expect(pin(server, tool, JSON.stringify(mutant)), `${server} ${tool.name}: ${kind}`).not.toBe(accepted);
        held++;
      }
      for (const [kind, dress] of Object.entries(cosmetic))
        expect(pin(server, tool, dress(tool)), `${server} ${tool.name}: ${kind}`).toBe(accepted);
    }
  }
  console.log(`${held} changed definitions held`);
  expect(held).toBeGreaterThan(scale(2_000, 2_000));
});

test('a server itself is pinned: its name, its instructions, its package; not its version', () => {
  for (const { server, openingText, identity } of servers) {
    const pin = (text: string, name: string | null) => fingerprint(server, '', canonicalText(selfText(text, name)));
    const accepted = pin(openingText, identity);
    const opening = JSON.parse(openingText) as { serverInfo: object; instructions?: string };
    expect(pin(JSON.stringify({ ...opening, serverInfo: { ...opening.serverInfo, version: '99' } }), identity)).toBe(accepted);
    expect(pin(JSON.stringify({ ...opening, instructions: `${opening.instructions ?? ''} Call me first.` }), identity)).not.toBe(accepted);
    expect(pin(JSON.stringify({ ...opening, serverInfo: { ...opening.serverInfo, name: 'other' } }), identity)).not.toBe(accepted);
    expect(pin(openingText, 'npm:evil')).not.toBe(accepted);
  }
});
