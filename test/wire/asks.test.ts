// What a client must have declared for a server's request, and how a no is said to a server.
import { expect, test } from 'vitest';
import { parseMessage } from '../../broker/wire/gate.ts';
import { answerText, requiredElicitations, undeclared } from '../../broker/wire/handshake/asks.ts';
import type { Message } from '../../shared/message.ts';
import type { Denied } from '../../shared/request.ts';

const request = (method: string, params: object = {}): Message => parseMessage(JSON.stringify({ jsonrpc: '2.0', id: 7, method, params }));
const url = request('elicitation/create', { mode: 'url', url: 'https://example.com', message: 'x' });
const form = request('elicitation/create', { message: 'x', requestedSchema: {} });
const sampling = request('sampling/createMessage');

test.each([
  [sampling, {}, -32601],
  [sampling, { sampling: {} }, null],
  [request('roots/list'), { sampling: {} }, -32601],
  [request('roots/list'), { roots: {} }, null],
  [form, {}, -32601],
  [form, { elicitation: {} }, null],
  [form, { elicitation: { form: {} } }, null],
  [form, { elicitation: { url: {} } }, -32602],
  [url, { elicitation: {} }, -32602],
  [url, { elicitation: { form: {} } }, -32602],
  [url, { elicitation: { form: {}, url: {} } }, null],
  [request('ping'), {}, null],
])('%o with %j: %s', (message, declared, code) => {
  expect(undeclared(message, declared)?.code ?? null).toBe(code);
});

const denied = (result: Denied['result']): Denied => ({ kind: 'deny', decidedBy: 'operator', reason: 'he says "no"', advice: '', result });
const said = (message: Message, verdict: Denied) => JSON.parse(answerText(message, { kind: 'refused', verdict }) ?? 'null');

test('a no declines a form, silence dismisses it, and sampling fails as the protocol says', () => {
  expect(said(form, denied('denied')).result.action).toBe('decline');
  expect(said(url, denied('denied')).result.action).toBe('decline');
  for (const result of ['expired', 'open'] as const) expect(said(form, denied(result)).result.action).toBe('cancel');
  expect(said(sampling, denied('denied')).error).toMatchObject({ code: -1 });
  expect(said(sampling, denied('expired')).error).toMatchObject({ code: -1 });
  expect(said(sampling, denied('withdrawn'))).toBeNull();
  expect(answerText(sampling, { kind: 'withdrawn' })).toBeNull();
  // What the operator wrote is for the client's model, not for a server.
  expect(JSON.stringify(said(sampling, denied('denied')))).not.toContain('he says');
});

test('of errors only -32042 asks for addresses, each with the bytes it came with', () => {
  const error = (code: number, elicitations: string) =>
    parseMessage(`{"jsonrpc":"2.0","id":1,"error":{"code":${code},"message":"m","data":{"elicitations":${elicitations}}}}`);
  const element = '{"mode":"url","url":"https://example.com/", "n":12345678901234567890}';
  expect(requiredElicitations(error(-32042, `[${element}]`))?.map(({ text }) => text)).toEqual([expect.stringContaining(element)]);
  expect(requiredElicitations(error(-32000, `[${element}]`))).toBeNull();
  expect(requiredElicitations(error(-32042, '[]'))).toEqual([]);
  expect(() => requiredElicitations(error(-32042, '[7]'))).toThrow();
  expect(() => requiredElicitations(error(-32042, `[${Array(9).fill(element).join()}]`))).toThrow();
});
