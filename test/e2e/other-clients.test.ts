// Gemini CLI, OpenCode and Cline themselves, from npm: installed, listed; Gemini and Cline driven by a scripted model too: a new call waits, a grant runs.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { checkout, closeHouse, type House, openHouse } from '../support/house.ts';
import { endLeftBehind } from '../support/left-behind.ts';
import { npmClient } from '../support/npm-client.ts';
import { operate } from '../support/operate.ts';
import { type Ran, run } from '../support/run.ts';
import { type Say, scriptedModel, type Turn } from '../support/scripted-model.ts';

const server = join(checkout, 'test', 'support', 'servers', 'curious.ts');
const key = 'ghp_0123456789abcdefghij0123456789abcdef';
const entry = { command: process.execPath, args: [server], env: { GITHUB_TOKEN: key } };

interface Kind {
  readonly name: 'gemini' | 'opencode' | 'cline';
  readonly path: readonly string[];
  /** Where its entries are in that file. */
  readonly key: 'mcpServers' | 'mcp';
  /** The configuration before anything of ours is in it. */
  config(url: string): object;
  env(url: string): Record<string, string>;
  /** What it must be told by its own command before it answers at all. */
  before?(url: string): readonly string[];
  /** Null where it lists no servers by a command: then a turn shows what it offers its model. */
  readonly list: { readonly words: readonly string[]; readonly says: RegExp } | null;
  /** Another server put in and taken out by the client's own commands. */
  readonly others: readonly (readonly string[])[];
  /** One turn without a person; null where that does not come to a request here. */
  readonly go: readonly string[] | null;
}

const kinds: readonly Kind[] = [
  {
    name: 'gemini',
    path: ['.gemini', 'settings.json'],
    key: 'mcpServers',
    config: () => ({ security: { auth: { selectedType: 'gemini-api-key' } }, mcpServers: { curious: entry } }),
    env: (url) => ({ GEMINI_API_KEY: 'none', GOOGLE_GEMINI_BASE_URL: url, GEMINI_CLI_TRUST_WORKSPACE: 'true' }),
    list: { words: ['mcp', 'list'], says: /curious: .*connect.*--client gemini.*Connected/ },
    others: [
      ['mcp', 'add', 'other', '/bin/true', '-s', 'user'],
      ['mcp', 'remove', 'other', '-s', 'user'],
    ],
    go: ['-p', 'Do it.', '-m', 'gemini-2.5-flash'],
  },
  {
    name: 'opencode',
    path: ['.config', 'opencode', 'opencode.json'],
    key: 'mcp',
    config: (url) => ({
      ...{ model: 'scripted/m', small_model: 'scripted/m', autoupdate: false, share: 'disabled' },
      provider: {
        scripted: {
          ...{ npm: '@ai-sdk/openai-compatible', name: 'Scripted', options: { baseURL: `${url}/v1`, apiKey: 'none' } },
          models: { m: { name: 'm', tool_call: true } },
        },
      },
      mcp: { curious: { type: 'local', command: [entry.command, ...entry.args], environment: entry.env } },
    }),
    env: () => ({ OPENCODE_DISABLE_MODELS_FETCH: '1', OPENCODE_DISABLE_AUTOUPDATE: '1' }),
    list: { words: ['mcp', 'list'], says: /curious[\s\S]*connected/ },
    others: [],
    go: null,
  },
  {
    name: 'cline',
    path: ['.cline', 'data', 'settings', 'cline_mcp_settings.json'],
    key: 'mcpServers',
    // It gives a server 3 s to answer the handshake unless its entry says otherwise, and then lists no tools of it: a busy machine needs more.
    config: () => ({ mcpServers: { curious: { ...entry, timeout: 60 } } }),
    env: () => ({ CLINE_NO_AUTO_UPDATE: '1' }),
    before: (url) => ['auth', 'openai-compatible', '-k', 'none', '-m', 'm', '-b', `${url}/v1`],
    list: null,
    others: [
      ['mcp', 'add', 'other', '--yes', '--', '/bin/true'],
      ['mcp', 'remove', 'other'],
    ],
    go: ['-P', 'openai-compatible', '-m', 'm', '--json', 'Do it.'],
  },
];

let house: House;
let client = '';
const installed = kinds.map((kind) => ({ kind, program: npmClient(kind.name) }));
for (const { kind, program } of installed) if (program.why) console.log(`Not tested with ${kind.name}: ${program.why}`);
const some = installed.some(({ program }) => program.why === null);

