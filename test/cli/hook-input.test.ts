// What a client writes to its hook: read strictly, and whatever cannot be read is a no in words, from the program itself.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { inputBytes, longestEvent, readEvent } from '../../broker/cli/hook-input.ts';
import { checkout } from '../support/house.ts';

const nested = (depth: number) => `{"tool_input":${'['.repeat(depth)}${']'.repeat(depth)}}`;
const bad: [string, Buffer | null, RegExp][] = [
  ['nothing', Buffer.alloc(0), /not JSON/],
  ['half', Buffer.from('{"tool_name":"Bash","tool_in'), /not JSON/],
  ['two', Buffer.from('{"tool_name":"Bash"}{"tool_name":"Read"}'), /not JSON/],
  ['a mark in front', Buffer.from('\ufeff{"tool_name":"Bash"}'), /not JSON/],
  ['other bytes', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), /not UTF-8/],
  ['a list', Buffer.from('[{"tool_name":"Bash"}]'), /not an object/],
  ['null', Buffer.from('null'), /not an object/],
  ['a text', Buffer.from('"Bash"'), /not an object/],
  ['a tool twice', Buffer.from('{"tool_name":"TodoWrite","tool_name":"Bash"}'), /two ways: the key "tool_name" stands twice/],
  ['an event twice', Buffer.from('{"hook_event_name":"PreToolUse","hook_event_\\u006eame":"PostToolUse"}'), /stands twice/],
  ['a command twice', Buffer.from('{"tool_name":"Bash","tool_input":{"command":"ls","command":"rm -rf /"}}'), /"command" stands twice/],
  ['a prototype', Buffer.from('{"tool_name":"Bash","tool_input":{"__proto__":{"command":"ls"}}}'), /__proto__/],
  ['depth', Buffer.from(nested(200)), /nested deeper/],
  ['no end of depth', Buffer.from(nested(200_000)), /nested deeper|not JSON/],
  ['too much', null, /longer than/],
];

test.each(bad)('%s is not read', (_what, bytes, why) => {
  expect(() => readEvent(bytes)).toThrow(why);
});

test('what is plain is read as it is', () => {
  const text = '{"tool_name":"Write","tool_input":{"content":"ä \\ud800 {\\"a\\":1,\\"a\\":2}","n":[{"a":1},{"a":2}]},"constructor":1}';
  expect(readEvent(Buffer.from(text))).toEqual(JSON.parse(text));
});

test('bytes are put together whole, and too many are read to their end and not kept', async () => {
  async function* parts(count: number, part: Buffer) {
    for (let at = 0; at < count; at++) yield part;
  }
  expect((await inputBytes(parts(3, Buffer.from('é'))))?.toString()).toBe('ééé');
  let given = 0;
  const counted = (async function* () {
    for (; given < 40; given++) yield Buffer.alloc(1024 * 1024);
  })();
  expect(await inputBytes(counted)).toBeNull();
  expect(given).toBe(40);
  expect(longestEvent).toBeLessThan(40 * 1024 * 1024);
});

/** The hook as a client starts it, in a home where no broker runs. */
async function hook(
  input: Buffer,
): Promise<{ code: number | null; answer: { permissionDecision: string; permissionDecisionReason: string } }> {
  const home = mkdtempSync(join(tmpdir(), 'gatehouse-hook-'));
  onTestFinished(() => rmSync(home, { recursive: true }));
  const words = [join(checkout, 'broker', 'cli', 'main.ts'), 'hook', '--home', home, '--client', 'claude-code'];
  const child = spawn(process.execPath, words, { stdio: ['pipe', 'pipe', 'inherit'], env: { PATH: process.env.PATH ?? '' } });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    said += part;
  });
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, answer: (JSON.parse(said) as { hookSpecificOutput: never }).hookSpecificOutput };
}

test('the program says no, in words, to what it cannot read, and to a report that cannot be read', async () => {
  const cases: [Buffer, RegExp][] = [
    [Buffer.from('{'), /not JSON/],
    [Buffer.from('{"hook_event_name":"PostToolUse","tool_name":"Bash","tool_name":"Read"}'), /stands twice/],
    [Buffer.from('[]'), /not an object/],
    [Buffer.concat([Buffer.from('{"tool_name":"'), Buffer.alloc(longestEvent, 0x61), Buffer.from('"}')]), /longer than/],
    // Readable, and about nothing.
    [Buffer.from('{}'), /did not say which tool/],
  ];
  for (const [input, why] of cases) {
    const { code, answer } = await hook(input);
    expect([code, answer.permissionDecision]).toEqual([0, 'deny']);
    expect(answer.permissionDecisionReason).toMatch(why);
  }
}, 60_000);
