// The files of clients come back although no broker runs: by passphrase, by PIN, or by a person's word where there is neither; and not else.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { atTerminal } from '../cli/gatehouse.ts';
import { type Desktop, openDesktop } from '../support/desktop.ts';
import { atRest, checkout, closeHouse, type House, launcher, newHome, openHouse, passphrase } from '../support/house.ts';
import { api } from '../support/protected-home.ts';
import { scale } from '../support/scale.ts';

const server = join(checkout, 'test', 'support', 'servers', 'curious.ts');
const key = 'ghp_aaaaaaaaaabbbbbbbbbbccccccccccdddddd';
const plain = { command: process.execPath, args: [server, 'n1'], env: { GITHUB_TOKEN: key } };
const original = `// mine\n${JSON.stringify({ mcpServers: { One: plain } }, null, 2)}\n`;

async function installed(house: House, user: string): Promise<string> {
  const path = join(user, '.cursor', 'mcp.json');
  for (const words of [['import'], ['install', 'cursor']]) {
    const ran = await house.cli([...words, '--json'], { env: { HOME: user } });
    expect([ran.code, ran.stderr]).toEqual([0, '']);
  }
  expect(readFileSync(path, 'utf8')).not.toContain(key);
  return path;
}

test('a sealed file: without its passphrase nothing, with it byte for byte; the log says so', async () => {
  const user = newHome();
  mkdirSync(join(user, '.cursor'));
  writeFileSync(join(user, '.cursor', 'mcp.json'), original);
  let house = await openHouse();
  const path = await installed(house, user);
  const placed = readFileSync(path, 'utf8');
  const undo = (words: string[], typed: string | null) => atRest(words, house.home, { HOME: user }, typed);
  // The home is another's while a broker lives there, whoever asks.
  expect((await undo(['uninstall', '--all'], passphrase)).code).toBe(4);
  await house.stop();
  const none = await undo(['uninstall', '--all'], null);
  expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('passphrase')]);
  const wrong = await undo(['uninstall', '--all'], 'wrong horse');
  expect([wrong.code, readFileSync(path, 'utf8')]).toEqual([4, placed]);
  expect(JSON.parse((await undo(['doctor'], null)).stdout)).toMatchObject({
    checks: expect.arrayContaining([{ name: 'installed', state: 'ok', says: expect.stringContaining('1 file of cursor'), mend: null }]),
  });
  const shown = await undo(['uninstall', '--all', '--dry-run'], passphrase);
  expect([shown.code, readFileSync(path, 'utf8')]).toEqual([0, placed]);
  const done = await undo(['uninstall', 'cursor'], passphrase);
  expect([done.code, done.stderr, JSON.parse(done.stdout)]).toMatchObject([0, '', { restored: [path], refused: [] }]);
  expect(readFileSync(path, 'utf8')).toBe(original);
  house = await openHouse({ home: house.home });
  expect(await house.ask('log', 'verify')).toMatchObject({ ok: true });
  const acts = (await house.ask<{ type: string; decidedBy?: string }[]>('log', '--limit', '50')).filter(({ type }) =>
    /forgotten/.test(type),
  );
  expect(acts.map(({ decidedBy }) => decidedBy)).toEqual(['operator (passphrase)']);
  await closeHouse(house);
}, 120_000);

let desktop: Desktop;
beforeAll(async () => {
  desktop = await openDesktop();
}, 30_000);
afterAll(() => desktop.close());

/** In a short run the home with a PIN alone. */
const pins: (string | null)[] = [null, 'hedgehog-4711'].slice(-scale(1, 2));

test.each(pins.map((pin) => [pin]))(
  'a keychain home: a person at a terminal; a program gets nothing. PIN: %s',
  async (pin) => {
    const home = desktop.folder();
    const user = desktop.folder();
    const path = join(user, '.cursor', 'mcp.json');
    const write = `mkdir -p ${JSON.stringify(dirname(path))} && cat > ${JSON.stringify(path)}`;
    expect((await desktop.run(['bash', '-c', write], { input: original })).code).toBe(0);
    const wrap = (command: string[]) => {
      const { command: wrapped, env } = desktop.wrap(command);
      return { command: wrapped, env: { ...env, HOME: user } };
    };
    const typed = (words: string[], steps: [string, string][]) => atTerminal([...words, '--home', home], { home, wrap }, steps);
    const house = await openHouse({ home, vault: 'keychain', wrap });
    if (pin !== null) expect((await api(house.ready, 'operator/setPin', house.ready.operatorToken, { pin })).status).toBe(200);
    await installed(house, user);
    const placed = readFileSync(path, 'utf8');
    await house.stop();

    const program = await desktop.run(['node', launcher, 'uninstall', '--all', '--home', home, '--json'], { env: { HOME: user } });
    expect([program.code, JSON.parse(program.stderr)]).toMatchObject([4, { error: { code: 'refused' } }]);
    const question = pin === null ? 'Type "restore"' : 'Operator PIN';
    expect((await typed(['uninstall', '--all'], [[question, 'another-4711\r']])).code).toBe(4);
    expect(readFileSync(path, 'utf8')).toBe(placed);
    const restored = await typed(
      ['doctor', '--restore'],
      [
        [question, `${pin ?? 'restore'}\r`],
        ['[y/N]', 'y\r'],
      ],
    );
    expect([restored.code, readFileSync(path, 'utf8')]).toEqual([0, original]);
    expect(restored.screen).toContain('In plain text again: One: GITHUB_TOKEN');
  },
  120_000,
);
