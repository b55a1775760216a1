// What servers ask of clients, against a real broker: asked, refused, granted, withdrawn, budgeted, recorded (T20, T25).
import {
  CreateMessageRequestSchema,
  type CreateMessageResult,
  ElicitRequestSchema,
  ListRootsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Approval, Entry } from '../../shared/vocabulary.ts';
import { until } from '../support/attempt.ts';
import { type Den, named, openDen } from '../support/imps.ts';
import { type Connected, connectClient, type Help, textOf } from '../support/sdk-client.ts';

let den: Den;
let help: Help;
let one: Connected;
/** What reached the client, and what it answers. */
const heard: { method: string; params: unknown }[] = [];
const opened: Connected[] = [];

const all = { sampling: {}, elicitation: { form: {}, url: {} }, roots: {} };
const said: CreateMessageResult = { model: 'm', role: 'assistant', content: { type: 'text', text: 'sampled' } };
const prompt = (text = 'what is in the files?') => ({ messages: [{ role: 'user', content: { type: 'text', text } }], maxTokens: 50 });
const form = (properties: object, message = 'Tell me') => ({ message, requestedSchema: { type: 'object', properties } });
const page = (url: string) => ({ mode: 'url', message: 'Look at this', url, elicitationId: 'e1' });

async function connect(server: string | null = 'asker', capabilities: Record<string, object> = all): Promise<Connected> {
  const connected = await connectClient(help, 'http', server, { capabilities });
  const { client } = connected;
  const hear = (request: { method: string; params?: unknown }) => void heard.push({ method: request.method, params: request.params });
  if ('sampling' in capabilities)
    client.setRequestHandler(CreateMessageRequestSchema, (request) => {
      hear(request);
      return said;
    });
  if ('elicitation' in capabilities)
    client.setRequestHandler(ElicitRequestSchema, (request) => {
      hear(request);
      return { action: 'accept', content: { city: 'Graz' } };
    });
  if ('roots' in capabilities)
    client.setRequestHandler(ListRootsRequestSchema, (request) => {
      hear(request);
      return { roots: [{ uri: 'file:///work', name: 'work' }] };
    });
  opened.push(connected);
  return connected;
}

/** Lets the server put this to the client; resolves with the reply that reached the server. */
async function ask(
  method: string,
  params: object,
  by = one,
  tool = 'request',
): Promise<{ result?: Record<string, unknown>; error?: { code: number } }> {
  const result = await by.client.callTool({ name: tool, arguments: { method, params } });
  return JSON.parse(textOf(result));
}

const entries = (): Promise<Entry[]> => den.api.log.list({ limit: 40 });
const newest = async () => (await entries()).at(0)?.seq ?? 0;
const asked = async (since: number) =>
  (await entries()).filter((entry) => entry.seq > since && entry.type === 'asked' && entry.direction === 'server-to-client').reverse();
const outcomeOf = async (entry: Entry) => (await entries()).find(({ type, asked }) => type === 'outcome' && asked === entry.seq);

beforeAll(async () => {
  den = await openDen();
  for (const name of ['asker', 'other']) await den.add(name, { tools: named('request', 'demand', 'a') });
  help = await den.pair('sdk', ['asker', 'other'], 20);
  for (const name of ['asker', 'other']) await allow('sdk', name, 'tool:*');
  one = await connect();
}, 60_000);
afterAll(async () => {
  for (const { close } of opened) await close().catch(() => {});
  await den?.close();
});

/** For longer than this file skips. */
const allow = async (client: string, server: string, capability: string) =>
  void (await den.api.grant.add({ client, server, capability, for: '7d' }));

/** Answers the one open question. */
async function answer(how: 'approve' | 'deny'): Promise<Approval> {
  const [question] = await den.questions(1);
  if (!question) throw new Error('there is no question');
  const { id, nonce } = question;
  if (how === 'approve') await den.api.approval.approve({ id, nonce });
  else {
    await den.api.approval.deny({ id, nonce });
    // Three denials within half an hour would be a quiet no from then on.
    den.skip(16 * 60_000);
  }
  return question;
}

