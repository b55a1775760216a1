// Install and undo over the whole corpus: byte for byte at once, and with other edits in between the original plus those edits.
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { changeFile, type FileChange, keptText } from '../../broker/clients/change.ts';
import { discover } from '../../broker/clients/discover.ts';
import { judge } from '../../broker/clients/guard.ts';
import { planInstall } from '../../broker/clients/install-plan.ts';
import { kinds } from '../../broker/clients/kinds.ts';
import { decode, encode } from '../../broker/clients/text.ts';
import { undo } from '../../broker/clients/undo.ts';
import { corpus, type Sample } from './corpus.ts';
import { paperMachine } from './paper.ts';

const reach = {
  stdio: { command: '/opt/node', args: ['/opt/connect.mjs', 'connect', '--client', 'c'], env: {} },
  httpUrl: 'http://127.0.0.1:4000/mcp',
  token: 'ght_secret',
};

function install(sample: Sample, bytes: Buffer, more: { combined?: boolean; servers?: string[]; mode?: number } = {}) {
  const kind = kinds.find(({ name }) => name === sample.client);
  if (!kind) throw new Error(sample.client);
  const path = kind.files(paperMachine({}))[0]?.path ?? '';
  const machine = paperMachine({ [path]: { bytes, mode: more.mode ?? 0o600 } });
  const found = discover(machine, [kind]);
  const replaced = found.entries.map((entry, at) => ({ entry, server: `s${at}` }));
  const changes = planInstall({
    kind,
    machine,
    found,
    reach,
    way: 'fitting',
    replaced,
    servers: more.servers ?? [],
    combined: more.combined ?? false,
    passDialogs: false,
    hooks: false,
  });
  expect(changes.length).toBeLessThanOrEqual(1);
  const [change] = changes;
  const format = kind.files(machine)[0]?.format ?? 'json';
  const edit = (at: Buffer, name: string): FileChange => {
    const [file] = kind.files(machine);
    if (!file) throw new Error('no file');
    const where = file.places({})[0]?.at ?? [];
    return changeFile(kind, file, at, [{ at: where, name, value: { command: 'theirs', args: [] } }]);
  };
  return { kind, change, kept: change ? keptText(change, format) : null, edit };
}

const valid = corpus.filter((sample) => sample.entries !== null);

test.each(valid.map((sample) => [`${sample.client}: ${sample.name}`, sample] as const))('%s', (_, sample) => {
  const { kind, change, kept, edit } = install(sample, sample.bytes, { servers: ['fresh'] });
  if (!change || kept === null) throw new Error('nothing changed');
  // At once.
  const back = undo(kind, change.after, [kept]);
  expect(back).toMatchObject({ exact: true, left: [] });
  expect(back.bytes?.equals(sample.bytes)).toBe(true);
  // Never written after all, or put back by hand.
  expect(undo(kind, sample.bytes, [kept]).bytes?.equals(sample.bytes)).toBe(true);
  // Somebody else adds an entry of their own in between.
  const between = install(sample, sample.bytes);
  if (between.change && between.kept !== null) {
    const undone = undo(kind, edit(between.change.after, 'theirs').after, [between.kept]);
    expect(undone).toMatchObject({ exact: false, left: [] });
    const text = decode(sample.bytes).body;
    const joined = between.change.edits.every(({ before }) => before !== null && text.includes(before.text));
    if (joined) expect(undone.bytes?.toString()).toBe(edit(sample.bytes, 'theirs').after.toString());
  }
  // Two installs on one another come off one after the other.
  const twice = install(sample, change.after, { servers: ['s0', 'fresh', 'later'] });
  if (twice.change && twice.kept !== null)
    expect(undo(kind, twice.change.after, [twice.kept, kept]).bytes?.equals(sample.bytes)).toBe(true);
});

test('a client that lays its file out anew keeps what it wrote, and gets its old entries back', () => {
  const sample = valid.find(({ client, name }) => client === 'claude-code' && name === 'user entries') as Sample;
  const { kind, change, kept } = install(sample, sample.bytes);
  const now = JSON.parse(change?.after.toString() ?? '') as Record<string, unknown>;
  now.numStartups = 185;
  const undone = undo(kind, Buffer.from(JSON.stringify(now)), [kept ?? '']);
  expect(JSON.parse(undone.bytes?.toString() ?? '')).toEqual({ ...JSON.parse(sample.bytes.toString()), numStartups: 185 });
});

