// Our words for a real server whose package is pinned: in the question and in the log, with what the last yes was for.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { attempt } from '../support/attempt.ts';
import { serverEntry } from '../support/house.ts';
import { type Den, openDen } from '../support/imps.ts';
import { type Connected, connectClient } from '../support/sdk-client.ts';

const top = realpathSync(mkdtempSync(join(tmpdir(), 'gatehouse-said-')));
const acme = join(top, 'acme');
let den: Den;
let connected: Connected;

beforeAll(async () => {
  mkdirSync(acme);
  for (const name of ['README.md', 'notes.txt']) writeFileSync(join(acme, name), 'text\n');
  den = await openDen();
  await den.api.server.add({ name: 'files', command: process.execPath, args: [serverEntry('filesystem'), acme], cwd: acme, accept: true });
  await den.add('imp', { tools: [{ name: 'read_file', inputSchema: { type: 'object', properties: { path: { type: 'string' } } } }] });
  connected = await connectClient(await den.pair('coder', 'all', 60), 'connector', null, { cwd: acme, capabilities: {} });
}, 180_000);
afterAll(async () => {
  await connected?.close().catch(() => {});
  await den?.close();
  rmSync(top, { recursive: true, force: true });
});

async function asked(tool: string, input: Record<string, unknown>) {
  const call = attempt(connected.client, tool, input);
  const [question] = await den.questions(1);
  if (!question) throw new Error('no question');
  await den.api.approval.approve({ id: question.id, nonce: question.nonce });
  await call.done;
  expect(call.result, call.words).toBe('answered');
  return question;
}
const folder = acme.startsWith(`${homedir()}/`) ? `~${acme.slice(homedir().length)}` : acme;
const sentence = (name: string) => [
  { verb: 'read', object: name, several: 'files' },
  { verb: 'in', object: folder },
];

test('a pinned server of the catalogue is spoken of in our verbs, another with the same tool is not', async () => {
  const first = await asked('files__read_text_file', { path: join(acme, 'README.md') });
  expect(first.sentence).toEqual(sentence('README.md'));
  expect(first.lastTime).toBeUndefined();
  const second = await asked('files__read_text_file', { path: join(acme, 'notes.txt') });
  expect(second.sentence).toEqual(sentence('notes.txt'));
  expect(second.lastTime).toEqual({ at: expect.any(String), argumentsText: JSON.stringify({ path: join(acme, 'README.md') }) });
  const other = await asked('imp__read_file', { path: join(acme, 'README.md') });
  expect(other).not.toHaveProperty('sentence');

  const entries = (await den.log()).filter(({ type }) => type === 'asked');
  expect(entries.map(({ server, sentence }) => [server, sentence])).toEqual([
    ['imp', undefined],
    ['files', sentence('notes.txt')],
    ['files', sentence('README.md')],
  ]);
  expect(await den.api.log.list({ search: 'notes.txt', capability: 'tool:read_text_file' })).toHaveLength(1);
});
