// Versions that meet: a newer home refuses an older broker in words and stays as it was; an older connector is spoken to in its own revision.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { beginConnecting, type Facts, greet, ProofError, protocols } from '../../broker/identify/challenge.ts';
import { mintToken, verifierOf } from '../../broker/identify/credential.ts';
import { type Broker, start } from '../../broker/start.ts';
import { newHome } from '../support/house.ts';

const begin = (home: string): Promise<Broker> =>
  start({ home, vault: 'sealed-file', passphrase: 'correct horse', operator: true, prove: async () => null, report: () => {} });

test.each(['state.db', 'audit.db'])('a home whose %s is newer refuses this broker in words, and is not touched', async (name) => {
  const home = newHome();
  await (await begin(home)).stop();
  const path = join(home, name);
  const db = new DatabaseSync(path);
  db.exec('PRAGMA user_version = 900; PRAGMA wal_checkpoint(TRUNCATE)');
  db.close();
  const before = readFileSync(path);
  await expect(begin(home)).rejects.toMatchObject({
    message: expect.stringMatching(new RegExp(`${name} was written by a newer Gatehouse \\(format 900; this one knows \\d+\\)`)),
    hint: expect.stringContaining('Start the newer version again'),
  });
  expect(readFileSync(path).equals(before)).toBe(true);
  rmSync(home, { recursive: true, force: true });
});

const token = mintToken();
const facts: Facts = { client: 'sdk', only: null, folder: null, process: null };
const meet = (connector: number, broker: number) => {
  const mine = beginConnecting(token, facts, connector);
  const greeting = greet(mine.hello, () => verifierOf(token), broker);
  return { protocol: greeting.protocol, proven: greeting.check(mine.prove(greeting.challenge)) !== null };
};

test('connector and broker speak the newest revision that both know', () => {
  const { newest } = protocols;
  expect(meet(newest, newest)).toEqual({ protocol: newest, proven: true });
  // A client restarts less often than a broker: after an update its connector is one behind.
  expect(meet(newest, newest + 1)).toEqual({ protocol: newest, proven: true });
  expect(meet(newest + 1, newest)).toEqual({ protocol: newest, proven: true });
});

test('a connector from before the oldest one hears that it is too old', () => {
  const tried = () => meet(protocols.oldest - 1, protocols.newest);
  expect(tried).toThrow(ProofError);
  expect(tried).toThrow(/too old for the broker. Update Gatehouse/);
});
