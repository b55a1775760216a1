// Claude Code and Codex themselves, driven by a scripted model: they read the rewritten configuration, list, wait, and get their answer.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { checkout, closeHouse, type House, openHouse } from '../support/house.ts';
import { npmClient } from '../support/npm-client.ts';
import { type Ran, run } from '../support/run.ts';
import { type Say, scriptedModel, type Turn } from '../support/scripted-model.ts';

const server = join(checkout, 'test', 'support', 'servers', 'curious.ts');
const key = 'ghp_0123456789abcdefghij0123456789abcdef';
let house: House;

beforeAll(async () => {
  house = await openHouse();
}, 60_000);
afterAll(() => closeHouse(house));

function newUser(): { home: string; work: string } {
  const home = mkdtempSync(join(tmpdir(), 'gatehouse-user-'));
  const work = join(home, 'work');
  mkdirSync(work);
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  return { home, work };
}

interface Pending {
  id: string;
  client: string;
  capability: string;
}

async function pending(client: string): Promise<Pending> {
  // Looking costs a process each time, and the client needs the machine too.
  for (const end = Date.now() + 120_000; Date.now() < end; await sleep(500)) {
    const found = (await house.ask<Pending[]>('pending')).find((one) => one.client === client);
    if (found) return found;
  }
  throw new Error('nothing waits');
}

const claude = npmClient('claude-code');
if (claude.why) console.log(`Not tested with Claude Code: ${claude.why}`);
const codex = npmClient('codex');
if (codex.why) console.log(`Not tested with Codex: ${codex.why}`);

