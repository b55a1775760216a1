// Pins: every change of meaning is another pin, what only looks otherwise is not, and what a process shows now decides.
import { describe, expect, test } from 'vitest';
import { fingerprint, LivePins, type PinState, self, selfText, shownOf } from '../../broker/mediate/pins.ts';

const pin = (value: unknown) => fingerprint('files', 'tool:read', JSON.stringify(value));
const schema = (required: unknown, more: object = {}) => ({ inputSchema: { required, ...more } });

describe('what is no change', () => {
  test.each<[string, unknown, unknown]>([
    ['prose folded otherwise', { description: 'a  b\n\tc\r\n d' }, { description: 'a b c d' }],
    ['prose with blanks at its ends', { title: '\n a ' }, { title: 'a' }],
    ['instructions indented', { instructions: 'a\n\n   b' }, { instructions: 'a b' }],
    ['prose inside a schema', { p: { description: ' a' } }, { p: { description: 'a' } }],
    ['the order of what is required', schema(['b', 'a', 'c']), schema(['c', 'a', 'b'])],
    ['names with quotes in them', schema(['b"', 'a']), schema(['a', 'b"'])],
  ])('%s', (_name, one, other) => {
    expect(pin(one)).toBe(pin(other));
  });
});

describe('what is one', () => {
  test.each<[string, unknown, unknown]>([
    ['a word', { description: 'a b' }, { description: 'a c' }],
    ['words joined', { description: 'a b' }, { description: 'ab' }],
    ['white space where it means something', { pattern: 'a  b' }, { pattern: 'a b' }],
    ['white space in a default', { default: 'a  b' }, { default: 'a b' }],
    ['a name required more', schema(['a', 'b']), schema(['a'])],
    ['names required and joined', schema(['a', 'b']), schema(['ab'])],
    ['the order of another list', { enum: ['a', 'b'] }, { enum: ['b', 'a'] }],
    ['an escaped letter n that is no line end', { description: 'a\\n b' }, { description: 'a\n b' }],
    ['a letter behind a stroke that is no line end either', { description: 'C:\\new' }, { description: 'C:\\tew' }],
    ['a stroke and a blank', { description: 'C:\\new' }, { description: 'C:\\ ew' }],
    ['prose quoted inside prose', { description: 'x "description":"a  b"' }, { description: 'x "description":"a b c"' }],
    ['what looks like a required list in prose', { note: '"required":["b","a"]' }, { note: '"required":["a","b"]' }],
    ['what looks like prose in another text', { note: '"title":"a  b"' }, { note: '"title":"a b"' }],
    ['text moved from title to description', { title: 'x', description: '' }, { title: '', description: 'x' }],
  ])('%s', (_name, one, other) => {
    expect(pin(one)).not.toBe(pin(other));
  });
  test('it is a SHA-256 that says of which server and what', () => {
    expect(pin({})).toMatch(/^[0-9a-f]{64}$/);
    // Kept in every home: another text here would hold every server that was ever accepted.
    expect(fingerprint('files', 'tool:read', '{"description":"Reads"}')).toBe(
      'd612fdf050453426f9638dac14b84044e97c7a8333ea721239115b326e4763d3',
    );
  });
});

describe('what a server says of itself', () => {
  const said = (opening: object, identity: string | null = null) => JSON.parse(selfText(JSON.stringify(opening), identity)) as unknown;
  const meta = (info: unknown) => ({ _meta: { 'io.modelcontextprotocol/serverInfo': info } });
  test.each<[string, object, string | null, object]>([
    [
      'name, title and instructions',
      { serverInfo: { name: 'n', title: 't', version: '1' }, instructions: 'i' },
      null,
      { name: 'n', title: 't', instructions: 'i' },
    ],
    ['of the stateless era', meta({ name: 'n', title: 't' }), null, { name: 'n', title: 't' }],
    ['the package, where it is known', { serverInfo: { name: 'n' } }, 'npm:x', { name: 'n', package: 'npm:x' }],
    ['nothing', {}, null, {}],
    ['what is no text', { serverInfo: { name: 7, title: null }, instructions: ['i'] }, null, {}],
    ['not its capabilities', { capabilities: { tools: {} }, protocolVersion: 'x' }, null, {}],
    ['an empty text is one', { instructions: '' }, null, { instructions: '' }],
  ])('%s', (_name, opening, identity, expected) => {
    expect(said(opening, identity)).toEqual(expected);
  });
});

