// A secret from standard input to a server's environment, and nowhere else: not in the home, not in a command line, not in the log.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Entry } from '../../shared/vocabulary.ts';
import { type Desktop, openDesktop } from '../support/desktop.ts';
import { closeHouse, type House, openHouse, passphrase } from '../support/house.ts';
import { api, curious, homeIdOf, pin, signIn } from '../support/protected-home.ts';
import { connectClient, type Help, textOf } from '../support/sdk-client.ts';

const line = (seed: string) => createHash('sha512').update(seed).digest('base64').slice(0, 64);
const values = {
  API_KEY: 'sk-live-7Hq2/9+Zt"4\\mN0pXvB8',
  PEM: `-----BEGIN PRIVATE KEY-----\n${Array.from({ length: 24 }, (_, n) => line(`pem ${n}`)).join('\n')}\n-----END PRIVATE KEY-----`,
  LONG: Array.from({ length: 160 }, (_, n) => line(`long ${n}`)).join(''),
  UNICODE: 'пароль-Ünïcødé-鍵-🔑-7731',
} as const;
const names = Object.keys(values) as (keyof typeof values)[];
const secretName = (key: string) => key.toLowerCase().replace('_', '-');

/** What a value may look like on a disk: each of these would give it away. */
function needlesOf(value: string): string[] {
  const bytes = Buffer.from(value);
  const base64 = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    return text.slice(shift === 0 ? 0 : shift + 1, -2);
  });
  const forms = [
    value,
    JSON.stringify(value).slice(1, -1),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    [...value].reverse().join(''),
  ];
  const all = [...forms, ...base64, ...base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')), encodeURIComponent(value)];
  // A key in several lines is given away by one of them.
  const lines = value.includes('\n') ? value.split('\n').filter((one) => !one.startsWith('-----')) : [];
  return [...new Set([...all, ...lines])];
}
const needles = new Map<string, Buffer[]>(
  names.map((name) => [name, [...needlesOf(values[name]).map((text) => Buffer.from(text)), Buffer.from(values[name], 'utf16le')]]),
);

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

/** `NAME in FILE` for each place where a value shows. */
function found(places: [string, Buffer][]): string[] {
  return places.flatMap(([place, bytes]) =>
    [...needles].filter(([, list]) => list.some((one) => bytes.includes(one))).map(([name]) => `${name} in ${place}`),
  );
}
/** Every file as it is now; a broker at work replaces some, and then the whole is read anew. */
function contentsBelow(folder: string): [string, Buffer][] {
  for (let tries = 0; ; tries += 1) {
    try {
      return filesBelow(folder).map((file) => [file, readFileSync(file)]);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || tries > 50) throw error;
    }
  }
}
const inHome = (home: string) => found(contentsBelow(home));

function inCommandLines(): string[] {
  const read = (pid: string): [string, Buffer][] => {
    try {
      return [[`/proc/${pid}/cmdline`, readFileSync(`/proc/${pid}/cmdline`)]];
    } catch {
      return [];
    }
  };
  return found(
    readdirSync('/proc')
      .filter((name) => /^[0-9]+$/.test(name))
      .flatMap(read),
  );
}

const digest = (value: string) => `${value.length} ${createHash('sha256').update(value).digest('hex')}`;

