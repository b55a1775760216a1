// Valid messages of every kind, generated, through a real broker in both directions: what arrives is what was sent, byte for byte,
// but for the documented rewrites (names and server request ids on a connection with several servers).
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../support/attempt.ts';
import { checkout } from '../support/house.ts';
import { type Den, openDen } from '../support/imps.ts';
import { members, object, objectOf, value } from '../support/json-texts.ts';
import { lineByLine } from '../support/lines.ts';
import { cleanEnvironment } from '../support/run.ts';
import { scale } from '../support/scale.ts';
import type { Help } from '../support/sdk-client.ts';
import type { Order } from '../support/servers/mirror.ts';

const messages = scale(400, 10_000);
const atOnce = 40;
const seed = Number(process.env.GATEHOUSE_SEED ?? 20260728);

let den: Den;
let help: Help;

/** A client that sends and receives lines and nothing else. */
interface Raw {
  send(text: string): void;
  /** Lines that came, taken out when looked at. */
  readonly lines: string[];
  close(): Promise<void>;
}

async function connector(server: string | null): Promise<Raw> {
  const args = [...help.stdio.args, ...(server === null ? [] : ['--server', server])];
  const child = spawn(help.stdio.command, args, { env: { ...cleanEnvironment(), ...help.stdio.env }, stdio: ['pipe', 'pipe', 'inherit'] });
  const raw = opened((text) => void child.stdin.write(`${text}\n`));
  child.stdout.setEncoding('utf8').on('data', lineByLine(raw.take));
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await raw.open();
  return {
    ...raw,
    close: () => {
      child.stdin.end();
      return closed;
    },
  };
}

/** Over Streamable HTTP: a POST for each message, and the stream that a GET opens; lines are the data of the events. */
async function http(server: string | null): Promise<Raw> {
  const url = server === null ? help.http.url : `${help.http.url}/s/${server}`;
  let session: string | null = null;
  const gone = new AbortController();
  const headers = (): Record<string, string> => ({
    ...help.http.headers,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    ...(session === null ? {} : { 'mcp-session-id': session, 'mcp-protocol-version': '2025-11-25' }),
  });
  const read = async (response: Response) => {
    if (!response.body) return;
    const events = response.headers.get('content-type')?.startsWith('text/event-stream');
    const body = response.body.pipeThrough(new TextDecoderStream());
    let held = '';
    for await (const chunk of body) {
      held += chunk;
      if (!events) continue;
      for (let end = held.indexOf('\n\n'); end !== -1; end = held.indexOf('\n\n')) {
        const event = held.slice(0, end);
        held = held.slice(end + 2);
        const data = event.split('\n').flatMap((line) => (line.startsWith('data:') ? [line.slice(5).replace(/^ /, '')] : []));
        // The first event of a stream has no data: it only opens it.
        if (data.some((line) => line !== '')) raw.take(data.join('\n'));
      }
    }
    if (!events && held !== '') raw.take(held);
  };
  const post = async (body: string) => {
    const response = await fetch(url, { method: 'POST', headers: headers(), body, signal: gone.signal });
    session ??= response.headers.get('mcp-session-id');
    await read(response);
  };
  const raw = opened((text) => void post(text).catch(() => {}));
  await raw.open();
  void fetch(url, { headers: { ...headers(), accept: 'text/event-stream' }, signal: gone.signal })
    .then(read)
    .catch(() => {});
  return {
    ...raw,
    async close() {
      await fetch(url, { method: 'DELETE', headers: headers() });
      gone.abort();
    },
  };
}

function opened(send: (text: string) => void) {
  const lines: string[] = [];
  const capabilities = { sampling: {}, elicitation: { form: {}, url: {} }, roots: { listChanged: true } };
  const params = { protocolVersion: '2025-11-25', capabilities, clientInfo: { name: 'raw', version: '1' } };
  return {
    send,
    lines,
    take: (line: string) => void lines.push(line),
    async open() {
      send(JSON.stringify({ jsonrpc: '2.0', id: 'open', method: 'initialize', params }));
      await until('it is open', () => lines.length > 0);
      lines.length = 0;
      send('{"jsonrpc":"2.0","method":"notifications/initialized"}');
    },
  };
}

/** One exchange: what the client sends, what the server says before its reply, and how the client answers to that. */
interface Exchange {
  readonly id: string | number;
  /** The client's request; `own` is how the server names what it is for. */
  readonly request: { readonly sent: string; readonly own: string };
  readonly order: Order;
  /** By the id of the server's request: the client's answer. */
  readonly answers: ReadonlyMap<string, string>;
}

const rpc = fc.constant(['"jsonrpc":"2.0"']);
const extra = members('x-', value, 2);
const member = (name: string, text: fc.Arbitrary<string>): fc.Arbitrary<string[]> => text.map((it) => [`"${name}":${it}`]);
const maybe = (name: string, text: fc.Arbitrary<string>): fc.Arbitrary<string[]> => fc.oneof(fc.constant<string[]>([]), member(name, text));
const quoted = (text: string) => JSON.stringify(text);

