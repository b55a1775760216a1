// A key is rotated after its file was changed: undone, the file is byte for byte the old one; and where the person chose so, the same file with
// only the new value in it. Three formats, with a broker and without one, killed in between; the value in no output and no log.
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { atTerminal } from '../cli/gatehouse.ts';
import { atRest, checkout, closeHouse, type House, openHouse } from '../support/house.ts';
import { operate } from '../support/operate.ts';
import { api, signIn } from '../support/protected-home.ts';
import { run } from '../support/run.ts';
import { scale } from '../support/scale.ts';

const server = join(checkout, 'test', 'support', 'servers', 'curious.ts');
const stepper = join(checkout, 'test', 'support', 'setup-step.ts');
const user = mkdtempSync(join(tmpdir(), 'gatehouse-rotated-'));
const node = process.execPath;
const keys = [
  'ghp_aaaaaaaaaabbbbbbbbbbccccccccccdddddd',
  'ghp_eeeeeeeeeeffffffffffgggggggggghhhhhh',
  'ghp_iiiiiiiiiijjjjjjjjjjkkkkkkkkkkllllll',
];
const fresh = keys.map((_, at) => `fresh-${at}-"'\\ \u00fc-9f8e7d6c5b4a`);
const paths = {
  cursor: join(user, '.cursor', 'mcp.json'),
  codex: join(user, '.codex', 'config.toml'),
  goose: join(user, '.config', 'goose', 'config.yaml'),
};
const originals: Record<string, string> = {
  [paths.cursor]: `// by hand\r\n{"mcpServers": {\r\n\t"One": { "command": ${JSON.stringify(node)}, "args": ["${server}", "n1"],\r\n\t\t"env": {"GITHUB_TOKEN" : "${keys[0]}",}, /* mine */ },\r\n},}\r\n`,
  [paths.codex]: `model = 'o3' # mine\n\n[mcp_servers.Two]\ncommand = "${node}"\nargs = ['${server}', 'n2']\n[mcp_servers.Two.env]\nGITHUB_TOKEN = "${keys[1]}" # why\n`,
  [paths.goose]: `# mine\nextensions:\n  Three:\n    type: stdio\n    cmd: ${node}\n    args: ['${server}', n3]\n    envs:\n      GITHUB_TOKEN: ${keys[2]} # why\n    enabled: true\n`,
};
/** The same files as they read with the new values, spelled as each place needs it. */
const spelled: Record<string, string> = {
  [paths.cursor]: JSON.stringify(fresh[0]).slice(1, -1),
  [paths.codex]: JSON.stringify(fresh[1]).slice(1, -1),
  [paths.goose]: fresh[2] ?? '',
};
const current = Object.fromEntries(
  Object.entries(originals).map(([path, text], at) => [path, text.replace(keys[at] ?? '', () => spelled[path] ?? '')]),
);
const all = Object.keys(originals);
let house: House;
let placed: Record<string, string>;
let secrets: string[];
const printed: string[] = [];

const now = () => Object.fromEntries(all.map((path) => [path, readFileSync(path, 'utf8')]));
const own = { env: { HOME: user, XDG_CONFIG_HOME: '', CODEX_HOME: '' } };
const cli = async (...words: string[]) => {
  const ran = await house.cli([...words, '--json'], own);
  printed.push(ran.stdout, ran.stderr);
  return ran;
};
/** As it was right after the install and the new values: files and kept copies. */
const reset = () => {
  for (const [path, text] of Object.entries(placed)) writeFileSync(path, text);
  rmSync(join(house.home, 'kept'), { recursive: true, force: true });
  cpSync(join(user, 'kept'), join(house.home, 'kept'), { recursive: true });
  chmodSync(join(house.home, 'kept'), 0o700);
};
const silent = () => {
  const logged = ['audit.db', 'audit.db-wal'].map((name) => {
    const path = join(house.home, name);
    return existsSync(path) ? readFileSync(path, 'latin1') : '';
  });
  const everything = [...printed, ...logged, house.stderr()].join('\n');
  // In every spelling this part of each value is the same.
  expect(everything).not.toContain('9f8e7d6c5b4a');
};

beforeAll(async () => {
  for (const [path, text] of Object.entries(originals)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { mode: 0o600 });
  }
  house = await openHouse({ env: own.env });
  for (const words of [['import'], ['install', 'cursor'], ['install', 'codex'], ['install', 'goose']]) {
    const ran = await cli(...words);
    expect([words, ran.code, ran.stderr]).toEqual([words, 0, '']);
  }
  const list = await house.ask<{ name: string; usedBy: string[] }[]>('secret', 'list');
  secrets = ['one', 'two', 'three'].map((name) => list.find(({ usedBy }) => usedBy.includes(name))?.name ?? '');
  expect(new Set(secrets).size).toBe(3);
  for (const [at, name] of secrets.entries()) {
    const set = await house.cli(['secret', 'set', name], { input: fresh[at] ?? '' });
    expect([set.code, set.stderr]).toEqual([0, '']);
  }
  placed = now();
  cpSync(join(house.home, 'kept'), join(user, 'kept'), { recursive: true });
}, 120_000);
afterAll(async () => {
  await closeHouse(house);
  rmSync(user, { recursive: true });
});