test('what others did to our entries stays theirs, and is told', () => {
  const sample = valid.find(({ client, name }) => client === 'claude-desktop' && name === 'two servers') as Sample;
  const { kind, change, kept } = install(sample, sample.bytes);
  const now = JSON.parse(change?.after.toString() ?? '') as { mcpServers: Record<string, unknown> };
  delete now.mcpServers.github;
  now.mcpServers.filesystem = { command: 'mine' };
  const undone = undo(kind, Buffer.from(JSON.stringify(now)), [kept ?? '']);
  expect(undone.left).toEqual([
    '"github" was taken out of the file since, and stays out.',
    '"filesystem" was changed since, and stays as it is.',
  ]);
  expect(JSON.parse(undone.bytes?.toString() ?? '')).toEqual(now);
});

test('a file that was not there goes again; one that others filled meanwhile stays without us', () => {
  const kind = kinds.find(({ name }) => name === 'cursor');
  if (!kind) throw new Error('cursor');
  const machine = paperMachine({});
  const [change] = planInstall({
    kind,
    machine,
    found: discover(machine, [kind]),
    reach,
    way: 'fitting',
    replaced: [],
    servers: ['a'],
    combined: true,
    passDialogs: false,
    hooks: false,
  });
  if (!change) throw new Error('nothing');
  const kept = keptText(change, 'json');
  expect(undo(kind, change.after, [kept]).bytes).toBeNull();
  const filled = JSON.parse(change.after.toString()) as Record<string, unknown>;
  expect(filled).toEqual({ mcpServers: { gatehouse: expect.objectContaining({ url: 'http://127.0.0.1:4000/mcp' }) } });
  filled.other = 1;
  expect(JSON.parse(undo(kind, Buffer.from(JSON.stringify(filled)), [kept]).bytes?.toString() ?? '')).toEqual({ other: 1 });
});

test('no token goes into a file that others can read, or into a work tree', () => {
  for (const sample of valid) {
    const { change } = install(sample, sample.bytes, { servers: ['fresh'], mode: 0o644 });
    expect(change?.after.includes('ght_secret')).toBe(false);
  }
  const kind = kinds.find(({ name }) => name === 'claude-code');
  if (!kind) throw new Error('claude-code');
  const machine = paperMachine({ '/home/ada/work/.mcp.json': '{"mcpServers":{"x":{"type":"http","url":"https://x.example/mcp"}}}' });
  const found = discover(machine, [kind]);
  const replaced = found.entries.map((entry) => ({ entry, server: 'x' }));
  const changes = planInstall({
    kind,
    machine,
    found,
    reach,
    way: 'http',
    replaced,
    servers: ['x'],
    combined: false,
    passDialogs: false,
    hooks: false,
  });
  expect(changes.map(({ path }) => path)).toEqual(['/home/ada/work/.mcp.json']);
  expect(changes[0]?.after.includes('ght_secret')).toBe(false);
});

test('rules and hooks are added once, and taken out of what others made of the lists', () => {
  const kind = kinds.find(({ name }) => name === 'claude-code');
  if (!kind) throw new Error('claude-code');
  const path = '/home/ada/.claude/settings.json';
  const theirs = { matcher: 'Bash', hooks: [{ type: 'command', command: 'theirs' }] };
  const plan = (bytes: string) => {
    const machine = paperMachine({ [path]: bytes, '/home/ada/.claude.json': '{"mcpServers":{}}' });
    const found = discover(machine, [kind]);
    return planInstall({
      kind,
      machine,
      found,
      reach,
      way: 'stdio',
      replaced: [],
      servers: ['a b'],
      combined: false,
      passDialogs: true,
      hooks: true,
    });
  };
  const before = JSON.stringify({ permissions: { allow: ['Read'] }, hooks: { PreToolUse: [theirs] } });
  const change = plan(before).find((one) => one.path === path);
  const after = JSON.parse(change?.after.toString() ?? '') as { permissions: { allow: unknown[] }; hooks: { PreToolUse: unknown[] } };
  expect(after.permissions.allow).toEqual(['Read', 'mcp__a_b']);
  expect(after.hooks.PreToolUse).toEqual([theirs, expect.objectContaining({ matcher: expect.stringContaining('Bash|') })]);
  expect(plan(change?.after.toString() ?? '').some((one) => one.path === path)).toBe(false);
  after.permissions.allow.push('Write');
  after.hooks.PreToolUse.shift();
  const undone = undo(kind, Buffer.from(JSON.stringify(after)), [keptText(change as FileChange, 'json')]);
  expect(JSON.parse(undone.bytes?.toString() ?? '')).toEqual({ permissions: { allow: ['Read', 'Write'] }, hooks: { PreToolUse: [] } });
});