/** What a client may ask. The name goes in as it is to be written. */
function requests(id: string | number, server: string, named: (own: string) => string): fc.Arbitrary<{ sent: string; own: string }> {
  const meta = objectOf([members('example.com/', value, 2), fc.constant([`"progressToken":${quoted(`p-${id}`)}`])]);
  const kinds: [string, (name: (own: string) => string) => fc.Arbitrary<string>[]][] = [
    [
      'tools/call',
      (name) =>
        ['t0', 't1', 't2'].map((tool) =>
          objectOf([member('name', fc.constant(quoted(name(tool)))), maybe('arguments', object), maybe('_meta', meta), extra]),
        ),
    ],
    [
      'prompts/get',
      (name) =>
        ['p0', 'p1'].map((prompt) =>
          objectOf([member('name', fc.constant(quoted(name(prompt)))), maybe('arguments', object), maybe('_meta', meta), extra]),
        ),
    ],
    [
      'resources/read',
      () =>
        [`${server}://r0`, `${server}://t/7`].map((uri) =>
          objectOf([member('uri', fc.constant(quoted(uri))), maybe('_meta', meta), extra]),
        ),
    ],
    ['resources/subscribe', () => [objectOf([member('uri', fc.constant(`"${server}://r0"`)), extra])]],
    [
      'completion/complete',
      (name) => [
        objectOf([member('ref', fc.constant(`{"name":${quoted(name('p0'))} ,"type":"ref/prompt"}`)), member('argument', object), extra]),
      ],
    ],
  ];
  return fc.constantFrom(...kinds).chain(([method, build]) => {
    // The same text twice over, once with each way to write the name: a rewrite changes that and nothing else.
    const mark = (own: string) => `name-of-${own}`;
    return fc
      .oneof(...build(mark))
      .chain((params) => objectOf([rpc, fc.constant([`"id":${JSON.stringify(id)}`, `"method":"${method}"`, `"params":${params}`]), extra]))
      .map((text) => {
        const write = (to: (own: string) => string) => text.replace(/"name-of-(\w+)"/, (_, own: string) => quoted(to(own)));
        return { sent: write(named), own: write((own) => own) };
      });
  });
}

const replies = (id: string | number): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 3, arbitrary: objectOf([rpc, fc.constant([`"id":${JSON.stringify(id)}`]), member('result', object), extra]) },
    {
      weight: 1,
      arbitrary: objectOf([
        rpc,
        fc.constant([`"id":${JSON.stringify(id)}`]),
        member('error', objectOf([fc.constant(['"code":-32000', '"message":"no"']), maybe('data', value), extra])),
        extra,
      ]),
    },
  );

const progress = (token: string) =>
  objectOf([fc.constant([`"progressToken":${token}`]), member('progress', fc.constantFrom('0.5', '1', '2.50')), extra]);
const notification = (method: string, params: fc.Arbitrary<string>) =>
  objectOf([rpc, fc.constant([`"method":"${method}"`]), member('params', params), extra]);

/** What a server may say unasked, and the progress of the call it works on. */
const notices = (id: string | number, server: string): fc.Arbitrary<string> =>
  fc.oneof(
    notification('notifications/message', objectOf([fc.constant(['"level":"info"']), member('data', value), extra])),
    notification('notifications/resources/updated', objectOf([fc.constant([`"uri":"${server}://r0"`]), extra])),
    notification('notifications/elicitation/complete', objectOf([fc.constant(['"elicitationId":"e"']), extra])),
    notification('notifications/progress', progress(quoted(`p-${id}`))),
  );

/** What a server may ask of the client. */
const asks = (id: string): fc.Arbitrary<string> => {
  const said = objectOf([
    fc.constant(['"role":"user"']),
    member('content', objectOf([fc.constant(['"type":"text"']), member('text', fc.constant('"hello"')), extra])),
    extra,
  ]);
  const kinds: [string, fc.Arbitrary<string>][] = [
    [
      'sampling/createMessage',
      objectOf([
        member(
          'messages',
          said.map((one) => `[${one}]`),
        ),
        fc.constant(['"maxTokens":7']),
        extra,
      ]),
    ],
    [
      'elicitation/create',
      objectOf([fc.constant(['"message":"where?"', '"requestedSchema":{"type":"object","properties":{"city":{"type":"string"}}}']), extra]),
    ],
    ['elicitation/create', objectOf([fc.constant(['"mode":"url"', '"url":"https://example.com/"', '"message":"look"']), extra])],
    ['roots/list', objectOf([extra])],
    ['ping', objectOf([extra])],
  ];
  return fc
    .constantFrom(...kinds)
    .chain(([method, params]) =>
      objectOf([rpc, fc.constant([`"id":${quoted(id)}`, `"method":"${method}"`]), member('params', params), extra]),
    );
};

