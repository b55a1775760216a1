// T24: what was approved is what is executed. One byte of the arguments, the capability, the server, the client or the definition changes
// between the operator's yes and the dispatch, and nothing reaches the server.
import { expect, test } from 'vitest';
import { handle } from '../../broker/broker.ts';
import { Approvals } from '../../broker/mediate/approvals.ts';
import type { Facts } from '../../broker/mediate/decide.ts';
import { Gathered } from '../../broker/mediate/gathered.ts';
import { LivePins, fingerprint as pinOf } from '../../broker/mediate/pins.ts';
import { createRooms, type Needs } from '../../broker/start/requests.ts';
import { canonicalText } from '../../broker/wire/canonical.ts';
import { parseMessage } from '../../broker/wire/gate.ts';
import { argumentsOf, digestsOf } from '../../broker/wire/handshake/requests.ts';
import type { Caller, ServerRequest } from '../../shared/request.ts';
import type { Entry } from '../../shared/vocabulary.ts';
import { noFacts } from '../support/facts.ts';
import { scale } from '../support/scale.ts';

const clients = ['cursor', 'cursos', 'cursor2'];
const servers = ['files', 'filet', 'file'];
const tools = ['read_file', 'read_filf', 'read_files'];
const fingerprint = (server: string, capability: string, text: string) => pinOf(server, capability, canonicalText(text));
/** Definitions accepted; `shown` is what the process shows. */
const definitionOf = (tool: string) => `{"name":"${tool}","description":"reads a file","inputSchema":{"type":"object"}}`;
const opening = '{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"x","version":"1"}}';

let seed = 7;
/** The same numbers on each run. */
const below = (limit: number): number => {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
  return Math.floor((seed / 2_147_483_648) * limit);
};
/** `text` with one character changed, inside [from, to); the result still reads as JSON. */
function oneByte(text: string, from: number, to: number): string {
  for (let tries = 0; tries < 200; tries++) {
    const at = from + below(to - from);
    const code = 33 + below(94);
    const changed = text.slice(0, at) + String.fromCharCode(code) + text.slice(at + 1);
    try {
      JSON.parse(changed);
      if (changed !== text && canonicalText(changed) !== canonicalText(text)) return changed;
    } catch {
      // Not JSON any more: another place.
    }
  }
  throw new Error(`no byte of ${text} could be changed`);
}

interface World {
  caller: Caller;
  readonly request: ServerRequest;
  shown: string;
  openingText: string;
  readonly executed: string[];
}
type Mutation =
  | 'nothing'
  | 'arguments'
  | 'capability in the bytes'
  | 'capability'
  | 'server'
  | 'client'
  | 'definition'
  | 'what the server says of itself';
const mutations: Mutation[] = [
  'arguments',
  'capability in the bytes',
  'capability',
  'server',
  'client',
  'definition',
  'what the server says of itself',
];

function callOf(n: number): ServerRequest {
  const args = JSON.stringify({ path: `/w/${below(1e9).toString(36)}`, head: below(1000), deep: { list: [below(9), `x${n}`] } });
  const text = `{"jsonrpc":"2.0","id":${n},"method":"tools/call","params":{"name":"read_file","arguments":${args}}}`;
  const message = parseMessage(text);
  const argumentsText = argumentsOf(text, message.method);
  const capability = 'tool:read_file';
  return { message, server: 'files', outgoing: text, capability, mediated: true, argumentsText, ...digestsOf(capability, argumentsText) };
}

function mutate(world: World, how: Mutation): void {
  const request = world.request as { -readonly [K in keyof ServerRequest]: ServerRequest[K] };
  const { outgoing } = request;
  const args = outgoing.indexOf('"arguments":') + '"arguments":'.length;
  switch (how) {
    case 'nothing':
      return;
    case 'arguments':
      request.outgoing = oneByte(outgoing, args, outgoing.length - 2);
      return;
    case 'capability in the bytes':
      request.outgoing = outgoing.replace('"read_file"', JSON.stringify(tools[1 + below(2)]));
      return;
    case 'capability':
      request.capability = `tool:${tools[1 + below(2)]}`;
      return;
    case 'server':
      request.server = servers[1 + below(2)] as string;
      return;
    case 'client':
      world.caller = { ...world.caller, client: clients[1 + below(2)] as string };
      return;
    case 'definition':
      world.shown = oneByte(world.shown, world.shown.indexOf('reads'), world.shown.indexOf('reads') + 12);
      return;
    case 'what the server says of itself':
      world.openingText = world.openingText.replace('"x"', '"y"');
  }
}