describe('in the keychain of a desktop', () => {
  let desktop: Desktop;
  let house: House;
  let token: string;
  let help: Help;
  let id: string;
  const text = async (...words: string[]) => (await house.cli(words, { token })).stdout;

  beforeAll(async () => {
    desktop = await openDesktop();
    house = await openHouse({ home: join(desktop.folder(), 'home'), vault: 'keychain', wrap: desktop.wrap });
    token = house.ready.operatorToken as string;
    id = homeIdOf(house.home);
    for (const name of names) {
      const set = house.cli(['secret', 'set', secretName(name)], { input: `${values[name]}\n` });
      expect(inCommandLines()).toEqual([]);
      expect((await set).code).toBe(0);
    }
    const secretEnv = names.flatMap((name) => ['--secret-env', `${name}=${secretName(name)}`]);
    await house.ask('server', 'add', 'keyed', ...secretEnv, '--accept', '--', process.execPath, curious, 'loud', ...names);
    help = desktop.asClient(await house.ask<Help>('client', 'add', 'agent', '--servers', 'all'));
    await house.ask('grant', 'add', '--client', 'agent', '--server', 'keyed', '--capability', 'tool:*', '--for', '1h');
  }, 90_000);
  afterAll(async () => {
    await house.stop();
    desktop.close();
  });

  test('another program of the session finds each value there, whole', async () => {
    for (const name of names) {
      const head = await desktop.keychain.read(id, `secret:${secretName(name)}`);
      if (head?.startsWith('=')) {
        expect(head.slice(1)).toBe(values[name]);
        continue;
      }
      const [, slot, count] = /^\+([ab])\.(\d+)\./.exec(head ?? '') ?? [];
      let value = '';
      for (let at = 0; at < Number(count); at++) value += await desktop.keychain.read(id, `secret:${secretName(name)}#${slot}.${at}`);
      expect(value).toBe(values[name]);
    }
  });

  test("each reaches the server's environment unchanged, and the broker's own never has it", async () => {
    const { client, close } = await connectClient(help, 'connector', 'keyed');
    for (const name of names) {
      const told = textOf(await client.callTool({ name: 'env', arguments: { key: name } }));
      expect([name, told]).toEqual([name, digest(values[name])]);
    }
    const environ = (pid: number): [string, Buffer] => [`/proc/${pid}/environ`, readFileSync(`/proc/${pid}/environ`)];
    const children = readFileSync(`/proc/${house.ready.pid}/task/${house.ready.pid}/children`, 'utf8').trim().split(' ').map(Number);
    expect(found(children.map(environ)).length, 'the search finds it where it is').toBeGreaterThanOrEqual(names.length);
    expect(found([environ(house.ready.pid)])).toEqual([]);
    expect(inCommandLines()).toEqual([]);
    await close();
  });

  test('an agent passes it in arguments, a server prints it and returns it: no file of the home shows it, nor does any command', async () => {
    const { client, close } = await connectClient(help, 'connector', 'keyed');
    for (const name of names) {
      const value = values[name];
      const bytes = Buffer.from(value);
      const forms = {
        value,
        base64: bytes.toString('base64'),
        hex: bytes.toString('hex'),
        back: [...value].reverse().join(''),
        in: { [value]: [`x${value}y`] },
      };
      // Passed, refused or asked: what counts is what stays of it.
      await client.callTool({ name: 'env', arguments: { key: name, ...forms } }, undefined, { timeout: 3000 }).catch(() => {});
      await client.callTool({ name: 'say', arguments: { key: name } });
    }
    await close();
    const log = await house.ask<Entry[]>('log', '--limit', '1000');
    const asked = log.filter((entry) => entry.type === 'asked');
    expect(asked.length).toBeGreaterThanOrEqual(names.length * 2);
    const shown = [
      await text('log', '--json', '--limit', '1000'),
      await text('server', 'logs', 'keyed'),
      await text('server', 'show', 'keyed', '--json'),
    ];
    for (const { seq } of asked) shown.push(JSON.stringify((await api(house.ready, 'log/show', token, { seq })).json));
    expect(shown.join('')).toContain('{{secret:api-key}}');
    expect(found(shown.map((said, at): [string, Buffer] => [`output ${at}`, Buffer.from(said)]))).toEqual([]);
    expect(inHome(house.home)).toEqual([]);
    expect(inCommandLines()).toEqual([]);
  });

  test('the search would find one', () => {
    const planted = join(house.home, 'planted');
    writeFileSync(planted, `...${Buffer.from(`a${values.API_KEY}b`).toString('base64')}...`, { mode: 0o600 });
    expect(inHome(house.home)).toEqual([`API_KEY in ${planted}`]);
    rmSync(planted);
  });

  test('nor after a restart, which takes no secret from the home', async () => {
    expect((await api(house.ready, 'operator/setPin', token, { pin })).status).toBe(200);
    expect(await house.stop()).toBe(0);
    expect(inHome(house.home)).toEqual([]);
    house = await openHouse({ home: house.home, vault: 'keychain', wrap: desktop.wrap });
    token = await signIn(house.ready);
    const { client, close } = await connectClient(help, 'http', 'keyed');
    expect(textOf(await client.callTool({ name: 'env', arguments: { key: 'PEM' } }))).toBe(digest(values.PEM));
    await client.callTool({ name: 'say', arguments: { key: 'PEM' } });
    await close();
    expect(inHome(house.home)).toEqual([]);
  });

  test('a removed secret is gone from the keychain; its server does not start and says which one is missing', async () => {
    const { client, close } = await connectClient(help, 'http', 'keyed');
    await client.callTool({ name: 'env', arguments: { key: 'API_KEY' } });
    expect((await house.cli(['secret', 'remove', 'api-key'], { token })).code).toBe(0);
    expect(await desktop.keychain.read(id, 'secret:api-key')).toBeNull();
    // An agent that has seen it may still say it.
    const after = await client.callTool({ name: 'env', arguments: { key: values.API_KEY } }).catch((error: Error) => error);
    const words = after instanceof Error ? after.message : textOf(after);
    expect(words).toContain('server keyed could not be started');
    const shown = await text('server', 'show', 'keyed', '--json');
    expect(JSON.parse(shown)).toMatchObject({ state: 'failed' });
    expect(shown).toContain('the secret api-key is missing');
    await close();
    expect(inHome(house.home)).toEqual([]);
    const [last] = JSON.parse(await text('log', '--json', '--limit', '20')).filter((entry: Entry) => entry.type === 'asked');
    const kept = await text('log', 'show', String(last.seq), '--json');
    expect(kept).toContain('{{secret:api-key}}');
    expect(found([['log show', Buffer.from(kept)]])).toEqual([]);
  });
});

test('the sealed file shows neither a secret nor its passphrase, and no process keeps the passphrase where others look', async () => {
  const house = await openHouse();
  for (const name of names) expect((await house.cli(['secret', 'set', secretName(name)], { input: values[name] })).code).toBe(0);
  expect(inHome(house.home)).toEqual([]);
  const everything = contentsBelow(house.home).map(([, bytes]) => bytes);
  expect(everything.some((bytes) => bytes.includes(passphrase))).toBe(false);
  expect(readFileSync(`/proc/${house.ready.pid}/environ`).includes(passphrase)).toBe(false);
  expect(readFileSync(`/proc/${house.ready.pid}/cmdline`).includes(passphrase)).toBe(false);
  await house.ask('secret', 'remove', 'pem');
  expect(inHome(house.home)).toEqual([]);
  expect(filesBelow(house.home).some((file) => file.endsWith('vault.sealed'))).toBe(true);
  await closeHouse(house);
});
