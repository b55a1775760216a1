// Install and uninstall, killed at every step that changes something: each file is the old one or the new one, whole; and what comes next
// finds its way from there, to the end or back to the first byte.
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkout, closeHouse, type House, openHouse } from '../support/house.ts';
import { operate } from '../support/operate.ts';
import { run } from '../support/run.ts';
import { scale } from '../support/scale.ts';

const server = join(checkout, 'test', 'support', 'servers', 'curious.ts');
const stepper = join(checkout, 'test', 'support', 'setup-step.ts');
const user = mkdtempSync(join(tmpdir(), 'gatehouse-setup-killed-'));
const key = 'ghp_aaaaaaaaaabbbbbbbbbbccccccccccdddddd';
const entries = join(user, '.claude.json');
const settings = join(user, '.claude', 'settings.json');
const plain = { type: 'stdio', command: process.execPath, args: [server, 'n1'], env: { GITHUB_TOKEN: key } };
const old: Record<string, string> = {
  [entries]: `${JSON.stringify({ numStartups: 1, mcpServers: { One: plain } }, null, 2)}\n`,
  [settings]: '{\n\t"permissions": {"allow": ["Bash(ls:*)"]}\n}',
};
let house: House;
/** The files as a whole install leaves them. */
let made: Record<string, string>;

const now = () => Object.fromEntries(Object.keys(old).map((path) => [path, readFileSync(path, 'utf8')]));
const undoAll = async () => {
  const { digest } = await operate<{ digest: string }>(house.ready, 'setup/previewUndo', { client: null });
  expect(await operate(house.ready, 'setup/undo', { client: null, digest })).toMatchObject({ refused: [] });
};
const step = async (act: 'install' | 'uninstall', at: number) =>
  run([process.execPath, stepper, act, 'claude-code', house.home, String(at)], {
    env: { HOME: user, GATEHOUSE_OPERATOR_TOKEN: house.ready.operatorToken ?? '' },
  });
/** In a short run a few of them, and always the first and the last. */
const chosen = (count: number) => {
  const apart = scale(Math.ceil(count / 3), 1);
  return Array.from({ length: count }, (_, at) => at + 1).filter((at) => at === 1 || at === count || at % apart === 0);
};
const leftBeside = () =>
  [user, join(user, '.claude')].flatMap((folder) => readdirSync(folder).filter((name) => name.includes('.gatehouse-')));

beforeAll(async () => {
  mkdirSync(join(user, '.claude'));
  for (const [path, text] of Object.entries(old)) {
    writeFileSync(path, text);
    chmodSync(path, 0o600);
  }
  house = await openHouse({ env: { HOME: user } });
  const imported = await house.cli(['import', '--json'], { env: { HOME: user } });
  expect([imported.code, imported.stderr]).toEqual([0, '']);
}, 60_000);
afterAll(async () => {
  await closeHouse(house);
  rmSync(user, { recursive: true });
});

let steps = 0;

test('a whole install counts its steps', async () => {
  const whole = await step('install', 0);
  expect([whole.code, whole.stderr]).toEqual([0, '']);
  steps = Number(whole.stdout);
  expect(steps).toBeGreaterThan(20);
  made = now();
  for (const path of Object.keys(old)) expect(made[path]).not.toBe(old[path]);
  expect(JSON.stringify(made)).not.toContain(key);
  await undoAll();
  expect(now()).toEqual(old);
}, 60_000);

test(
  'install, killed',
  async () => {
    for (const at of chosen(steps)) {
      const ran = await step('install', at);
      expect([at, ran.signal]).toEqual([at, 'SIGKILL']);
      for (const [path, text] of Object.entries(now()))
        expect([at, path, [old[path], made[path]].includes(text)]).toEqual([at, path, true]);
      // On from here to the end, over what was left behind; or back from here.
      if (at % 2 === 0) {
        const on = await step('install', 0);
        expect([at, on.code, on.stderr]).toEqual([at, 0, '']);
        expect([at, now()]).toEqual([at, made]);
        expect([at, leftBeside()]).toEqual([at, []]);
      }
      await undoAll();
      expect([at, now()]).toEqual([at, old]);
    }
  },
  scale(600_000, 3_600_000),
);

test(
  'uninstall, killed',
  async () => {
    await step('install', 0);
    const whole = await step('uninstall', 0);
    const count = Number(whole.stdout);
    expect([whole.code, now()]).toEqual([0, old]);
    expect(count).toBeGreaterThan(20);
    for (const at of chosen(count)) {
      await step('install', 0);
      const ran = await step('uninstall', at);
      expect([at, ran.signal]).toEqual([at, 'SIGKILL']);
      for (const [path, text] of Object.entries(now()))
        expect([at, path, [old[path], made[path]].includes(text)]).toEqual([at, path, true]);
      await undoAll();
      expect([at, now()]).toEqual([at, old]);
    }
    expect(readdirSync(join(house.home, 'kept'))).toEqual([]);
  },
  scale(600_000, 3_600_000),
);
