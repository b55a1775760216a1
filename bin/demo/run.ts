// The demo's course: set the stage, let the agent ask, let somebody answer, show the log, clean up.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { type Api, operatorLink } from '../../broker/cli/operator-link.ts';
import { visible } from '../../broker/cli/visible.ts';
import { start } from '../../broker/start.ts';
import type { Approval, Entry } from '../../shared/vocabulary.ts';
import { type Outcome, runAgent, type Wish, wishes } from './agent.ts';

const auto = process.argv.includes('--auto');
const unknown = process.argv.slice(2).filter((word) => word !== '--auto');
if (unknown.length > 0) {
  console.error(`npm run demo does not know ${unknown.join(' ')}. It takes --auto: answer by itself and end with a summary.`);
  process.exit(2);
}

const require = createRequire(import.meta.url);
const serverEntry = (name: string) =>
  join(dirname(require.resolve(`@modelcontextprotocol/server-${name}/package.json`)), 'dist', 'index.js');
const say = (text = '') => console.log(text);

const stage = mkdtempSync(join(tmpdir(), 'gatehouse-demo-'));
const home = join(stage, 'home');
const project = join(stage, 'acme');
mkdirSync(project);
writeFileSync(join(project, 'README.md'), '# Acme\n\nSells lamps. Ship on Friday.\n');
writeFileSync(join(project, '.env'), 'DATABASE_PASSWORD=only-for-the-demo\n');

// A throw-away home keeps its secrets in a sealed file of its own, so that the demo leaves nothing in your keychain.
const broker = await start({
  home,
  vault: 'sealed-file',
  passphrase: `demo-${process.pid}-${Date.now()}`,
  operator: true,
  prove: async () => null,
});
const ended = new AbortController();
let code = 1;
try {
  const { console: address, operatorToken } = broker.ready;
  const api = operatorLink(home, operatorToken);
  say('Gatehouse demo: a temporary home, two real servers, and an agent that wants five things.');
  say();
  await setTheStage(api);
  if (!auto) {
    say(`  The console, where you can answer and watch:  ${address}`);
    say('  Or answer here, question by question.');
    say();
  }
  const help = await api.client.add({ name: 'demo-agent', servers: 'all' });
  void showLog(api, ended.signal);
  const answering = answerQuestions(api, ended.signal);
  const outcomes = await runAgent(help, project);
  ended.abort();
  await answering;
  code = await summary(api, outcomes);
} finally {
  ended.abort();
  await broker.stop();
  rmSync(stage, { recursive: true, force: true });
}
process.exit(code);

async function setTheStage(api: Api): Promise<void> {
  await api.secret.set({ name: 'demo-key', value: `demo-${Math.random().toString(36).slice(2)}-not-a-real-key` });
  await api.server.add({ name: 'files', command: process.execPath, args: [serverEntry('filesystem'), project], accept: true });
  await api.server.add({
    name: 'everything',
    command: process.execPath,
    args: [serverEntry('everything')],
    secretEnv: { DEMO_KEY: 'demo-key' },
    accept: true,
  });
  say(`  Two servers are behind the broker: files (may see ${project}) and everything (is given a secret).`);
}

/** Each entry as it is written, one line each. */
async function showLog(api: Api, signal: AbortSignal): Promise<void> {
  try {
    for await (const entry of await api.log.follow({ client: 'demo-agent' }, { signal })) {
      const line = sentence(entry);
      if (line) say(`  log  ${entry.at.slice(11, 19)}  ${line}`);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function sentence(entry: Entry): string | null {
  const what = `${entry.capability?.replace(/^\w+:/, '')} of ${entry.server}`;
  if (entry.type === 'asked')
    return `${entry.client} wants to use ${visible(what)}: ${entry.verdict === 'ask' ? 'you are asked' : entry.verdict}`;
  if (entry.type === 'approved') return `You allowed ${visible(what)} (${String(entry.for)})`;
  if (entry.type === 'denied') return `You refused ${visible(what)}`;
  if (entry.type === 'outcome')
    return `${visible(what)}: ${entry.result}${entry.durationMs === undefined ? '' : ` after ${Math.round(entry.durationMs)} ms`}`;
  return null;
}

async function answerQuestions(api: Api, signal: AbortSignal): Promise<void> {
  const seen = new Set<string>();
  const terminal = auto || !process.stdin.isTTY ? null : createInterface({ input: process.stdin, output: process.stdout });
  if (!auto && !terminal) say('  (There is no terminal to answer at; the console is where you answer.)');
  while (!signal.aborted) {
    const open = (await api.approval.list()).filter((approval) => !seen.has(approval.id));
    for (const approval of open) {
      seen.add(approval.id);
      if (auto) await answerAlone(api, approval);
      else if (terminal) await answerHere(api, approval, terminal, signal);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  terminal?.close();
}

async function answerAlone(api: Api, { id, nonce, capability }: Approval): Promise<void> {
  const wish = wishes.find((one) => `tool:${one.tool}` === capability) as Wish;
  if (wish.answer === 'deny') await api.approval.deny({ id, nonce, reason: 'the demo says no to this' });
  else await api.approval.approve({ id, nonce, for: wish.answer, match: wish.answer === 'once' ? 'exact' : 'any' });
}

async function answerHere(api: Api, approval: Approval, terminal: ReturnType<typeof createInterface>, signal: AbortSignal): Promise<void> {
  say();
  say(
    `  ${approval.client} wants to use ${visible(approval.capability.replace('tool:', ''))} of ${approval.server}  (risk: ${approval.risk})`,
  );
  for (const reason of approval.reasons) say(`    because: ${reason}`);
  say(`    with ${visible(approval.argumentsText).slice(0, 400)}`);
  const elsewhere = new AbortController();
  const watch = setInterval(() => {
    void api.approval.list().then(
      (open) => open.some(({ id }) => id === approval.id) || elsewhere.abort(),
      () => elsewhere.abort(),
    );
  }, 500);
  const stop = () => elsewhere.abort();
  signal.addEventListener('abort', stop);
  try {
    for (;;) {
      const word = (await terminal.question('  [d]eny, [a]llow once, allow for an [h]our? ', { signal: elsewhere.signal }))
        .trim()
        .toLowerCase();
      const { id, nonce } = approval;
      if (word === 'd') return void (await api.approval.deny({ id, nonce }));
      if (word === 'a') return void (await api.approval.approve({ id, nonce, for: 'once' }));
      if (word === 'h') return void (await api.approval.approve({ id, nonce, for: '1h', match: 'any' }));
      say('  Type d, a or h.');
    }
  } catch {
    say('\n  (answered in the console, or not open any more)');
  } finally {
    clearInterval(watch);
    signal.removeEventListener('abort', stop);
  }
}

async function summary(api: Api, outcomes: Outcome[]): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 300));
  say();
  say('What became of the five wishes:');
  for (const { wish, allowed, text } of outcomes) {
    say(`  ${allowed ? 'passed ' : 'refused'}  ${wish.says.padEnd(52)} ${visible(text).slice(0, 60)}`);
  }
  const verified = await api.log.verify();
  say();
  say(`The log has ${verified.entries} entries and ${verified.ok ? 'verifies: nobody edited it' : 'does NOT verify'}.`);
  say('Everything was in a temporary folder, which is gone now.');
  const asMeant = !auto || outcomes.every(({ wish, allowed }) => allowed === (wish.answer !== 'deny'));
  if (!asMeant) say('Some answers did not have the effect they were meant to have: this is a bug.');
  return verified.ok && asMeant ? 0 : 1;
}
