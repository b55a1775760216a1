import { createHmac, hash } from 'node:crypto';
import { expect, it } from 'vitest';
import { beginConnecting, type Facts, greet, ProofError } from '../../broker/identify/challenge.ts';
import { bearerMatches, looksLikeToken, mintToken, verifierOf } from '../../broker/identify/credential.ts';

const facts: Facts = { client: 'claude', only: null, folder: '/home/u/proj', process: { pid: 42, startedAt: 'b:1' } };
const token = mintToken();
const verifier = verifierOf(token);
const lookup = (name: string) => (name === 'claude' ? verifier : null);

function exchange(options: { token?: string; facts?: Partial<Facts>; operatorToken?: string } = {}) {
  const mine = beginConnecting(options.token ?? token, { ...facts, ...options.facts });
  const greeting = greet(mine.hello, lookup);
  const proof = mine.prove(greeting.challenge, options.operatorToken);
  return { mine, greeting, proof };
}

it('mints tokens that scanners recognise, with 256 random bits', () => {
  expect(looksLikeToken(token)).toBe(true);
  expect(new Set(Array.from({ length: 100 }, mintToken)).size).toBe(100);
  expect(looksLikeToken(`${token}x`)).toBe(false);
});

it('derives the keys as RFC 5802 says', () => {
  const clientKey = createHmac('sha256', token).update('Client Key').digest();
  expect(verifier.storedKey).toBe(hash('sha256', clientKey, 'base64url'));
  expect(verifier.serverKey).toBe(createHmac('sha256', token).update('Server Key').digest('base64url'));
});

it('knows its own bearer and no other', () => {
  expect(bearerMatches(token, verifier)).toBe(true);
  for (const wrong of ['', `${token} `, mintToken(), token.toUpperCase(), verifier.storedKey])
    expect(bearerMatches(wrong, verifier)).toBe(false);
  expect(bearerMatches(token, { storedKey: '', serverKey: '' })).toBe(false);
});

it('proves both sides to each other and hands over what was said', () => {
  const { greeting, proof } = exchange();
  expect(greeting.check(proof)).toEqual({ operatorToken: null });
  expect(greeting.hello).toMatchObject(facts);
});

it('never sends the token, the keys kept, or an operator token', () => {
  const { mine, greeting, proof } = exchange({ operatorToken: 'gho_secret' });
  const wire = mine.hello + greeting.challenge + proof;
  for (const secret of [token, token.slice(4), verifier.storedKey, verifier.serverKey, 'gho_secret']) expect(wire).not.toContain(secret);
  expect(greeting.check(proof)).toEqual({ operatorToken: hash('sha256', 'gho_secret', 'hex') });
});

it('refuses a proof that comes a second time, in this exchange or another', () => {
  const { mine, greeting, proof } = exchange();
  expect(greeting.check(proof)).not.toBeNull();
  expect(greeting.check(proof)).toBeNull();
  expect(greet(mine.hello, lookup).check(proof)).toBeNull();
});

it('refuses a broker that does not know the client before anything is proved to it', () => {
  const mine = beginConnecting(token, facts);
  const fake = greet(mine.hello, () => verifierOf(mintToken()));
  expect(() => mine.prove(fake.challenge)).toThrow(ProofError);
  // Neither a challenge kept from an earlier exchange nor one that reflects our own words.
  const earlier = greet(beginConnecting(token, facts).hello, lookup);
  expect(() => mine.prove(earlier.challenge)).toThrow(/could not prove/);
  for (const words of ['', '{}', '[]', 'null', mine.hello, '{"gatehouse":"challenge","protocol":1,"nonce":"x","proof":"y"}']) {
    expect(() => mine.prove(words)).toThrow(ProofError);
  }
});

it('answers for a client that does not exist just as for one whose credential is wrong', () => {
  const stranger = beginConnecting(mintToken(), { ...facts, client: 'nobody' });
  const unknown = greet(stranger.hello, lookup);
  const wrong = greet(beginConnecting(mintToken(), facts).hello, lookup);
  const shape = (line: string) => Object.entries(JSON.parse(line)).map(([key, value]) => [key, typeof value, String(value).length]);
  expect(shape(unknown.challenge)).toEqual(shape(wrong.challenge));
  expect(() => stranger.prove(unknown.challenge)).toThrow(/could not prove/);
  expect(unknown.check(JSON.stringify({ gatehouse: 'proof', proof: 'A'.repeat(43), operatorToken: null }))).toBeNull();
});

