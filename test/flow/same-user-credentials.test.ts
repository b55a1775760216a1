// The operator's credentials where an agent of the same user may come across them: inherited in an environment, or on their way to a browser.
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Entry } from '../../shared/vocabulary.ts';
import { type Desktop, openDesktop } from '../support/desktop.ts';
import { type House, launcher } from '../support/house.ts';
import type { Knock } from '../support/knock.ts';
import { api, knockAt, knocker, openProtectedHome, pin as operatorPin, type ProtectedHome, signIn } from '../support/protected-home.ts';
import { connectClient } from '../support/sdk-client.ts';

let desktop: Desktop;
let it: ProtectedHome;
let house: House;

beforeAll(async () => {
  desktop = await openDesktop();
  it = await openProtectedHome(desktop);
  house = it.house;
}, 90_000);
afterAll(async () => {
  await house.stop();
  desktop.close();
});

const logged = async (type: string) => (await house.ask<Entry[]>('log', '--limit', '1000')).filter((entry) => entry.type === type);

describe("an operator's token that a client inherited", () => {
  test('a connector that has it in its environment gives it away: revoked, and an entry', async () => {
    const token = await signIn(house.ready);
    expect((await house.cli(['grant', 'list'], { token })).code).toBe(0);
    const before = (await logged('operator.token-revoked')).length;
    const { close } = await connectClient(it.one, 'connector', 'small', { env: { GATEHOUSE_OPERATOR_TOKEN: token } });
    expect((await house.cli(['grant', 'list'], { token })).code).toBe(4);
    expect(await logged('operator.token-revoked')).toHaveLength(before + 1);
    await close();
  });

  test('a client program that has it, and launches a connector without it: revoked as well, and no PIN is taken below it', async () => {
    const token = await signIn(house.ready);
    const before = (await logged('operator.token-revoked')).length;
    const program = `
      const { spawn, spawnSync } = require('node:child_process');
      const [connector, cli, knocker, knocks] = JSON.parse(process.argv[1]);
      const { GATEHOUSE_OPERATOR_TOKEN, ...env } = process.env;
      const child = spawn(connector[0], connector.slice(1), { env, stdio: ['pipe', 'pipe', 'inherit'] });
      child.stdin.write(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize',
        params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'x', version: '1' } } }) + '\\n');
      child.stdout.once('data', () => {
        const knock = spawnSync(knocker[0], knocker.slice(1), { encoding: 'utf8', input: knocks });
        const command = spawnSync(cli[0], cli.slice(1), { encoding: 'utf8' });
        process.stdout.write(JSON.stringify([command.status, knock.stdout]));
        child.kill();
        process.exit();
      });`;
    const help = it.one.stdio;
    // The user is already the right one; what `asClient` puts before the connector is for a test that runs as root.
    const connector = [...help.args.slice(help.args.indexOf('--') + 1), '--server', 'small'];
    const cli = ['node', launcher, 'grant', 'list', '--home', it.home];
    const knocks: Knock[] = [
      // Over TCP nobody sees who calls: what was revoked here was found in the environment of the program that launched the connector.
      { to: Number(new URL(house.ready.mcp).port), path: '/api/grant/list', headers: { authorization: `Bearer ${token}` } },
      { to: join(it.home, 'run', 'operate.sock'), path: '/api/operator/signIn', body: { json: { pin: operatorPin, use: 'token' } } },
    ];
    const ran = await desktop.run(
      [process.execPath, '-e', program, JSON.stringify([connector, cli, [process.execPath, knocker], JSON.stringify(knocks)])],
      { env: { GATEHOUSE_OPERATOR_TOKEN: token } },
    );
    const [code, said] = JSON.parse(ran.stdout) as [number, string];
    expect(code).toBe(4);
    expect(JSON.parse(said)).toMatchObject([{ status: 401 }, { status: 400, body: expect.stringContaining('below a paired AI client') }]);
    expect((await api(house.ready, 'grant/list', token, {})).status).toBe(401);
    expect(await logged('operator.token-revoked')).toHaveLength(before + 1);
  });
});

describe('the console', () => {
  test('an address that two have opened is nobody’s: both sessions end, and it is an entry', async () => {
    const { json } = await api(house.ready, 'operator/consoleAddress', it.token, {});
    const secret = new URL((json as { url: string }).url).hash.replace('#signin=', '');
    const redeemed = await api(house.ready, 'operator/redeem', null, { secret });
    const session = (redeemed.json as { session: string }).session;
    expect((await api(house.ready, 'grant/list', session, {})).status).toBe(200);
    const [again] = await knockAt(desktop, [
      { to: Number(new URL(house.ready.mcp).port), path: '/api/operator/redeem', body: { json: { secret } } },
    ]);
    expect(again).toMatchObject({ status: 400, body: expect.stringContaining('used before') });
    expect((await api(house.ready, 'grant/list', session, {})).status).toBe(401);
    expect(await logged('operator.double-redeem')).toHaveLength(1);
  });

  test('the file that takes the browser there is ours alone, no command line holds the secret, and it goes after it was read', async () => {
    const bin = desktop.folder();
    const seen = join(bin, 'seen');
    chmodSync(bin, 0o777);
    writeFileSync(
      join(bin, 'xdg-open'),
      `#!/bin/sh\n# A browser needs its time too.\nsleep 1\nfile="\${1#file://}"\necho "$1 $(stat -c %a "$file") $(cat "$file")" > ${seen}.new\nmv ${seen}.new ${seen}\n`,
    );
    chmodSync(join(bin, 'xdg-open'), 0o755);
    const ran = await house.cli(['console'], { env: { DISPLAY: ':9', PATH: `${bin}:${process.env.PATH}` } });
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.stdout).not.toContain('signin');
    const files = () => readdirSync(join(it.home, 'run')).filter((name) => name.startsWith('console-'));
    for (let tries = 0; tries < 100 && !readdirSync(bin).includes('seen'); tries++) await new Promise((resolve) => setTimeout(resolve, 50));
    const [address = '', mode, ...page] = readFileSync(seen, 'utf8').split(' ');
    expect(address).toMatch(/run\/console-[0-9a-f]{16}\.html$/);
    expect([mode, /#signin=[A-Za-z0-9_-]{43}/.test(page.join(' '))]).toEqual(['600', true]);
    for (const pid of readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name))) expect(cmdline(pid)).not.toContain('#signin=');
    for (let tries = 0; tries < 150 && files().length > 0; tries++) await new Promise((resolve) => setTimeout(resolve, 100));
    expect(files()).toEqual([]);
  });
});

function cmdline(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
