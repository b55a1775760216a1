// An updated package that says what it said is one line a week; one that runs scripts, or has other contents, is a review.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { attempt } from '../support/attempt.ts';
import { checkout } from '../support/house.ts';
import { type Den, named, openDen } from '../support/imps.ts';
import { connectClient, type Help } from '../support/sdk-client.ts';

const top = realpathSync(mkdtempSync(join(tmpdir(), 'gatehouse-updates-')));
const modules = join(top, 'node_modules');
const own = join(modules, '@acme', 'imp');
const imp = pathToFileURL(join(checkout, 'test', 'support', 'servers', 'imp.ts')).href;
let den: Den;
let help: Help;

function install(version: string, integrity: string, scripts = false) {
  mkdirSync(own, { recursive: true });
  writeFileSync(join(own, 'package.json'), JSON.stringify({ name: '@acme/imp', version }));
  writeFileSync(join(own, 'index.mjs'), `await import(${JSON.stringify(imp)});\n`);
  const listed = { version, integrity, ...(scripts ? { hasInstallScript: true } : {}) };
  writeFileSync(join(modules, '.package-lock.json'), JSON.stringify({ packages: { 'node_modules/@acme/imp': listed } }));
}

beforeAll(async () => {
  den = await openDen();
  install('1.0.0', 'sha512-a');
  den.order('imp', { tools: named('get_thing') });
  writeFileSync(join(den.folder, 'imp.log'), '');
  await den.api.server.add({ name: 'imp', command: process.execPath, args: [join(own, 'index.mjs'), den.folder, 'imp'], accept: true });
  help = await den.pair('coder', 'all', 60);
  await den.allow('coder', 'imp', 'tool:get_thing');
}, 180_000);
afterAll(async () => {
  await den?.close();
  rmSync(top, { recursive: true, force: true });
});

/** A new connection starts the server anew. */
async function call() {
  const connected = await connectClient(help, 'http', 'imp', { capabilities: {} });
  const made = attempt(connected.client, 'get_thing');
  return { made, close: () => connected.close() };
}
async function answered() {
  const { made, close } = await call();
  await made.done;
  expect(made.result, made.words).toBe('answered');
  await close();
}
const lines = async () => (await den.api.finding.list({})).filter(({ rule }) => rule === 'updates');
const updated = async () => (await den.log()).filter(({ type }) => type === 'server.updated');

test('an ordinary update passes, is an entry, and a line for the week', async () => {
  await answered();
  expect(await lines()).toEqual([]);
  install('1.0.1', 'sha512-b');
  await answered();
  install('1.1.0', 'sha512-c');
  await answered();
  await answered();
  expect((await updated()).map(({ from, to }) => [from, to])).toEqual([
    ['1.0.1', '1.1.0'],
    ['1.0.0', '1.0.1'],
  ]);
  expect(await lines()).toMatchObject([{ severity: 'note', detail: expect.stringContaining('imp 1.0.0 to 1.1.0') }]);
  const [line] = await lines();
  await den.api.finding.dismiss({ id: line?.id ?? '' });
  expect(await lines()).toEqual([]);
  den.skip(7 * 86_400_000);
  await den.allow('coder', 'imp', 'tool:get_thing');
  install('1.1.1', 'sha512-d');
  await answered();
  expect(await lines()).toMatchObject([{ detail: expect.stringContaining('imp 1.1.0 to 1.1.1') }]);
}, 60_000);

test.each<[string, () => void, string]>([
  ['the same version with other contents', () => install('1.1.1', 'sha512-evil'), 'the same version with other contents'],
  ['a build that runs a program when it is installed', () => install('1.1.2', 'sha512-e', true), 'it now runs a program'],
])(
  '%s is held, and the next call is its review; a yes takes it',
  async (_, change, why) => {
    const before = (await updated()).length;
    change();
    const { made, close } = await call();
    const [question] = await den.questions(1);
    expect(question).toMatchObject({ alarm: 'changed' });
    expect(question?.review?.is).toContain(why);
    expect((await updated()).length).toBe(before);
    await den.api.approval.approve({ id: question?.id ?? '', nonce: question?.nonce ?? '' });
    await made.done;
    expect(made.result, made.words).toBe('answered');
    await close();
    await den.allow('coder', 'imp', 'tool:get_thing');
    await answered();
  },
  60_000,
);