it('lets nobody in with what the broker keeps', () => {
  // A thief of the verifier can pretend to be the broker, but has only the hash of the client's key.
  const mine = beginConnecting(mintToken(), facts);
  const greeting = greet(mine.hello, lookup);
  expect(greeting.check(JSON.stringify({ gatehouse: 'proof', proof: verifier.storedKey, operatorToken: null }))).toBeNull();
  expect(greeting.check(JSON.stringify({ gatehouse: 'proof', proof: verifier.serverKey, operatorToken: null }))).toBeNull();
});

const changes: [string, (hello: Record<string, unknown>) => void][] = [
  ['client', (hello) => Object.assign(hello, { client: 'claude2' })],
  ['server', (hello) => Object.assign(hello, { only: 'github' })],
  ['folder', (hello) => Object.assign(hello, { folder: '/' })],
  ['process', (hello) => Object.assign(hello, { process: { pid: 43, startedAt: 'b:1' } })],
  ['start time', (hello) => Object.assign(hello, { process: { pid: 42, startedAt: 'b:2' } })],
  ['protocol number', (hello) => Object.assign(hello, { protocol: 2 })],
  ['nonce', (hello) => Object.assign(hello, { nonce: 'A'.repeat(43) })],
  ['an added member', (hello) => Object.assign(hello, { more: 1 })],
];
it.each(changes)('covers the %s: changed on the way, neither side believes the other', (_name, change) => {
  const mine = beginConnecting(token, facts);
  const hello = JSON.parse(mine.hello) as Record<string, unknown>;
  change(hello);
  const greeting = greet(JSON.stringify(hello), () => verifier, 2);
  expect(() => mine.prove(greeting.challenge)).toThrow(ProofError);
});

it('covers what is revoked: a digest put in on the way spoils the proof', () => {
  const { greeting, proof } = exchange();
  expect(greeting.check(JSON.stringify({ ...JSON.parse(proof), operatorToken: hash('sha256', 'other', 'hex') }))).toBeNull();
});

it('speaks the older revision when one side is older, and covers the choice', () => {
  const older = beginConnecting(token, facts, 1);
  expect(greet(older.hello, lookup, 2).protocol).toBe(1);
  const newer = beginConnecting(token, facts, 2);
  const greeting = greet(newer.hello, lookup, 1);
  expect(greeting.protocol).toBe(1);
  expect(greeting.check(newer.prove(greeting.challenge))).not.toBeNull();
  const lowered = { ...JSON.parse(greet(newer.hello, lookup, 2).challenge), protocol: 1 };
  expect(() => newer.prove(JSON.stringify(lowered))).toThrow(ProofError);
  expect(() => greet(beginConnecting(token, facts, 0).hello, lookup)).toThrow(/too old/);
});

const notHello = [
  '',
  'GET / HTTP/1.1',
  '{"jsonrpc":"2.0","id":1,"method":"initialize"}',
  '{"gatehouse":"hello"}',
  JSON.stringify({ gatehouse: 'hello', protocol: 1, nonce: 'A'.repeat(43), ...facts, client: '../../etc' }),
  JSON.stringify({ gatehouse: 'hello', protocol: 1, nonce: 'A'.repeat(42), ...facts }),
  JSON.stringify({ gatehouse: 'hello', protocol: 1, nonce: 'A'.repeat(43), ...facts, only: 'UPPER' }),
  JSON.stringify({ gatehouse: 'hello', protocol: 1, nonce: 'A'.repeat(43), ...facts, process: { pid: -1, startedAt: 'x' } }),
  JSON.stringify({ gatehouse: 'hello', protocol: 1, nonce: 'A'.repeat(43), ...facts, folder: 7 }),
];
it.each(notHello)('refuses what is not a hello: %s', (line) => {
  expect(() => greet(line, lookup)).toThrow(ProofError);
});

it('refuses proofs that are not proofs without throwing', () => {
  for (const line of [
    '',
    'null',
    '[]',
    '{}',
    '{"gatehouse":"proof"}',
    '{"gatehouse":"proof","proof":1}',
    '{"gatehouse":"proof","proof":"AA","operatorToken":5}',
  ]) {
    expect(greet(beginConnecting(token, facts).hello, lookup).check(line)).toBeNull();
  }
});
