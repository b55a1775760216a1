// Keys that were rotated: which secret stands in the place of a returning one, and a value replaced where it stands, in each format, with
// every other byte as it was.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references are written so.
import { expect, test } from 'vitest';
import type { Edit } from '../../broker/clients/change.ts';
import { parseJson } from '../../broker/clients/json.ts';
import { kinds } from '../../broker/clients/kinds.ts';
import { returningKeys, type Served } from '../../broker/clients/rotated.ts';
import { parseToml } from '../../broker/clients/toml.ts';
import type { Parse } from '../../broker/clients/tree.ts';
import { withSwaps } from '../../broker/clients/value-splice.ts';
import { parseYaml } from '../../broker/clients/yaml.ts';

const old = 'ghp_aaaaaaaaaabbbbbbbbbbccccccccccdddddd';
const other = 'ghp_eeeeeeeeeeffffffffffgggggggggghhhhhh';
const kind = (name: string) => {
  const found = kinds.find((each) => each.name === name);
  if (!found) throw new Error(name);
  return found;
};
const ours = (server: string) => ({ command: '/opt/node', args: ['/opt/connect.mjs', 'connect', '--client', 'c', '--server', server] });
const edit = (value: object, server = 'one', name = 'One'): Edit => ({
  at: ['mcpServers'],
  name,
  before: { text: JSON.stringify(value), value },
  after: ours(server),
});
const bare: Served = { name: 'one', args: [], env: {}, secretEnv: {} };
const remote = { url: 'https://x.example/', headers: {}, secretHeaders: {} };
const now = (value: object, served: Partial<Served>, client = 'cursor') =>
  returningKeys(kind(client), [edit(value)], [{ ...bare, ...served }]).map((key) => ('secret' in key.now ? key.now.secret : key.now.why));

test('the secret in the same place: variable, part of a variable, argument, header, part of an address', () => {
  const started = {
    command: 'x',
    args: ['--token', old],
    env: { GITHUB_TOKEN: old, DATABASE_URL: 'postgres://u:hunter22@h/d?password=swordfish' },
  };
  const served = {
    args: ['--token', '${secret:a}'],
    env: { DATABASE_URL: 'postgres://u:${secret:p}@h/d?password=${secret:q}' },
    secretEnv: { GITHUB_TOKEN: 't' },
  };
  expect(now(started, served)).toEqual(['t', 'p', 'q', 'a']);
  const reached = { url: `https://x.example/?api_key=${old}&x=1`, headers: { Authorization: `Bearer ${other}`, 'X-Api-Key': old } };
  const at = {
    url: 'https://x.example/?api_key=${secret:k}&x=1',
    headers: { Authorization: 'Bearer ${secret:b}' },
    secretHeaders: { 'X-Api-Key': 'h' },
  };
  expect(now(reached, { remote: at })).toEqual(['k', 'b', 'h']);
});

test('where nobody can say, nothing is offered, and it is said why', () => {
  const started = { command: 'x', env: { GITHUB_TOKEN: old } };
  expect(now(started, { name: 'else' })).toEqual(['the server one is gone']);
  expect(now(started, {})).toEqual(['one has no secret in that place any more']);
  expect(now(started, { env: { GITHUB_TOKEN: '${secret:a}${secret:b}' } })).toEqual(['one has 2 secrets in that place, where there was 1']);
  // An argument's number alone says little.
  expect(now({ command: 'x', args: [`--key=${old}`] }, { args: ['--folder=${secret:a}'] })).toEqual([
    'one has another text in that place now',
  ]);
  expect(now({ url: `https://x.example/?key=${old}` }, { remote: { ...remote, url: 'https://y.example/?key=${secret:a}' } })).toEqual([
    'one has another text in that place now',
  ]);
  // The name of a property that every object has is no secret's place.
  expect(now({ command: 'x', env: { constructor_token: old } }, {})).toEqual(['one has no secret in that place any more']);
  const twice = returningKeys(kind('cursor'), [edit(started, 'two'), edit(started)], [{ ...bare, secretEnv: { GITHUB_TOKEN: 't' } }]);
  expect(twice.map((key) => key.now)).toEqual([{ why: 'its entry led to two and to one' }]);
  const byHand = returningKeys(kind('cursor'), [{ ...edit(started), after: { command: 'theirs' } }], []);
  expect(byHand.map((key) => key.now)).toEqual([{ why: 'no server of Gatehouse came of its entry' }]);
});

test('of an entry that was changed twice only the oldest text comes back, so only its keys are named', () => {
  const served = [{ ...bare, secretEnv: { GITHUB_TOKEN: 't' } }];
  const both = [edit({ command: 'x', env: { GITHUB_TOKEN: other } }), edit({ command: 'x', env: { GITHUB_TOKEN: old } })];
  expect(returningKeys(kind('cursor'), both, served).map(({ value }) => value)).toEqual([old]);
  expect(returningKeys(kind('cursor'), [...both, { ...edit({}), before: null }], served)).toEqual([]);
});

test('each client writes it in a place of its own', () => {
  const way = (client: string, value: object) => returningKeys(kind(client), [edit(value)], []).map((key) => key.way?.slice(2));
  expect(way('zed', { command: { path: 'x', args: ['--token', old], env: { A_TOKEN: other } } })).toEqual([
    ['command', 'env', 'A_TOKEN'],
    ['command', 'args', 1],
  ]);
  expect(way('opencode', { type: 'local', command: ['x', '--token', old], environment: { A_TOKEN: other } })).toEqual([
    ['environment', 'A_TOKEN'],
    ['command', 2],
  ]);
  expect(way('goose', { type: 'stdio', cmd: 'x', args: [old], envs: { A_TOKEN: other } })).toEqual([
    ['envs', 'A_TOKEN'],
    ['args', 0],
  ]);
  expect(way('goose', { type: 'streamable_http', uri: `https://x.example/?key=${old}`, headers: { 'X-Key': other } })).toEqual([
    ['uri'],
    ['headers', 'X-Key'],
  ]);
  expect(way('codex', { url: `https://x.example/?key=${old}`, http_headers: { 'X-Key': other } })).toEqual([
    ['url'],
    ['http_headers', 'X-Key'],
  ]);
});