beforeAll(async () => {
  if (some) house = await openHouse();
}, 240_000);
afterAll(async () => {
  if (some) await closeHouse(house);
});

interface Pending {
  id: string;
  client: string;
  capability: string;
  nonce: string;
}

async function pending(): Promise<Pending> {
  for (const end = Date.now() + 120_000; Date.now() < end; ) {
    const found = (await operate<Pending[]>(house.ready, 'approval/list')).find((one) => one.client === client);
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('nothing waits');
}

for (const { kind, program } of installed)
  test(`${kind.name}: lists through Gatehouse${kind.go ? '; a new call waits and is approved, a granted one runs' : ''}`, async (context) => {
    context.skip(program.why !== null, program.why ?? '');
    client = kind.name;
    const home = mkdtempSync(join(tmpdir(), 'gatehouse-user-'));
    const work = join(home, 'work');
    mkdirSync(work);
    onTestFinished(async () => {
      await endLeftBehind(home);
      rmSync(home, { recursive: true, force: true });
    });
    let reply: (turn: Turn) => Promise<Say> | Say = () => ({ text: 'done' });
    const model = await scriptedModel((turn) => reply(turn));
    const path = join(home, ...kind.path);
    mkdirSync(dirname(path), { recursive: true });
    const text = `${JSON.stringify(kind.config(model.url), null, 2)}\n`;
    writeFileSync(path, text, { mode: 0o600 });
    const cli = (...words: string[]) => house.cli([...words, '--json'], { env: { HOME: home } });
    const imported = await cli('import', '--from', kind.name);
    expect([imported.code, imported.stderr]).toEqual([0, '']);
    const into = await cli('install', kind.name, '--pass-dialogs', '--over', 'stdio');
    expect([into.code, into.stderr]).toEqual([0, '']);
    const written = readFileSync(path, 'utf8');
    expect(written).not.toContain(key);

    const env = { HOME: home, NO_COLOR: '1', XDG_CONFIG_HOME: join(home, '.config'), ...kind.env(model.url) };
    const ask = (words: readonly string[]): Promise<Ran> =>
      run([...(program.command ?? []), ...words], { env, cwd: work, limitMs: 240_000 });
    if (kind.before) expect((await ask(kind.before(model.url))).code).toBe(0);
    if (kind.list) {
      const told = await ask(kind.list.words);
      expect(told.stdout + told.stderr).toMatch(kind.list.says);
    }
    const entryIn = (whole: string) => JSON.stringify((JSON.parse(whole) as Record<string, Record<string, unknown>>)[kind.key]?.curious);
    const ours = () => entryIn(readFileSync(path, 'utf8'));
    const placed = ours();
    for (const words of kind.others) expect((await ask(words)).code).toBe(0);
    expect(ours()).toBe(placed);
    // Nothing else of the file is another one either, where the client writes as we do.
    if (kind.name === 'cline') expect(readFileSync(path, 'utf8').trimEnd()).toBe(written.trimEnd());

    const drive = async (words: readonly string[]) => {
      const seen: string[] = [];
      const call = ({ result, tools }: Turn): Say => {
        if (result !== null) return { text: 'done' };
        const tool = tools.find((name) => /curious.*env|env.*curious/.test(name)) ?? '';
        seen.push(tool || `none among ${tools.join(' ')}`);
        return tool === '' ? { text: 'no such tool' } : { tool, input: { key: 'GITHUB_TOKEN' } };
      };
      reply = call;
      const answered = ask(words);
      const first = await Promise.race([
        pending(),
        answered.then((ran) => Promise.reject(new Error(`it ended: ${seen} ${JSON.stringify(ran)}`))),
      ]);
      expect(first.capability).toBe('tool:env');
      await operate(house.ready, 'approval/approve', { id: first.id, nonce: first.nonce, for: 'once' });
      const ran = await answered;
      expect([ran.code, model.turns.at(-1)?.result]).toEqual([0, expect.stringMatching(/40 [0-9a-f]{64}/)]);

      await house.ask('grant', 'add', '--client', kind.name, '--server', 'curious', '--capability', 'tool:env');
      const before = model.turns.length;
      expect((await ask(words)).code).toBe(0);
      expect(model.turns.slice(before).at(-1)?.result).toMatch(/40 [0-9a-f]{64}/);
    };
    if (kind.go) await drive(kind.go);

    expect((await cli('uninstall', kind.name)).code).toBe(0);
    expect(ours()).toBe(entryIn(text));
  }, 900_000);