describe('how a capability stands', () => {
  const accepted = { capability: 'tool:read', fingerprint: 'f1', accepted: true, rejected: 'f9' };
  const shows = (capability: string, own: string, says?: string) => {
    const pins = new LivePins();
    pins.put(
      'c-1',
      'files',
      new Map([[capability, { fingerprint: own, text: '{}' }], ...(says ? [[self, { fingerprint: says, text: '{}' }] as const] : [])]),
    );
    return pins;
  };
  test.each<[string, LivePins, typeof accepted | undefined, string | null, PinState, string?]>([
    ['as accepted', shows('tool:read', 'f1'), accepted, null, 'accepted'],
    ['changed', shows('tool:read', 'f2'), accepted, null, 'changed'],
    ['changed to what was refused', shows('tool:read', 'f9'), accepted, null, 'rejected'],
    ['never accepted', shows('tool:read', 'f1'), undefined, null, 'waiting'],
    ['seen, and not accepted', shows('tool:read', 'f1'), { ...accepted, accepted: false }, null, 'waiting'],
    ['not listed just now', shows('tool:other', 'f2'), accepted, null, 'accepted'],
    ['a resource nobody listed', new LivePins(), undefined, null, 'unlisted', 'resource:file:///a'],
    ['a template nobody listed', new LivePins(), undefined, null, 'waiting', 'template:file:///{a}'],
    [
      'a resource that looks otherwise now',
      shows('resource:a', 'f2'),
      { ...accepted, capability: 'resource:a' },
      null,
      'accepted',
      'resource:a',
    ],
    ['a resource that was not accepted', shows('resource:a', 'f1'), { ...accepted, accepted: false }, null, 'waiting', 'resource:a'],
    ['the server says what it said', shows('tool:read', 'f1', 'own'), accepted, 'own', 'accepted'],
    ['the server says other things', shows('tool:read', 'f1', 'new'), accepted, 'own', 'changed'],
    ['and a resource of it', shows('resource:a', 'f1', 'new'), undefined, 'own', 'changed', 'resource:a'],
    ['the server says nothing just now', shows('tool:read', 'f1'), accepted, 'own', 'accepted'],
    ['nothing was pinned of the server', shows('tool:read', 'f1', 'new'), accepted, null, 'accepted'],
    ['waiting, whatever the server says', shows('tool:read', 'f1', 'own'), undefined, 'own', 'waiting'],
    ['refused, and the server is as it was', shows('tool:read', 'f9', 'own'), accepted, 'own', 'rejected'],
    ['refused, and the server says other things', shows('tool:read', 'f9', 'new'), accepted, 'own', 'rejected'],
  ])('%s', (_name, pins, row, own, state, capability = 'tool:read') => {
    expect(pins.state('c-1', 'files', capability, row, own)).toBe(state);
  });

  test('each connection has a process of its own, and so has each server', () => {
    const pins = shows('tool:read', 'f2');
    expect(pins.live('c-1', 'files', 'tool:read')).toEqual({ fingerprint: 'f2', text: '{}' });
    expect(pins.live('c-2', 'files', 'tool:read')).toBe(undefined);
    expect(pins.live('c-1', 'mail', 'tool:read')).toBe(undefined);
    pins.forget('c-1', 'mail');
    expect(pins.state('c-1', 'files', 'tool:read', accepted)).toBe('changed');
    pins.forget('c-1', 'files');
    expect(pins.live('c-1', 'files', 'tool:read')).toBe(undefined);
  });

  test('two definitions of one name are neither; the same one twice is one', () => {
    const one = { capability: 'tool:read', fingerprint: 'f1', text: '{"a":1}' };
    const pins = new LivePins();
    pins.put('c-1', 'files', shownOf([one, { ...one, fingerprint: 'f2' }]));
    expect(pins.state('c-1', 'files', 'tool:read', accepted)).toBe('twofold');
    pins.put('c-1', 'files', shownOf([{ ...one, fingerprint: 'f2' }, one, one]));
    expect(pins.state('c-1', 'files', 'tool:read', accepted)).toBe('twofold');
    pins.put('c-1', 'files', shownOf([one, one]));
    expect(pins.state('c-1', 'files', 'tool:read', accepted)).toBe('accepted');
    expect(shownOf([one]).get('tool:read')).toEqual({ fingerprint: 'f1', text: '{"a":1}' });
  });
});