/** Values as people choose them to see what breaks. */
const values = [other, '"', "'", '\\', 'it\'s "so" \\n: #{x} %s $& ${y}', 'ü \u{1f511}', ' - a', '123', 'true', '', '\u007f', "''", 'a\nb'];

const samples: [string, Parse, string, (string | number)[], string][] = [
  ['JSON', parseJson, `// mine\r\n{"m": {"a": {"env": {"K" : "${old}",}, "args": ["\\u0041"]},},}`, ['m', 'a', 'env', 'K'], old],
  [
    'JSON, in a list, with escapes of its own beside it',
    parseJson,
    `{"m":{"a":{"args":["x","\\u0041 ${old} \\/"]}}}`,
    ['m', 'a', 'args', 1],
    `A ${old} /`,
  ],
  ['JSON, a number', parseJson, '{"m":{"a":{"env":{"K":12345678,"L":1}}}}', ['m', 'a', 'env', 'K'], '12345678'],
  ['TOML, tables', parseToml, `# mine\n[m.a]\ncommand = 'x'   # why\n[m.a.env]\nK = "${old}" # key\n`, ['m', 'a', 'env', 'K'], old],
  ['TOML, literal, inline and dotted', parseToml, `m.a = { env = { L = 1, K = '${old}' } }\r\n`, ['m', 'a', 'env', 'K'], old],
  ['TOML, in a list', parseToml, `[m."a"]\nargs = [\n  "x", # one\n  """--k=${old}""",\n]\n`, ['m', 'a', 'args', 1], `--k=${old}`],
  ['YAML, plain', parseYaml, `m:\n  a:\n    env:\n      K: ${old} # key\n      L: 1\n`, ['m', 'a', 'env', 'K'], old],
  ['YAML, single quotes', parseYaml, `m:\n  a:\n    args:\n    - x\n    - 'it''s ${old}' # key\n`, ['m', 'a', 'args', 1], `it's ${old}`],
  ['YAML, double quotes and flow', parseYaml, `m: {a: {env: {K: "\\x41 ${old}"}}}\r\n`, ['m', 'a', 'env', 'K'], `A ${old}`],
];

test.each(samples)('%s: every value goes in, and nothing else of the file changes', (_, parse, text, way, stands) => {
  const was = stands.includes(old) ? old : stands;
  const start = stands.indexOf(was);
  for (const value of values) {
    const made = withSwaps(parse, text, [{ way, text: stands, parts: [{ start, end: start + was.length, now: value }] }]);
    const wanted = stands.slice(0, start) + value + stands.slice(start + was.length);
    const read = way.reduce<unknown>((here, key) => (here as Record<string | number, unknown>)[key], parse(made).value);
    expect([value, read]).toEqual([value, wanted]);
    // All before and all behind the value itself.
    const span = parse(text).span(way);
    if (span === null) throw new Error('nothing there');
    expect(made.startsWith(text.slice(0, span.from))).toBe(true);
    expect(made.endsWith(text.slice(span.to))).toBe(true);
  }
  const spelled = withSwaps(parse, text, [{ way, text: stands, parts: [{ start, end: start + was.length, now: other }] }]);
  if (was === old) expect(spelled).toBe(text.replace(old, other));
});

test('two parts of one text; and what does not stand there by itself is not touched', () => {
  const url = `postgres://u:hunter22@h/d?password=swordfish`;
  const parts = [
    { start: url.indexOf('hunter22'), end: url.indexOf('hunter22') + 8, now: 'a' },
    { start: url.indexOf('swordfish'), end: url.length, now: 'b"' },
  ];
  expect(withSwaps(parseJson, `{"e":{"U":"${url}"}}`, [{ way: ['e', 'U'], text: url, parts }])).toBe(
    '{"e":{"U":"postgres://u:a@h/d?password=b\\""}}',
  );
  // The old value stands in it twice: only the one that is meant.
  const twice = withSwaps(parseJson, '{"e":["abcd:abcd"]}', [
    { way: ['e', 0], text: 'abcd:abcd', parts: [{ start: 5, end: 9, now: 'x' }] },
  ]);
  expect(twice).toBe('{"e":["abcd:x"]}');
  const one = [{ start: 0, end: 4, now: 'x' }];
  expect(() => withSwaps(parseJson, '{"e":{"U":"abcd"}}', [{ way: ['e', 'U'], text: 'efgh', parts: one }])).toThrow(/does not stand there/);
  expect(() => withSwaps(parseJson, '{"e":{}}', [{ way: ['e', 'U'], text: 'abcd', parts: one }])).toThrow(/does not stand there/);
  // An alias is written elsewhere, and what it names may be used twice.
  expect(() => withSwaps(parseYaml, 'k: &k abcd\ne:\n  U: *k\n', [{ way: ['e', 'U'], text: 'abcd', parts: one }])).toThrow(
    /does not stand there/,
  );
  const anchored = () => withSwaps(parseYaml, 'e:\n  U: &k abcd\nf: *k\n', [{ way: ['e', 'U'], text: 'abcd', parts: one }]);
  expect(anchored).toThrow(/without changing more/);
});