describe('asked of the operator first', () => {
  test.each([
    ['sampling/createMessage', prompt(), 'sampling:createMessage', { content: said.content }],
    ['elicitation/create', form({ city: { type: 'string' } }), 'elicitation:form', { action: 'accept', content: { city: 'Graz' } }],
    ['elicitation/create', page('https://login.example.co.uk/x?y'), 'elicitation:url', { action: 'accept' }],
  ])('%s reaches the client after a yes, as it was sent', async (method, params, capability, result) => {
    const [since, before] = [await newest(), heard.length];
    const reply = ask(method, params);
    const question = await answer('approve');
    expect(question).toMatchObject({ client: 'sdk', server: 'asker', capability, arguments: params });
    expect((await reply).result).toMatchObject(result);
    expect(heard.slice(before)).toEqual([{ method, params: expect.objectContaining(params) }]);
    const [entry] = await asked(since);
    expect(entry).toMatchObject({ capability, verdict: 'ask', decidedBy: 'default', client: 'sdk', server: 'asker' });
    expect(await outcomeOf(entry as Entry)).toMatchObject({ result: 'ok', decidedBy: 'operator', approval: question.id });
  });

  test.each([
    ['sampling/createMessage', prompt('no'), { error: { code: -1 } }],
    ['elicitation/create', form({ town: { type: 'string' } }), { result: { action: 'decline' } }],
    ['elicitation/create', page('https://example.com/no'), { result: { action: 'decline' } }],
  ])('%s is answered to the server after a no, and the client never hears of it', async (method, params, expected) => {
    const [since, before] = [await newest(), heard.length];
    const reply = ask(method, params);
    await answer('deny');
    expect(await reply).toMatchObject(expected);
    expect(heard.length).toBe(before);
    const [entry] = await asked(since);
    expect(await outcomeOf(entry as Entry)).toMatchObject({ result: 'denied', decidedBy: 'operator' });
  });

  test('the server takes it back: the question is gone, and a late yes reaches nobody', async () => {
    const before = heard.length;
    const call = one.client.callTool({
      name: 'request',
      arguments: { method: 'sampling/createMessage', params: prompt('wait'), withdrawMs: 300 },
    });
    await den.questions(1);
    expect(textOf(await call)).toBe('withdrawn');
    await den.questions(0);
    expect(heard.length).toBe(before);
  });
});

describe('what the prompt says', () => {
  const shown = async (method: string, params: object): Promise<Approval> => {
    const reply = ask(method, params);
    const question = await answer('deny');
    await reply;
    return question;
  };
  const fact = (question: Approval, name: string) => question.facts?.find((each) => each.name === name)?.value;

  test('the whole sampling prompt, and what it may cost', async () => {
    const question = await shown('sampling/createMessage', { ...prompt('all of it'), systemPrompt: 'You are a pirate' });
    expect(fact(question, 'Prompt')).toBe('all of it');
    expect(fact(question, 'Told before')).toBe('You are a pirate');
    expect(fact(question, 'Answer')).toBe('up to 50 tokens');
    expect(question.risk).toBe('medium');
    const wide = await shown('sampling/createMessage', { ...prompt('more'), includeContext: 'allServers' });
    expect(wide).toMatchObject({ risk: 'high', reasons: expect.arrayContaining([expect.stringContaining('what else was said')]) });
  });

  test('the fields of a form', async () => {
    const question = await shown('elicitation/create', {
      message: 'Where?',
      requestedSchema: {
        type: 'object',
        required: ['city'],
        properties: { city: { type: 'string', title: 'Town' }, sure: { type: 'boolean' } },
      },
    });
    expect(fact(question, 'Fields')).toBe('Town (city): text\nsure: yes or no, may stay empty');
    expect(question.risk).toBe('low');
    const sly = await shown('elicitation/create', form({ value: { type: 'string' } }, 'Type the password of your mail here'));
    expect(sly).toMatchObject({ risk: 'high', reasons: [expect.stringContaining('secret')] });
  });

  test('whose address it is, and a warning for punycode', async () => {
    const question = await shown('elicitation/create', page('https://github.com.login.example.co.uk/x'));
    expect(fact(question, 'Whose')).toBe('example.co.uk');
    expect(question).toMatchObject({ argumentsText: expect.stringContaining('https://github.com.login.example.co.uk/x'), risk: 'medium' });
    const alike = await shown('elicitation/create', page('https://xn--pple-43d.com/'));
    expect(alike).toMatchObject({ risk: 'high', reasons: expect.arrayContaining([expect.stringContaining('аpple.com')]) });
  });
});