const exchanges = (at: number, server: string, named: (own: string) => string): fc.Arbitrary<Exchange> =>
  fc.constantFrom<string | number>(at, `s${at}`, `é ${at} "\\`).chain((id) => {
    const asked = fc.subarray([`q${at}`, `q${at}-2`]);
    return asked.chain((ids) =>
      fc
        .tuple(
          requests(id, server, named),
          replies(id),
          fc.array(notices(id, server), { maxLength: 2 }),
          fc.tuple(...ids.map(asks)),
          fc.tuple(...ids.map(replies)),
        )
        .map(([request, reply, told, questions, answers]) => ({
          id,
          // Progress belongs to a call that gave a token; without one it is dropped, as documented.
          request,
          order: {
            first: [
              ...told.filter((text) => !text.includes('notifications/progress') || request.own.includes('"progressToken"')),
              ...questions,
            ],
            reply,
          },
          answers: new Map(ids.map((each, n) => [each, answers[n] as string])),
        })),
    );
  });

const sorted = (texts: readonly string[]) => [...texts].sort();
const short = (texts: readonly string[]) => texts.map((text) => createHash('sha256').update(text).digest('hex').slice(0, 8)).join();

/** Runs the exchanges, several under way at once, and compares both ends. */
async function compare(raw: Raw, server: string, all: readonly Exchange[], several: boolean): Promise<number> {
  let compared = 0;
  const log = join(den.folder, `${server}.log`);
  for (let from = 0; from < all.length; from += atOnce) {
    const batch = all.slice(from, from + atOnce);
    writeFileSync(
      join(den.folder, `${server}.json`),
      JSON.stringify(Object.fromEntries(batch.map(({ id, order }) => [`${typeof id} ${id}`, order]))),
    );
    writeFileSync(log, '');
    const toClient = batch.flatMap(({ order }) => [...order.first, order.reply]);
    const toServer = batch.flatMap(({ request, answers }) => [request.own, ...answers.values()]);
    const answers = new Map(batch.flatMap((each) => [...each.answers]));
    const came: string[] = [];
    for (const { request } of batch) raw.send(request.sent);
    const arrived = () => {
      for (const line of raw.lines.splice(0)) {
        const { id, method } = JSON.parse(line) as { id?: string; method?: string };
        if (id === undefined || method === undefined) {
          came.push(line);
          continue;
        }
        // A server's request: with several servers its id is the broker's, and the answer carries that one back.
        const own = several
          ? toClient.find(
              (text) =>
                !came.includes(text) &&
                line.replace(quoted(id), '@') === text.replace(quoted((JSON.parse(text) as { id?: string }).id ?? ''), '@'),
            )
          : line;
        came.push(own ?? line);
        const ownId = own === undefined ? id : (JSON.parse(own) as { id: string }).id;
        const answer = answers.get(ownId);
        if (answer !== undefined) raw.send(several ? answer.replace(quoted(ownId), quoted(id)) : answer);
      }
      return came.length >= toClient.length && readFileSync(log, 'utf8').split('\n').length > toServer.length;
    };
    // What is missing is said by the comparison.
    await until(`batch ${from} arrived`, arrived).catch(() => {});
    const reached = readFileSync(log, 'utf8').split('\n').slice(0, -1);
    expect(sorted(came), `to the client, seed ${seed}: ${short(came)}`).toEqual(sorted(toClient));
    expect(sorted(reached), `to the server, seed ${seed}: ${short(reached)}`).toEqual(sorted(toServer));
    compared += came.length + reached.length;
  }
  return compared;
}

beforeAll(async () => {
  den = await openDen();
  const mirror = join(checkout, 'test', 'support', 'servers', 'mirror.ts');
  for (const name of ['one', 'two']) {
    writeFileSync(join(den.folder, `${name}.json`), '{}');
    await den.api.server.add({ name, command: process.execPath, args: [mirror, den.folder, name], secretEnv: {}, accept: true });
  }
  help = await den.pair('raw', ['one', 'two'], 5);
  for (const name of ['one', 'two']) await den.allow('raw', name, '*');
  for (const key of ['sampling.requests', 'sampling.tokens']) await den.api.setting.set({ key, value: '100000' });
}, 60_000);
afterAll(() => den?.close());

test.each([
  ['the connector, one server under its own names', connector, 'one', false],
  ['HTTP, one server under its own names', http, 'one', false],
  ['the connector, several servers', connector, null, true],
] as const)(
  'through %s',
  async (_name, open, only, several) => {
    const named = (own: string) => (several ? `two__${own}` : own);
    let compared = 0;
    for (let round = 0; compared < messages / 3; round++) {
      const all = fc.sample(fc.tuple(...Array.from({ length: atOnce }, (_, at) => exchanges(round * atOnce + at, only ?? 'two', named))), {
        numRuns: 1,
        seed: seed + round,
      })[0] as Exchange[];
      const raw = await open(only);
      compared += await compare(raw, only ?? 'two', all, several);
      await raw.close();
    }
    console.log(`${compared} messages compared`);
  },
  scale(60_000, 900_000),
);

test('after all this the log verifies', async () => {
  expect(await den.api.log.verify()).toMatchObject({ ok: true, problems: [] });
});