test('without the choice: the old bytes, and the offer said by name', async () => {
  const shown = await cli('uninstall', '--all', '--dry-run');
  const { files } = JSON.parse(shown.stdout) as { files: { path: string; exact: boolean; keys: object[] }[] };
  expect(files.map(({ path, exact, keys: found }) => [path, exact, found])).toEqual(
    all.map((path, at) => [
      path,
      true,
      [{ where: `${['One', 'Two', 'Three'][at]}: GITHUB_TOKEN`, rotated: true, current: secrets[at], why: null }],
    ]),
  );
  const words = await house.cli(['uninstall', '--all', '--dry-run'], own);
  expect(words.stdout).toContain(`the old value; --current-keys writes the current value of ${secrets[0]}`);
  expect(now()).toEqual(placed);
  const done = await cli('uninstall', '--all');
  expect([done.code, JSON.parse(done.stdout)]).toMatchObject([0, { current: [], refused: [] }]);
  expect(now()).toEqual(originals);
  expect((await operate<{ type: string }[]>(house.ready, 'log/list', { limit: 500 })).some(({ type }) => type === 'secret.revealed')).toBe(
    false,
  );
}, 120_000);

test('with it: the same files with only the new values, each an entry without the value', async () => {
  reset();
  const done = await cli('uninstall', '--all', '--current-keys');
  expect([done.code, done.stderr, JSON.parse(done.stdout)]).toMatchObject([0, '', { current: all, restored: all, refused: [] }]);
  expect(now()).toEqual(current);
  expect(readdirSync(join(house.home, 'kept'))).toEqual([]);
  const entries = await operate<{ type: string }[]>(house.ready, 'log/list', { limit: 500 });
  expect(entries.filter(({ type }) => type === 'secret.revealed').reverse()).toMatchObject(
    all.map((path, at) => ({ secret: secrets[at], path, client: Object.keys(paths)[at], decidedBy: 'operator (token)' })),
  );
  silent();
}, 120_000);

test('at a terminal it is asked file by file', async () => {
  reset();
  const how = { home: house.home, token: house.ready.operatorToken ?? '', env: own.env };
  const { code, screen } = await atTerminal(['uninstall', '--all'], how, [
    [`mcp.json: write the current value of ${secrets[0]} in place of the old one? [y/N]`, 'y\r'],
    ['config.toml: write the current value', 'n\r'],
    ['config.yaml: write the current value', '\r'],
    ['keys in plain text? [y/N]', 'y\r'],
  ]);
  printed.push(screen);
  expect([code, now()]).toEqual([0, { ...originals, [paths.cursor]: current[paths.cursor] }]);
  silent();
}, 120_000);

test('a page chooses by path; only secrets in places of that very file leave the vault', async () => {
  reset();
  const shown = await operate<{ digest: string }>(house.ready, 'setup/previewUndo', { client: 'codex' });
  printed.push(JSON.stringify(shown));
  const input = { client: 'codex', digest: shown.digest, current: [paths.codex] };
  expect(await operate(house.ready, 'setup/undo', input)).toEqual({ restored: [paths.codex], refused: [] });
  expect(now()).toEqual({ ...placed, [paths.codex]: current[paths.codex] });
  const kept = await operate<{ id: string; client: string }[]>(house.ready, 'clientFile/list', undefined);
  const ids = kept.filter(({ client }) => client === 'cursor').map(({ id }) => id);
  const ask = (given: string[], names: string[], token = house.ready.operatorToken) =>
    api(house.ready, 'clientFile/currentKeys', token, { ids: given, secrets: names });
  expect(await ask(ids, [secrets[0] ?? ''])).toMatchObject({ status: 200, json: { values: [fresh[0]] } });
  expect(await ask(ids, [secrets[1] ?? ''])).toMatchObject({ json: { data: { code: 'refused' } } });
  expect(
    await ask(
      kept.map(({ id }) => id),
      [secrets[0] ?? ''],
    ),
  ).toMatchObject({ json: { data: { code: 'not-verified' } } });
  expect((await ask(ids, [secrets[0] ?? ''], null)).status).toBe(401);
  expect((await cli('lock')).code).toBe(0);
  expect(await ask(ids, [secrets[0] ?? ''])).toMatchObject({ json: { data: { code: 'locked' } } });
  expect((await cli('unlock')).code).toBe(0);
  silent();
}, 120_000);

const step = (act: string, at: number) =>
  run([process.execPath, stepper, act, 'cursor', house.home, String(at)], {
    env: { ...own.env, GATEHOUSE_OPERATOR_TOKEN: house.ready.operatorToken ?? '' },
  });