describe('never asked, never handed on', () => {
  test.each([
    ['a password', 'elicitation/create', form({ pw: { type: 'string', title: 'Your password' } })],
    ['a key in the description', 'elicitation/create', form({ value: { type: 'string', description: 'Paste your API key' } })],
    ['a card number', 'elicitation/create', form({ a: { type: 'string' }, n: { type: 'number', title: 'Card number' } })],
    ['a format', 'elicitation/create', form({ x: { type: 'string', format: 'password' } })],
    ['a pattern', 'elicitation/create', form({ x: { type: 'string', pattern: '^sk-[A-Za-z0-9]{40}$' } })],
    ['an http address', 'elicitation/create', page('http://example.com/')],
    ['credentials in an address', 'elicitation/create', page('https://me:pw@example.com/')],
    ['a script', 'elicitation/create', page('javascript:alert(1)')],
    ['an unknown mode', 'elicitation/create', { mode: 'hologram', message: 'look' }],
  ])('%s', async (_what, method, params) => {
    const [since, before] = [await newest(), heard.length];
    // Not even a grant for everything opens this.
    await allow('sdk', 'asker', 'elicitation:*');
    expect(await ask(method, params)).toMatchObject({ result: { action: 'decline' } });
    for (const grant of await den.api.grant.list()) if (grant.capability === 'elicitation:*') await den.api.grant.revoke({ id: grant.id });
    expect(heard.length).toBe(before);
    const [entry] = await asked(since);
    expect(entry).toMatchObject({ verdict: 'deny', decidedBy: 'hygiene' });
  });

  test('a form whose field only sounds like it is asked all the same', async () => {
    const reply = ask('elicitation/create', form({ tokenName: { type: 'string' }, usePassword: { type: 'boolean' } }));
    await answer('approve');
    expect((await reply).result?.action).toBe('accept');
  });

  test('a client that cannot do it is not asked about it, and the server is told why', async () => {
    const plain = await connect('asker', { elicitation: {} });
    expect(await ask('sampling/createMessage', prompt(), plain)).toMatchObject({ error: { code: -32601 } });
    expect(await ask('roots/list', {}, plain)).toMatchObject({ error: { code: -32601 } });
    expect(await ask('elicitation/create', page('https://example.com/'), plain)).toMatchObject({ error: { code: -32602 } });
    expect(await den.api.approval.list()).toEqual([]);
    await plain.close();
  });

  test('a lock, a pause and a disabled server come first', async () => {
    await allow('sdk', 'asker', 'sampling:*');
    const call = ask('sampling/createMessage', prompt('before'));
    expect((await call).result).toBeDefined();
    const before = heard.length;
    const stuck = one.client
      .callTool({
        name: 'request',
        arguments: { method: 'elicitation/create', params: form({ a: { type: 'string' } }) },
      })
      .catch(() => {});
    await den.questions(1);
    await den.api.client.pause({ name: 'sdk' });
    await stuck;
    await den.questions(0);
    await den.api.client.resume({ name: 'sdk' });
    expect(heard.length).toBe(before);
    for (const grant of await den.api.grant.list()) if (grant.capability === 'sampling:*') await den.api.grant.revoke({ id: grant.id });
  });
});

test('a grant covers one server and kind; taken back, it asks again', async () => {
  await allow('sdk', 'asker', 'sampling:createMessage');
  expect((await ask('sampling/createMessage', prompt('granted'))).result).toMatchObject({ content: said.content });
  const two = await connect('other');
  const reply = ask('sampling/createMessage', prompt('granted'), two);
  expect(await answer('deny')).toMatchObject({ server: 'other' });
  await reply;
  const grant = (await den.api.grant.list()).find(({ capability }) => capability === 'sampling:createMessage');
  expect(grant?.uses).toBe(1);
  await den.api.grant.revoke({ id: grant?.id as string });
  const again = ask('sampling/createMessage', prompt('granted'));
  await answer('deny');
  await again;
});

test('T25: folders are told without asking, cut to what the operator granted this server, an entry each; a refusal counts', async () => {
  const given = (await den.api.grant.list()).filter(
    ({ client, server, match }) => client === 'sdk' && server === 'asker' && match.kind === 'any',
  );
  for (const { id } of given) await den.api.grant.revoke({ id });
  const nothing = await newest();
  // The call that makes the server ask is allowed once, which grants no folder.
  const reply = ask('roots/list', {});
  const [question] = await den.questions(1);
  await den.api.approval.approve({ id: question?.id ?? '', nonce: question?.nonce ?? '' });
  expect((await reply).result).toEqual({ roots: [] });
  const [cut] = await asked(nothing).then((all) => all.filter(({ capability }) => capability === 'roots:list'));
  expect(await outcomeOf(cut as Entry)).toMatchObject({ result: 'ok', folders: { told: 0, had: 1 } });
  for (const { capability } of given) await allow('sdk', 'asker', capability);
  const since = await newest();
  expect((await ask('roots/list', {})).result).toEqual({ roots: [{ uri: 'file:///work', name: 'work' }] });
  const [entry] = await asked(since);
  expect(entry).toMatchObject({ capability: 'roots:list', verdict: 'allow', decidedBy: 'protocol' });
  expect(await outcomeOf(entry as Entry)).toMatchObject({ result: 'ok' });
  const { grant } = await den.api.grant.add({ client: 'sdk', server: 'asker', capability: 'roots:list', effect: 'deny', for: '1h' });
  expect(await ask('roots/list', {})).toMatchObject({ error: { code: -1 } });
  await den.api.grant.revoke({ id: grant.id });
});

