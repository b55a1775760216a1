// How a server's question looks: the whole prompt, the fields, whose address it is; and never offered for good.
import { describe, expect, test } from 'vitest';
import { presentAsk } from '../../broker/mediate/present-ask.ts';
import { askedCapability } from '../../broker/mediate/server-asks.ts';
import { requestOf } from '../support/asking.ts';

function shown(method: string, params: Record<string, unknown>, argumentsText = JSON.stringify(params)) {
  const request = requestOf({ method, params, argumentsText });
  return presentAsk({ ...request, capability: askedCapability(request.message) });
}
const text = (words: string, role = 'user') => ({ role, content: { type: 'text', text: words } });
const sampled = (params: Record<string, unknown>) => shown('sampling/createMessage', params);
const spends = 'It spends tokens of the model, and what it says reaches the model';

describe('sampling', () => {
  const prompt = (messages: unknown) => sampled({ messages }).facts.find(({ name }) => name === 'Prompt')?.value;
  const other = { role: 'user', content: { type: 'image', data: 'x' } };
  test.each<[string, unknown, string | undefined]>([
    ['one message', [text('hello')], 'hello'],
    ['one of the assistant', [text('hello', 'assistant')], 'assistant: hello'],
    ['several', [text('a'), text('b', 'assistant')], 'user: a\nassistant: b'],
    ['six', Array.from({ length: 6 }, () => text('a')), Array.from({ length: 6 }, () => 'user: a').join('\n')],
    ['seven are too many for lines', Array.from({ length: 7 }, () => text('a')), undefined],
    ['as long as is read', [text('x'.repeat(400))], 'x'.repeat(400)],
    ['longer', [text('x'.repeat(401))], undefined],
    ['none', [], undefined],
    ['what is no list', 'x', undefined],
    ['an image', [other], undefined],
    ['an image among text', [text('a'), other], undefined],
    ['another role', [text('a', 'system')], undefined],
    ['more than lines say', [{ ...text('a'), hidden: 1 }], undefined],
    ['more in its content', [{ role: 'user', content: { type: 'text', text: 'a', annotations: {} } }], undefined],
    ['text that is none', [{ role: 'user', content: { type: 'text', text: 7 } }], undefined],
    ['nothing', [null], undefined],
    ['no content', [{ role: 'user' }], undefined],
  ])('%s', (_name, messages, value) => {
    expect(prompt(messages)).toBe(value);
  });

  test('every row says which part it stands for, and what is not said in rows is shown as it came', () => {
    const { facts } = sampled({ messages: [text('hi')], systemPrompt: 'be brief', maxTokens: 12_345 });
    expect(facts).toEqual([
      { name: 'Told before', value: 'be brief', covers: ['systemPrompt'] },
      { name: 'Prompt', value: 'hi', covers: ['messages'] },
      { name: 'Answer', value: 'up to 12,345 tokens', covers: ['maxTokens'] },
    ]);
    expect(sampled({ systemPrompt: 7 }).facts).toEqual([{ name: 'Answer', value: 'up to 1,000 tokens', covers: ['maxTokens'] }]);
  });

  const adds = 'It asks the client to add what else was said';
  const tools = 'It gives the model tools';
  test.each<[Record<string, unknown>, string[], string]>([
    [{}, [spends], 'medium'],
    [{ includeContext: 'none' }, [spends], 'medium'],
    [{ includeContext: 'thisServer' }, [spends, adds], 'high'],
    [{ includeContext: 'allServers' }, [spends, adds], 'high'],
    [{ tools: [{}] }, [spends, tools], 'high'],
    [{ tools: [] }, [spends], 'medium'],
    [{ tools: 'all' }, [spends], 'medium'],
  ])('%j', (params, reasons, risk) => {
    expect(sampled(params)).toMatchObject({ reasons, risk, alwaysOffered: false });
  });
});

describe('forms', () => {
  const form = (properties: Record<string, object>, more: object = {}, required: string[] = []) =>
    shown('elicitation/create', { message: 'm', requestedSchema: { properties, required }, ...more });
  test('each field with what it takes, by its title and its name', () => {
    expect(form({ a: {}, b: { title: 'Size', type: 'number' }, c: { title: 'c', type: 'boolean' } }, {}, ['a'])).toMatchObject({
      facts: [
        { name: 'Fields', value: 'a: text\nSize (b): number, may stay empty\nc: yes or no, may stay empty', covers: ['requestedSchema'] },
      ],
      reasons: [],
      risk: 'low',
      alwaysOffered: false,
    });
    expect(form({}).facts).toEqual([{ name: 'Fields', value: 'none, only yes or no', covers: ['requestedSchema'] }]);
  });
  test('more than six are counted, and then the form is shown as it came', () => {
    const fields = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`f${n}`, {}]));
    expect(form(fields(6)).facts[0]).toHaveProperty('covers');
    const [row] = form(fields(9)).facts;
    expect(row?.value.split('\n')).toHaveLength(7);
    expect(row?.value.endsWith('\nand 3 more')).toBe(true);
    expect(row).not.toHaveProperty('covers');
  });
  test('a message that fishes for a secret is high', () => {
    expect(form({ a: {} }, { message: 'Enter your password' })).toMatchObject({
      reasons: ['Its message speaks of a secret, and something can be typed'],
      risk: 'high',
    });
  });
  test('what cannot be seen counts as well', () => {
    expect(shown('elicitation/create', { message: 'a\u200b' })).toMatchObject({
      risk: 'medium',
      reasons: ['Its arguments hold characters that cannot be seen'],
    });
  });
});

describe('addresses', () => {
  const opened = (url: string) => shown('elicitation/create', { mode: 'url', url });
  const sends = 'It sends you to a page';
  test.each<[string, string, string[], string]>([
    ['https://login.example.co.uk/a', 'example.co.uk', [sends], 'medium'],
    ['https://intranet/', 'intranet', [sends], 'medium'],
    ['http://localhost:3000/', 'localhost, a program on this computer', [sends], 'medium'],
    ['http://127.0.0.1:3000/', '127.0.0.1, a program on this computer', [sends], 'medium'],
    ['https://93.184.216.34/', '93.184.216.34', [sends, 'The address is a bare number, which says nothing of whose it is'], 'high'],
    [
      'https://xn--80ak6aa92e.com/',
      'xn--80ak6aa92e.com',
      [sends, 'The domain is written in another script: xn--80ak6aa92e.com looks like \u0430\u0440\u0440\u04cf\u0435.com'],
      'high',
    ],
  ])('%s is of %s', (url, whose, reasons, risk) => {
    expect(opened(url)).toMatchObject({ facts: [{ name: 'Whose', value: whose, mark: 'outside' }], reasons, risk, alwaysOffered: false });
  });
  test('one that nobody should open says why, and is of nobody', () => {
    expect(opened('http://example.com/')).toMatchObject({ facts: [], reasons: ['the address is not https'], risk: 'high' });
  });
});

test('a message without parameters is shown too', () => {
  expect(presentAsk(requestOf({ method: 'elicitation/create', capability: 'elicitation:form' })).facts[0]?.value).toBe(
    'none, only yes or no',
  );
});