test('Claude Code: lists through Gatehouse, asks nothing itself, waits, and a late yes covers the repeat', async (context) => {
  context.skip(claude.why !== null, claude.why ?? '');
  const { home, work } = newUser();
  const path = join(home, '.claude.json');
  const entry = { type: 'stdio', command: process.execPath, args: [server, 'claude'], env: { GITHUB_TOKEN: key } };
  writeFileSync(path, JSON.stringify({ hasCompletedOnboarding: true, mcpServers: { 'My curious': entry } }, null, 2), { mode: 0o600 });
  const before = readFileSync(path, 'utf8');
  const cli = (...words: string[]) => house.cli([...words, '--json'], { env: { HOME: home } });
  expect((await cli('import', '--from', 'claude-code')).code).toBe(0);
  expect((await cli('install', 'claude-code', '--pass-dialogs')).code).toBe(0);
  expect(readFileSync(path, 'utf8')).not.toContain(key);

  const program = claude.command ?? [];
  const env = { HOME: home, DISABLE_AUTOUPDATER: '1', DISABLE_TELEMETRY: '1', CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1' };
  const ask = (words: string[], more: Record<string, string> = {}): Promise<Ran> =>
    run([...program, ...words], { env: { ...env, ...more }, cwd: work, limitMs: 90_000 });
  const list = await ask(['mcp', 'list']);
  expect(list.stdout).toMatch(/My curious: .*connect.*--client claude-code.*Connected/);
  expect((await ask(['mcp', 'get', 'My curious'])).stdout).toMatch(/Status: .*Connected/);
  const ours = () => (JSON.parse(readFileSync(path, 'utf8')) as { mcpServers: Record<string, unknown> }).mcpServers['My curious'];
  const placed = ours();
  expect((await ask(['mcp', 'add', 'other', '-s', 'user', '--', '/bin/true'])).code).toBe(0);
  expect((await ask(['mcp', 'remove', 'other', '-s', 'user'])).code).toBe(0);
  expect(ours()).toEqual(placed);

  const drive = async (reply: (turn: Turn) => Promise<Say> | Say) => {
    const model = await scriptedModel(reply);
    const ran = await ask(['-p', 'Do it.', '--output-format', 'json'], {
      ANTHROPIC_BASE_URL: model.url,
      ANTHROPIC_API_KEY: 'sk-ant-none',
    });
    expect([ran.code, ran.stderr]).toEqual([0, '']);
    const said = JSON.parse(ran.stdout) as { permission_denials: unknown[]; result: string };
    // Claude Code's own dialog, which nobody could answer here, never came up.
    expect(said.permission_denials).toEqual([]);
    return model.turns;
  };
  const tool = 'mcp__My_curious__env';
  const call: Say = { tool, input: { key: 'GITHUB_TOKEN' } };

  // A new one waits, is approved, and its answer reaches the model.
  const answered = drive((turn) => (turn.result === null ? call : { text: 'done' }));
  const first = await pending('claude-code');
  expect(first.capability).toBe('tool:env');
  await house.ask('approve', first.id, '--for', 'once');
  const turns = await answered;
  expect(turns[0]?.tools).toContain(tool);
  expect(turns[1]?.result).toMatch(/"40 [0-9a-f]{64}"/);

  // Nobody answers while it waits; the yes comes late and covers the repeat.
  await house.ask('client', 'set', 'claude-code', '--wait', '1');
  const late = await drive(async ({ result }) => {
    if (result === null) return call;
    if (!result.includes('still open')) return { text: 'done' };
    await house.ask('approve', (await pending('claude-code')).id, '--for', 'once');
    return call;
  });
  expect(late.map(({ result }) => result?.match(/still open|"40 /)?.[0] ?? null)).toEqual([null, 'still open', '"40 ']);

  // A granted one runs at once.
  await house.ask('grant', 'add', '--client', 'claude-code', '--server', 'my-curious', '--capability', 'tool:env');
  const granted = await drive(({ result }) => (result === null ? call : { text: 'done' }));
  expect(granted[1]?.result).toMatch(/"40 /);

  // Undo among all that Claude Code wrote into its file meanwhile.
  expect((await cli('uninstall', 'claude-code')).code).toBe(0);
  expect(ours()).toEqual((JSON.parse(before) as { mcpServers: Record<string, unknown> }).mcpServers['My curious']);
  expect(
    existsSync(join(home, '.claude', 'settings.json')) ? readFileSync(join(home, '.claude', 'settings.json'), 'utf8') : '',
  ).not.toContain('mcp__');
}, 300_000);

test('Claude Code with hooks: its own shell is asked about and logged; a no, and no broker, are a no', async (context) => {
  context.skip(claude.why !== null, claude.why ?? '');
  const { home, work } = newUser();
  const settings = join(home, '.claude', 'settings.json');
  mkdirSync(join(home, '.claude'));
  const before = '{\n  "cleanupPeriodDays": 31\n}\n';
  writeFileSync(settings, before);
  const cli = (...words: string[]) => house.cli([...words, '--json'], { env: { HOME: home } });
  const installed = await cli('install', 'claude-code', '--hooks', '--pass-dialogs');
  expect([installed.code, installed.stderr]).toEqual([0, '']);
  await house.ask('client', 'set', 'claude-code', '--wait', '120');
  const env = { HOME: home, DISABLE_AUTOUPDATER: '1', DISABLE_TELEMETRY: '1', CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1' };
  const drive = async () => {
    const call: Say = { tool: 'Bash', input: { command: 'echo it-ran > ran.txt && cat ran.txt', description: 'Says it ran' } };
    const model = await scriptedModel(({ result }) => (result === null ? call : { text: 'done' }));
    const more = { ANTHROPIC_BASE_URL: model.url, ANTHROPIC_API_KEY: 'sk-ant-none' };
    const ran = await run([...(claude.command ?? []), '-p', 'Do it.', '--output-format', 'json'], {
      env: { ...env, ...more },
      cwd: work,
      limitMs: 90_000,
    });
    expect([ran.code, ran.stderr]).toEqual([0, '']);
    return model.turns.at(-1)?.result ?? '';
  };
  // Asked, with the command; allowed; it runs, and no dialog of the client's own stands before it.
  const answered = drive();
  const first = await pending('claude-code');
  expect(first.capability).toBe('tool:Bash');
  expect(existsSync(join(work, 'ran.txt'))).toBe(false);
  await house.ask('approve', first.id, '--for', 'once');
  expect(await answered).toContain('it-ran');
  const log = await house.ask<{ seq: number; type: string; capability?: string; result?: string; asked?: number; durationMs?: number }[]>(
    ...['log', '--limit', '50'],
  );
  expect(log.find((one) => one.type === 'outcome' && one.capability === 'tool:Bash')).toMatchObject({ result: 'ok' });
  // Claude Code told afterwards what came of it, by the name of the same use.
  expect(log.find((one) => one.type === 'client-tool.ended')).toMatchObject({
    ...{ capability: 'tool:Bash', result: 'ok', durationMs: expect.any(Number) },
    asked: log.find((one) => one.type === 'asked' && one.capability === 'tool:Bash')?.seq,
  });

  // Denied: it does not run, and the model hears who said so.
  rmSync(join(work, 'ran.txt'));
  const refused = drive();
  await house.ask('deny', (await pending('claude-code')).id, '--reason', 'not on my watch');
  expect(await refused).toContain('not on my watch');
  expect(existsSync(join(work, 'ran.txt'))).toBe(false);

  // A granted one needs nobody; but a shell reads and sends, so without this every one after the first would be shown as a flow.
  await house.ask('label', 'set', 'client-tools', 'tool:Bash', '-outward');
  await house.ask('grant', 'add', '--client', 'claude-code', '--server', 'client-tools', '--capability', 'tool:Bash');
  expect(await drive()).toContain('it-ran');
  rmSync(join(work, 'ran.txt'));

  // The home is gone from where the hook looks for it, as when no broker runs: a no.
  const hooked = readFileSync(settings, 'utf8');
  writeFileSync(settings, hooked.replaceAll(house.home, join(home, 'nowhere')));
  expect(await drive()).toMatch(/no credential here/);
  // What cannot even start is a no too.
  writeFileSync(settings, hooked.replaceAll(/'[^']*node'/g, "'/nowhere/node'"));
  await drive();
  expect(existsSync(join(work, 'ran.txt'))).toBe(false);
  writeFileSync(settings, hooked);

  expect((await cli('uninstall', 'claude-code')).code).toBe(0);
  expect(readFileSync(settings, 'utf8')).toBe(before);
}, 300_000);

test('Codex: the same', async (context) => {
  context.skip(codex.why !== null, codex.why ?? '');
  const { home, work } = newUser();
  const path = join(home, '.codex', 'config.toml');
  mkdirSync(join(home, '.codex'));
  let reply: (turn: Turn) => Promise<Say> | Say = () => ({ text: 'done' });
  const model = await scriptedModel((turn) => reply(turn));
  const text = `model = "scripted" # on loopback
model_provider = "scripted"
[model_providers.scripted]
name = "Scripted"
base_url = "${model.url}/v1"
wire_api = "responses"

[mcp_servers.curious]
command = "${process.execPath}"
args = ["${server}", "codex"]
required = true # or its first turn would not know the tools yet

[mcp_servers.curious.env]
GITHUB_TOKEN = "${key}"
`;
  writeFileSync(path, text);
  const cli = (...words: string[]) => house.cli([...words, '--json'], { env: { HOME: home } });
  expect((await cli('import', '--from', 'codex')).code).toBe(0);
  expect((await cli('install', 'codex', '--pass-dialogs')).code).toBe(0);
  const written = readFileSync(path, 'utf8');
  expect(written).not.toContain(key);

  const ask = (...words: string[]) => run([...(codex.command ?? []), ...words], { env: { HOME: home }, cwd: work, limitMs: 90_000 });
  expect((await ask('mcp', 'list')).stdout).toMatch(/curious .*connect.*--client codex.*enabled/);
  expect((await ask('mcp', 'get', 'curious')).stdout).toMatch(/enabled: true/);
  expect((await ask('mcp', 'add', 'other', '--', '/bin/true')).code).toBe(0);
  expect((await ask('mcp', 'remove', 'other')).code).toBe(0);
  expect(readFileSync(path, 'utf8')).toBe(written);

  const call: Say = { tool: 'mcp__curious/env', input: { key: 'GITHUB_TOKEN' } };
  reply = ({ result }) => (result === null ? call : { text: 'done' });
  const ended = ask('exec', '--skip-git-repo-check', 'Do it.');
  await house.ask('approve', (await pending('codex')).id, '--for', 'once');
  expect((await ended).code).toBe(0);
  expect(model.turns.at(-1)?.result).toMatch(/40 [0-9a-f]{64}/);

  await house.ask('client', 'set', 'codex', '--wait', '1');
  reply = async ({ result }) => {
    if (result === null) return call;
    if (!result.includes('still open')) return { text: 'done' };
    await house.ask('approve', (await pending('codex')).id, '--for', 'once');
    return call;
  };
  expect((await ask('exec', '--skip-git-repo-check', 'Do it.')).code).toBe(0);
  expect(model.turns.slice(-3).map(({ result }) => result?.match(/still open|40 [0-9a-f]{64}/)?.[0].slice(0, 10) ?? null)).toEqual([
    null,
    'still open',
    expect.stringMatching(/^40 /),
  ]);

  expect((await cli('uninstall', 'codex')).code).toBe(0);
  // Codex may have added that it trusts the folder; ours is as it was.
  expect(readFileSync(path, 'utf8').startsWith(text)).toBe(true);
}, 300_000);