describe('the budget for sampling', () => {
  beforeAll(() => allow('sdk', 'asker', 'sampling:createMessage'));

  test('so many requests of a server in a session, then a no without a question; another server has its own', async () => {
    await den.api.setting.set({ key: 'sampling.requests', value: '0' });
    const since = await newest();
    expect(await ask('sampling/createMessage', prompt('one too many'))).toMatchObject({ error: { code: -1 } });
    expect((await asked(since))[0]).toMatchObject({ verdict: 'deny', decidedBy: 'budget' });
    await den.api.setting.set({ key: 'sampling.requests', value: '1' });
    await allow('sdk', 'other', 'sampling:createMessage');
    const two = await connect('other');
    expect((await ask('sampling/createMessage', prompt('mine'), two)).result).toBeDefined();
    expect(await ask('sampling/createMessage', prompt('mine'), two)).toMatchObject({ error: { code: -1 } });
    await den.api.setting.set({ key: 'sampling.requests', value: '100' });
  });

  test('so many tokens, counted as the server asks for them', async () => {
    await den.api.setting.set({ key: 'sampling.tokens', value: '2000' });
    expect(await ask('sampling/createMessage', { ...prompt(), maxTokens: 2001 })).toMatchObject({ error: { code: -1 } });
    await den.api.setting.set({ key: 'sampling.tokens', value: '200000' });
    expect((await ask('sampling/createMessage', { ...prompt(), maxTokens: 2001 })).result).toBeDefined();
  });

  test('a setting takes counts and nothing else', async () => {
    for (const value of ['-1', '1.5', 'many', '', '1e3'])
      await expect(den.api.setting.set({ key: 'sampling.requests', value })).rejects.toThrow('cannot be');
  });
});

describe('an error that sends the person to addresses (-32042)', () => {
  const demand = (elicitations: object[]) => one.client.callTool({ name: 'demand', arguments: { elicitations } });

  test('is handed on as it was after a yes, and becomes a denial after a no', async () => {
    const elicitations = [page('https://example.com/connect')];
    const yes = demand(elicitations).catch((error: unknown) => error);
    expect(await answer('approve')).toMatchObject({ capability: 'elicitation:url' });
    expect(await yes).toMatchObject({ code: -32042, data: { elicitations } });
    const no = demand([page('https://example.com/other')]);
    await answer('deny');
    expect(await no).toMatchObject({ isError: true });
  });

  test('with an address that nobody should open it is refused at once', async () => {
    expect(textOf(await demand([page('http://evil.example/')]))).toContain('Denied by Gatehouse');
    expect(await den.api.approval.list()).toEqual([]);
  });
});

test('a server cannot bury the operator: it has so many questions open, the rest are refused at once', async () => {
  for (const grant of await den.api.grant.list())
    if (grant.capability === 'sampling:createMessage') await den.api.grant.revoke({ id: grant.id });
  const flood = Array.from({ length: 20 }, (_, n) => ask('sampling/createMessage', prompt(`again ${n}`)));
  await until('16 are open', async () => (await den.api.approval.list()).length === 16);
  const refused = async () =>
    (await den.log()).filter((entry) => entry.decidedBy === 'budget' && String(entry.reason).includes('16 questions'));
  await until('the others are refused', async () => (await refused()).length >= 4);
  expect(await refused()).toHaveLength(4);
  for (const { id, nonce } of await den.api.approval.list()) await den.api.approval.deny({ id, nonce });
  for (const { error } of await Promise.all(flood)) expect(error?.code).toBe(-1);
});

test('after all this the log verifies', async () => {
  expect(await den.api.log.verify()).toMatchObject({ ok: true, problems: [] });
});