/** One call, approved by the operator, changed as `how` says while its server is being reached. */
async function through(n: number, how: Mutation): Promise<World> {
  const world: World = {
    caller: { client: 'cursor', session: 's', connection: `c${n}`, folder: null, via: 'connector' },
    request: callOf(n),
    shown: definitionOf('read_file'),
    openingText: opening,
    executed: [],
  };
  const pins = new LivePins();
  const accepted = (server: string, capability: string) => {
    const text = definitionOf(capability.slice('tool:'.length));
    return {
      id: `${server} ${capability}`,
      server,
      capability,
      text,
      fingerprint: fingerprint(server, capability, text),
      needs: [],
      accepted: true,
    };
  };
  const says = (server: string, text: string) => ({ text, fingerprint: fingerprint(server, '', text) });
  const own = (server: string) => says(server, opening);
  const facts: Facts = {
    lockdown: () => null,
    client: () => ({ state: 'active', servers }),
    server: () => ({ enabled: true, acceptedAt: 'then' }),
    pin: (caller, { server, capability }) =>
      pins.state(caller.connection, server, capability ?? '', accepted(server, capability ?? ''), own(server).fingerprint),
    unknownArgument: () => null,
    grant: () => null,
    flows: () => false,
    nobodyAnswers: () => false,
    policy: () => null,
    protects: () => null,
    critical: () => null,
    answering: () => null,
  };
  const approvals = new Approvals({
    allowed: () => {},
    now: Date.now,
    expiryMs: () => 60_000,
    changed: () => {},
    away: () => false,
    gathered: new Gathered(Date.now),
    flooded: () => {},
    ended: () => {},
  });
  const upstream = {
    server: 'files',
    era: 'handshake',
    get openingText() {
      return world.openingText;
    },
    listen: () => {},
    async request(text: string) {
      world.executed.push(text);
      return parseMessage(`{"jsonrpc":"2.0","id":${n},"result":{"content":[]}}`);
    },
  };
  const entry = { seq: 1, at: new Date().toISOString(), type: 'asked', hash: '' } as Entry;
  let reached = false;
  const rooms = createRooms({
    connections: { callerOf: () => world.caller, get: () => ({ engine: { helloOf: () => '{}', era: 'handshake', logLevel: null } }) },
    approvals,
    facts,
    requestFacts: { of: () => noFacts, forget: () => {}, nature: () => 'read', pages: { leaves: () => {}, answered: () => {} } },
    widths: { shown: (_caller: Caller, _request: ServerRequest, plain: object) => plain },
    touched: { of: () => [], path: () => null, wouldBe: () => ({ what: '' }), touch: () => {} },
    results: { came: () => {}, of: () => ({}) },
    toolReports: { began: () => {} },
    ...{ sentence: () => null, lastYes: () => undefined },
    pool: {
      upstream: async () => {
        // The operator has said yes; the server starts. Here is the gap.
        if (!reached) mutate(world, how);
        reached = true;
        return { ...upstream, openingText: world.openingText };
      },
      fetchDefinitions: async () => [{ capability: 'tool:read_file', text: world.shown }],
    },
    pins,
    server: (name: string) => ({ name, args: [], env: {}, secretEnv: {}, command: 'x', cwd: null, era: 'handshake' }),
    definition: accepted,
    own,
    says,
    scan: () => [],
    policy: () => null,
    critical: () => null,
    screenUsed: () => {},
    waitMs: () => 30_000,
    fingerprint,
    shown: () => {},
    grantUsed: () => {},
    log: { append: () => entry, asked: () => entry, outcome: () => entry },
    now: Date.now,
  } as unknown as Needs);

  let answers = 0;
  const gone = new AbortController();
  const ended = await handle(
    {
      connection: world.caller.connection,
      request: world.request,
      gone: gone.signal,
      // The operator answers what was asked first, and nothing else: what is asked anew is left, and the client goes.
      waiting() {
        const [question] = approvals.list();
        if (question && answers++ === 0) approvals.allow(question.id, 'operator', 'one');
        else gone.abort();
      },
    },
    rooms,
  );
  approvals.close('shutdown', 'over', '');
  if (ended.kind === 'broken') throw ended.error;
  return world;
}

test('unchanged calls are executed, byte for byte', async () => {
  for (let n = 0; n < 20; n++) {
    const { executed, request } = await through(n, 'nothing');
    expect(executed).toEqual([request.message.text]);
  }
});

test('10,000 calls with one byte changed between approval and dispatch (a few hundred in npm test): none is executed', async () => {
  const count = scale(420, 10_000);
  const executed = new Map<Mutation, number>(mutations.map((how) => [how, 0]));
  for (let n = 0; n < count; n++) {
    const how = mutations[n % mutations.length] as Mutation;
    const world = await through(n, how);
    if (world.executed.length > 0) executed.set(how, (executed.get(how) ?? 0) + 1);
  }
  console.log(`T24: ${count} calls changed by one byte, ${[...executed.values()].reduce((sum, each) => sum + each, 0)} executed`);
  expect(Object.fromEntries(executed)).toEqual(Object.fromEntries(mutations.map((how) => [how, 0])));
}, 300_000);