test(
  'killed in between: the file is the placed one or the new one, whole, and the next run comes to its end',
  async () => {
    reset();
    const whole = await step('uninstall-current', 0);
    const count = Number(whole.stdout);
    expect([whole.code, now()[paths.cursor]]).toEqual([0, current[paths.cursor]]);
    expect(count).toBeGreaterThan(10);
    const apart = scale(11, 1);
    for (let at = 1; at <= count; at += apart) {
      reset();
      const ran = await step('uninstall-current', at);
      printed.push(ran.stdout, ran.stderr);
      expect([at, ran.signal]).toEqual([at, 'SIGKILL']);
      expect([placed[paths.cursor], current[paths.cursor]]).toContain(now()[paths.cursor]);
      const on = await step('uninstall-current', 0);
      expect([at, on.code, now()[paths.cursor]]).toEqual([at, 0, current[paths.cursor]]);
      expect(readdirSync(dirname(paths.cursor))).toEqual(['mcp.json']);
    }
    silent();
  },
  scale(120_000, 600_000),
);

test('without a broker: by the passphrase, with an entry as well', async () => {
  reset();
  await house.stop();
  const undo = (...words: string[]) => atRest(['uninstall', ...words], house.home, own.env);
  const one = await undo('codex');
  expect([one.code, one.stderr, now()]).toEqual([0, '', { ...placed, [paths.codex]: originals[paths.codex] }]);
  const rest = await undo('--all', '--current-keys');
  printed.push(rest.stdout, rest.stderr);
  expect([rest.code, rest.stderr, now()]).toEqual([0, '', { ...current, [paths.codex]: originals[paths.codex] }]);
  silent();
  house = await openHouse({ home: house.home, env: own.env });
  expect(await house.ask('log', 'verify')).toMatchObject({ ok: true });
  const [last] = await house.ask<{ type: string; secret?: string; decidedBy?: string }[]>(
    'log',
    '--search',
    'secret.revealed',
    '--limit',
    '1',
  );
  expect(last).toMatchObject({ secret: secrets[2], decidedBy: 'operator (passphrase)' });
}, 120_000);

test('where there is a PIN, a credential alone takes no value out; a person does', async () => {
  const pin = 'hedgehog-4711';
  expect((await api(house.ready, 'operator/setPin', house.ready.operatorToken, { pin })).status).toBe(200);
  reset();
  const token = await signIn(house.ready, pin);
  const program = await house.cli(['uninstall', 'cursor', '--current-keys', '--json'], { ...own, token });
  printed.push(program.stdout, program.stderr);
  expect([program.code, JSON.parse(program.stdout)]).toMatchObject([
    1,
    { restored: [], refused: [{ path: paths.cursor, why: expect.stringContaining('PIN') }] },
  ]);
  expect(now()).toEqual(placed);
  const page = async (credential: string) => {
    const { json } = await api(house.ready, 'setup/previewUndo', credential, { client: 'goose' });
    const input = { client: 'goose', digest: (json as { digest: string }).digest, current: [paths.goose] };
    return await api(house.ready, 'setup/undo', credential, input);
  };
  expect(await page(token)).toMatchObject({ json: { data: { code: 'needs-pin' } } });
  expect(now()).toEqual(placed);
  const { json } = await api(house.ready, 'operator/signIn', null, { pin, use: 'once' });
  expect(await page((json as { credential: string }).credential)).toMatchObject({ status: 200, json: { restored: [paths.goose] } });
  const how = { home: house.home, token, env: own.env };
  const typed = await atTerminal(['uninstall', 'cursor', '--current-keys'], how, [
    ['[y/N]', 'y\r'],
    [`to write the current value of ${secrets[0]}`, `${pin}\r`],
  ]);
  printed.push(typed.screen);
  expect([typed.code, now()]).toEqual([0, { ...current, [paths.codex]: placed[paths.codex] }]);
  silent();
}, 120_000);

test('a secret that is gone, a server that is gone: said, and nothing offered; the choice changes nothing then', async () => {
  reset();
  const token = await signIn(house.ready, 'hedgehog-4711');
  const ran = (...words: string[]) => house.cli([...words, '--json'], { ...own, token });
  expect((await ran('server', 'remove', 'two')).code).toBe(0);
  expect((await ran('secret', 'remove', secrets[2] ?? '')).code).toBe(0);
  const done = await ran('uninstall', '--all', '--dry-run');
  const { files } = JSON.parse(done.stdout) as { files: { path: string; keys: { current: string | null; why: string | null }[] }[] };
  expect(files.map(({ keys: [key] }) => [key?.current, key?.why])).toEqual([
    [secrets[0], null],
    [null, 'the server two is gone'],
    [null, `the secret ${secrets[2]} was removed`],
  ]);
  for (const client of ['codex', 'goose']) expect((await ran('uninstall', client, '--current-keys')).code).toBe(0);
  expect(now()).toEqual({ ...originals, [paths.cursor]: placed[paths.cursor] });
}, 120_000);