const cursorFile = '/home/ada/.cursor/hooks.json';

function cursorPlan(bytes: string | null): FileChange | undefined {
  const kind = kinds.find(({ name }) => name === 'cursor');
  if (!kind) throw new Error('cursor');
  const machine = paperMachine({ '/home/ada/.cursor/mcp.json': '{"mcpServers":{}}', ...(bytes === null ? {} : { [cursorFile]: bytes }) });
  const found = discover(machine, [kind]);
  const none = { replaced: [], servers: [], combined: false, passDialogs: false };
  return planInstall({ kind, machine, found, reach, way: 'stdio', ...none, hooks: true }).find(({ path }) => path === cursorFile);
}

type CursorHooks = { version?: number; hooks: Record<string, { command: string; failClosed?: boolean; matcher?: string }[]> };

test('hooks of Cursor: made with their version, joined with those of others, taken out again byte for byte, missed by the guard', () => {
  const kind = kinds.find(({ name }) => name === 'cursor');
  if (!kind) throw new Error('cursor');
  const made = cursorPlan(null) as FileChange;
  const written = JSON.parse(made.after.toString()) as CursorHooks;
  expect(written.version).toBe(1);
  expect(Object.keys(written.hooks)).toEqual(['beforeShellExecution', 'beforeMCPExecution', 'beforeReadFile', 'preToolUse']);
  for (const [item] of Object.values(written.hooks)) {
    expect(item?.failClosed).toBe(true);
    expect(item?.command).toBe("'/opt/node' '/opt/connect.mjs' 'hook' '--client' 'c' '--mcp' 'http://127.0.0.1:4000/mcp' || exit 2");
  }
  expect(written.hooks.preToolUse?.[0]?.matcher).not.toMatch(/Shell|Read|MCP/);
  expect(undo(kind, made.after, [keptText(made, 'json')]).bytes).toBeNull();
  // Others put theirs into the file we made: it keeps what it needs to be read.
  const theirs = { command: './mine.sh' };
  written.hooks.beforeShellExecution?.unshift(theirs as never);
  const mixed = undo(kind, Buffer.from(JSON.stringify(written)), [keptText(made, 'json')]);
  expect(JSON.parse(mixed.bytes?.toString() ?? '')).toEqual({ version: 1, hooks: { beforeShellExecution: [theirs] } });

  const before = '{\r\n\t// mine\r\n\t"version": 1,\r\n\t"hooks": { "beforeShellExecution": [{ "command": "./mine.sh" }], },\r\n}';
  const joined = cursorPlan(before) as FileChange;
  expect(joined.after.toString()).toContain('// mine');
  expect(joined.after.toString()).toContain('"./mine.sh"');
  expect(undo(kind, joined.after, [keptText(joined, 'json')]).bytes?.toString()).toBe(before);
  expect(cursorPlan(joined.after.toString())).toBeUndefined();
  expect(() => cursorPlan('{"version":2,"hooks":{}}')).toThrow(/"version": 1/);

  const file = kind.hooks?.(paperMachine({}))?.file;
  if (!file) throw new Error('no hooks');
  const lost = (text: string) => judge(kind, file, [keptText(joined, 'json')], Buffer.from(text), 'http://127.0.0.1:4000/mcp').deviations;
  expect(lost(joined.after.toString())).toEqual([]);
  expect(lost(before).map((one) => [one.kind, one.entry])).toEqual([
    ['hook', 'beforeShellExecution'],
    ['hook', 'beforeMCPExecution'],
    ['hook', 'beforeReadFile'],
    ['hook', 'preToolUse'],
  ]);
  expect(judge(kind, file, [keptText(made, 'json')], made.after, 'http://127.0.0.1:4000/mcp').deviations).toEqual([]);
});

test('a kept copy holds the whole file, and knows it again after an edit that is undone', () => {
  const [sample] = valid;
  if (!sample) throw new Error('no sample');
  const { kept, change } = install(sample, sample.bytes);
  const { original } = JSON.parse(kept ?? '') as { original: string };
  expect(gunzipSync(Buffer.from(original, 'base64')).equals(sample.bytes)).toBe(true);
  expect(encode(decode(change?.after ?? Buffer.alloc(0))).equals(change?.after ?? Buffer.alloc(1))).toBe(true);
});
