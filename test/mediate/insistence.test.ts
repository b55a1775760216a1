// How often a client may press (T22): three refusals are a no for a while, a flood stops it, and neither touches anybody else.
import { expect, test } from 'vitest';
import { Insistence } from '../../broker/mediate/insistence.ts';
import { callerOf, clock, requestOf } from '../support/asking.ts';

const minute = 60_000;
const [caller, request] = [callerOf(), requestOf()];
function setUp() {
  const time = clock();
  return { time, own: new Insistence(time.now) };
}

test('the third refusal is a no for half an hour, and then it may ask again', () => {
  const { time, own } = setUp();
  expect([own.deny(caller, request), own.deny(caller, request)]).toEqual([false, false]);
  expect(own.isQuiet(caller, request)).toBe(false);
  expect(own.deny(caller, request)).toBe(true);
  expect(own.isQuiet(caller, request)).toBe(true);
  time.at += 30 * minute - 1;
  expect(own.isQuiet(caller, request)).toBe(true);
  time.at += 1;
  expect(own.isQuiet(caller, request)).toBe(false);
  expect(own.deny(caller, request), 'and the count begins anew').toBe(false);
  expect(own.deny(caller, request)).toBe(false);
});

test('refusals count for half an hour', () => {
  const { time, own } = setUp();
  own.deny(caller, request);
  time.at += 30 * minute;
  expect([own.deny(caller, request), own.deny(caller, request)], 'the first is too old').toEqual([false, false]);
  time.at += 30 * minute - 1;
  expect(own.deny(caller, request), 'these are not').toBe(true);
});

test('it is about this client, this server and this capability, in whatever session', () => {
  const { own } = setUp();
  for (let n = 0; n < 3; n++) own.deny(caller, request);
  expect(own.isQuiet(callerOf({ session: 's-2', connection: 'c-2' }), requestOf({ canonicalDigest: 'c9' }))).toBe(true);
  expect(own.isQuiet(callerOf({ client: 'zed' }), request)).toBe(false);
  expect(own.isQuiet(caller, requestOf({ server: 'mail' }))).toBe(false);
  expect(own.isQuiet(caller, requestOf({ capability: 'tool:write_file' }))).toBe(false);
});

test('a yes takes back what was refused before', () => {
  const { own } = setUp();
  own.deny(caller, request);
  own.deny(caller, request);
  own.allow(caller, request);
  expect(own.deny(caller, request)).toBe(false);
  own.deny(caller, request);
  own.deny(caller, request);
  expect(own.isQuiet(caller, request)).toBe(true);
  own.allow(caller, request);
  expect(own.isQuiet(caller, request)).toBe(false);
});

test('120 questions in a minute are not a flood, 121 are; it is told once', () => {
  const { time, own } = setUp();
  for (let n = 0; n < 120; n++) expect(own.floods('cursor')).toBe(false);
  expect(own.floods('zed'), 'another client has asked nothing').toBe(false);
  expect(own.floods('cursor')).toBe(true);
  expect(own.floods('cursor')).toBe(false);
  for (let n = 0; n < 119; n++) own.floods('cursor');
  time.at += minute;
  expect(own.floods('cursor'), 'what is a minute old does not count').toBe(false);
  for (let n = 0; n < 119; n++) own.floods('cursor');
  time.at += minute - 1;
  expect(own.floods('cursor'), 'what is younger does').toBe(true);
});

test('what is remembered is bounded, and what was used last is kept', () => {
  const { own } = setUp();
  for (let n = 0; n < 3; n++) own.deny(caller, request);
  for (let n = 0; n < 999; n++) for (let times = 0; times < 3; times++) own.deny(callerOf({ client: `x${n}` }), request);
  expect(own.isQuiet(caller, request), 'a thousand are kept').toBe(true);
  for (let times = 0; times < 3; times++) own.deny(callerOf({ client: 'one-more' }), request);
  expect(own.isQuiet(caller, request)).toBe(false);
  expect(own.isQuiet(callerOf({ client: 'x0' }), request)).toBe(true);
});
