// What the broker answers to a hook: one shape is a yes, and an answer that is broken, endless or nobody's is a no in words.
import { spawn } from 'node:child_process';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { reply, verdictOf } from '../../broker/cli/hook-answer.ts';

const text = (words: unknown) => ({ content: [{ type: 'text', text: words }] });

test('only the plain yes is a yes', () => {
  for (const result of [text('allowed'), { ...text('allowed'), isError: false }]) expect(verdictOf({ id: 1, result }).allow).toBe(true);
  const others: unknown[] = [
    ...[
      undefined,
      null,
      true,
      'allowed',
      1,
      [],
      {},
      { content: [] },
      { content: 'allowed' },
      { content: [null] },
      { task: { taskId: 't' } },
    ],
    ...[text('allowed '), text('Allowed'), text('denied'), text(''), text(['allowed']), { content: [...text('allowed').content, null] }],
    ...[true, 'false', 0, null].map((isError) => ({ ...text('allowed'), isError })),
  ];
  for (const result of others) expect(verdictOf({ id: 1, result }).allow, JSON.stringify(result)).toBe(false);
  expect(verdictOf({ id: 1, result: text('allowed'), error: {} })).toEqual({ allow: false, reason: 'Gatehouse did not allow it.' });
  expect(verdictOf({ id: 1, result: { ...text('Denied by the operator.'), isError: true } }).reason).toBe('Denied by the operator.');
});

const answering = (parts: (string | Buffer)[], { rest = '', limitMs = 2000, end = false } = {}) => {
  const socket = new PassThrough();
  const answer = reply(socket, Buffer.from(rest), limitMs);
  for (const part of parts) socket.write(part);
  if (end) socket.end();
  return answer;
};
const yes = `${JSON.stringify({ jsonrpc: '2.0', id: 1, result: text('allowed') })}\n`;

test('an answer in pieces, after others, or begun in what was read before', async () => {
  const opened = '{"jsonrpc":"2.0","id":0,"result":{}}\n';
  for (const parts of [[opened, yes], [...(opened + yes)], [opened, '{"method":"notifications/x"}\n{"id":2,"result":{}}\n[]\n', yes]])
    expect(verdictOf(await answering(parts)).allow).toBe(true);
  expect(verdictOf(await answering([yes.slice(9)], { rest: opened + yes.slice(0, 9) })).allow).toBe(true);
  for (const line of ['{"id":null,"error":{"message":"too long"}}\n', '{"error":{"message":"too long"}}\n'])
    expect(verdictOf(await answering([line]))).toEqual({ allow: false, reason: 'too long' });
  expect(verdictOf(await answering(['{"id":0,"error":{"message":"not paired"}}\n', yes]))).toEqual({ allow: false, reason: 'not paired' });
});

test('what is no message, has no end, ends too early or does not come is a no', async () => {
  for (const line of ['{\n', 'null\n', '1\n', '"x"\n']) await expect(answering([line, yes]), line).rejects.toThrow('cannot be read');
  await expect(answering([Buffer.alloc(2 * 1024 * 1024, 0x20), yes])).rejects.toThrow('has no end');
  await expect(answering([yes.slice(0, -1)], { end: true })).rejects.toThrow('stopped before it answered');
  await expect(answering([yes.slice(0, -1)], { limitMs: 50 })).rejects.toThrow('in time');
});

test('a hook whose client never stops writing says no before its time is over', async () => {
  const hook = new URL('../../broker/cli/hook.ts', import.meta.url).href;
  const script = `const { hook } = await import(${JSON.stringify(hook)}); process.exit(await hook('claude-code', '/nowhere', null, 300));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.on('error', () => {}).write('{"hook_event_name":"PreToolUse","tool_name":"Bash",');
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    said += part;
  });
  expect(await new Promise((resolve) => child.once('close', resolve))).toBe(0);
  expect(JSON.parse(said)).toMatchObject({
    hookSpecificOutput: { permissionDecision: 'deny', permissionDecisionReason: expect.stringContaining('not done in time') },
  });
}, 30_000);
