// Hooks of ours are known again by what they run: an older one makes way, others stay, and undo leads back to before the first installation.
import { expect, test } from 'vitest';
import { type FileChange, keptText } from '../../broker/clients/change.ts';
import { discover } from '../../broker/clients/discover.ts';
import { judge } from '../../broker/clients/guard.ts';
import { placed } from '../../broker/clients/hook-items.ts';
import { claudeCodeHooks } from '../../broker/clients/hooks.ts';
import { hooksStand, planInstall } from '../../broker/clients/install-plan.ts';
import { kinds } from '../../broker/clients/kinds.ts';
import { differenceLines } from '../../broker/clients/preview.ts';
import { undo } from '../../broker/clients/undo.ts';
import { wordsOf } from '../../broker/start/client-guard.ts';
import { paperMachine } from './paper.ts';

interface HookLists {
  hooks: Record<string, { matcher: string; hooks: { type: string; command: string; timeout?: number }[] }[]>;
}

/** Claude Code with its hooks put in, of the settings file alone. */
function claudeHooks(bytes: string, program = '/opt/connect.mjs'): FileChange | undefined {
  const kind = kindOf('claude-code');
  const machine = paperMachine({ [claudeSettings]: bytes, '/home/ada/.claude.json': '{"mcpServers":{}}' });
  const stdio = { command: '/opt/node', args: [program, 'connect', '--home', '/home/ada/.gh', '--client', 'claude-code'], env: {} };
  const none = { replaced: [], servers: [], combined: false, passDialogs: false };
  return planInstall({
    ...{
      kind,
      machine,
      found: discover(machine, [kind]),
      reach: { stdio, httpUrl: 'http://127.0.0.1:4000/mcp', token: null },
      way: 'stdio',
      ...none,
      hooks: true,
    },
  }).find(({ path }) => path === claudeSettings);
}

const claudeSettings = '/home/ada/.claude/settings.json';
function kindOf(name: string) {
  const kind = kinds.find((one) => one.name === name);
  if (!kind) throw new Error(name);
  return kind;
}

/** As the first version wrote it: one list, a narrower matcher, another program. */
const firstHook = {
  matcher: 'Bash|Read',
  hooks: [
    { type: 'command', command: "'/old/node' '/old/gatehouse.mjs' 'hook' '--home' '/home/ada/.gh' '--client' 'claude-code' || exit 2" },
  ],
};
/** The copy that the first version kept. */
function firstCopy(before: string, after: string): string {
  const added = [firstHook];
  const old = (JSON.parse(before) as Partial<HookLists>).hooks?.PreToolUse;
  const edit = { at: ['hooks'], name: 'PreToolUse', before: old ? { text: JSON.stringify(old), value: old } : null, after: added, added };
  const bytes = Buffer.from(before);
  return keptText({ kind: kindOf('claude-code'), path: claudeSettings, before: bytes, after: Buffer.from(after), edits: [edit] }, 'json');
}

test('an older hook of ours makes way for the present one in its place, and undo leads back to before the first', () => {
  const kind = kindOf('claude-code');
  const original = '{"model": "x"}';
  const first = JSON.stringify({ model: 'x', hooks: { PreToolUse: [firstHook] } });
  const second = claudeHooks(first) as FileChange;
  const { hooks } = JSON.parse(second.after.toString()) as HookLists;
  expect(Object.values(hooks).map((list) => list.length)).toEqual([1, 1, 1]);
  expect(hooks.PreToolUse?.[0]?.hooks[0]?.command).toContain("'/opt/connect.mjs' 'hook'");
  expect(claudeHooks(second.after.toString())).toBeUndefined();
  const kept = [keptText(second, 'json'), firstCopy(original, first)];
  expect(undo(kind, second.after, kept)).toMatchObject({ bytes: Buffer.from(original), exact: true });
  // Others wrote since: theirs stays, and neither hook of ours.
  const edited = { ...(JSON.parse(second.after.toString()) as HookLists), model: 'y' };
  expect(JSON.parse(undo(kind, Buffer.from(JSON.stringify(edited)), kept).bytes?.toString() ?? '')).toEqual({ model: 'y' });
  // A file that came with an old hook, from another computer say, gets it back.
  const alone = undo(kind, Buffer.from(JSON.stringify(edited)), [keptText(second, 'json')]);
  expect(JSON.parse(alone.bytes?.toString() ?? '')).toEqual({ model: 'y', hooks: { PreToolUse: [firstHook] } });
  expect(
    differenceLines(kind, second.edits)
      .filter((line) => line.startsWith('  - '))
      .join('\n'),
  ).toContain('/old/gatehouse.mjs');
});

test('hooks of others stay as they are and where they are, edited in between, under the same matcher, or in one item with ours', () => {
  const kind = kindOf('claude-code');
  const theirs = (command: string, matcher = 'Bash') => ({ matcher, hooks: [{ type: 'command', command }] });
  const [line = ''] = firstHook.hooks.map(({ command }) => command);
  const foreign = [
    theirs('./a.sh'),
    theirs(`${line} | tee log`),
    theirs(`sudo ${line}`),
    theirs(line.replace('/home/ada/.gh', '/home/ada/.other')),
    theirs(line.replace("'claude-code'", "'cursor'")),
    theirs(line.replace("'hook'", "'connect'")),
    theirs(line.replace('/old/gatehouse.mjs', '/old/mine.mjs')),
  ];
  for (const one of foreign) {
    const before = JSON.stringify({ hooks: { PreToolUse: [one, firstHook, theirs('./z.sh', firstHook.matcher)] } });
    const change = claudeHooks(before) as FileChange;
    const { hooks } = JSON.parse(change.after.toString()) as HookLists;
    expect(hooks.PreToolUse?.map(({ hooks: [run] }) => run?.command)).toEqual([
      one.hooks[0]?.command,
      expect.stringContaining('/opt/connect.mjs'),
      './z.sh',
    ]);
    // The present matcher with another command under it is not ours.
    const present = hooks.PreToolUse?.[1] ?? theirs('');
    const same = JSON.stringify({ hooks: { PreToolUse: [{ ...present, hooks: [{ type: 'command', command: './b.sh' }] }] } });
    const joined = claudeHooks(same) as FileChange;
    expect((JSON.parse(joined.after.toString()) as HookLists).hooks.PreToolUse).toHaveLength(2);
    expect(undo(kind, joined.after, [keptText(joined, 'json')]).bytes?.toString()).toBe(same);
  }
  // Edited between two installations: the other's hook was not there at first, and stays.
  const original = '{"hooks": {"PreToolUse": [ ]}}';
  const first = JSON.stringify({ hooks: { PreToolUse: [firstHook] } });
  const between = JSON.stringify({ hooks: { PreToolUse: [firstHook, theirs('./late.sh')] } });
  const second = claudeHooks(between) as FileChange;
  const back = undo(kind, second.after, [keptText(second, 'json'), firstCopy(original, first)]);
  expect(JSON.parse(back.bytes?.toString() ?? '')).toEqual({ hooks: { PreToolUse: [theirs('./late.sh')] } });
  // One item with a hook of somebody else in it loses ours alone.
  const mixed = { ...firstHook, hooks: [...firstHook.hooks, { type: 'command', command: './with.sh' }] };
  const parted = claudeHooks(JSON.stringify({ hooks: { PreToolUse: [mixed] } })) as FileChange;
  expect((JSON.parse(parted.after.toString()) as HookLists).hooks.PreToolUse).toEqual([
    expect.objectContaining({ matcher: expect.not.stringMatching(/^Bash\|Read$/) }),
    { matcher: firstHook.matcher, hooks: [{ type: 'command', command: './with.sh' }] },
  ]);
});

test('a list with an old and a new hook of ours keeps the new one, and the guard goes on missing it', () => {
  const kind = kindOf('claude-code');
  const file = kind.hooks?.(paperMachine({}))?.file;
  if (!file) throw new Error('no hooks');
  const clean = claudeHooks('{}') as FileChange;
  const now = JSON.parse(clean.after.toString()) as HookLists;
  const [present] = now.hooks.PreToolUse ?? [];
  const twice = JSON.stringify({ hooks: { ...now.hooks, PreToolUse: [firstHook, present, present] } });
  const mended = claudeHooks(twice) as FileChange;
  expect((JSON.parse(mended.after.toString()) as HookLists).hooks.PreToolUse).toEqual([present]);
  const kept = [firstCopy('{}', JSON.stringify({ hooks: { PreToolUse: [firstHook] } })), keptText(clean, 'json'), keptText(mended, 'json')];
  const judged = (hooks: object) => judge(kind, file, kept, Buffer.from(JSON.stringify({ hooks })), 'http://127.0.0.1:4000/mcp').deviations;
  expect(judged(now.hooks)).toEqual([]);
  // The old file came back: what mends it puts the present hook where the old one is.
  expect(judged({ ...now.hooks, PreToolUse: [firstHook] }).map(({ kind: what, mend }) => [what, mend?.value])).toEqual([
    ['hook', [present]],
  ]);
});

test('a hook of ours for PowerShell is known again too', () => {
  const home = "C:\\Users\\O'Neil \u2018x\u2019\\gh";
  const items = (program: string) =>
    claudeCodeHooks({ command: program, args: ['connect', '--home', home, '--client', 'claude-code'] }, 'win32', []).map(
      ({ item }) => item,
    );
  const [before, after] = items('C:\\old\\gatehouse.exe');
  for (const [at, old] of [before, after].entries()) {
    const wanted = items('C:\\new\\gatehouse.exe')[at];
    expect(placed(['x', old, 'y'], [wanted])).toEqual({ list: ['x', wanted, 'y'], added: [wanted], replaced: [old] });
  }
});

test('calls over an entry of ours pass the hook, and not those of another entry of the same name', () => {
  const kind = kindOf('claude-code');
  const entry = (server: string) => ({
    type: 'stdio',
    command: 'node',
    args: ['/opt/connect.mjs', 'connect', '--client', 'c', '--server', server],
  });
  const matcher = (files: Record<string, string>) => {
    const machine = paperMachine(files);
    const stdio = { command: '/opt/node', args: ['/opt/connect.mjs', 'connect', '--home', '/h', '--client', 'claude-code'], env: {} };
    const none = { replaced: [], servers: ['more'], combined: false, passDialogs: false };
    const wish = { kind, machine, found: discover(machine, [kind]), reach: { stdio, httpUrl: 'http://127.0.0.1:4000/mcp', token: null } };
    const change = planInstall({ ...wish, way: 'stdio', ...none, hooks: true }).find(({ path }) => path === claudeSettings);
    return new RegExp((JSON.parse(change?.after.toString() ?? '') as HookLists).hooks.PreToolUse?.[0]?.matcher ?? '');
  };
  const user = JSON.stringify({ mcpServers: { files: entry('files'), theirs: { command: 'x' } } });
  const alone = matcher({ '/home/ada/.claude.json': user });
  expect(['files', 'more', 'theirs'].map((name) => alone.test(`mcp__${name}__read`))).toEqual([false, false, true]);
  const shadowed = matcher({ '/home/ada/.claude.json': user, '/home/ada/work/.mcp.json': '{"mcpServers":{"files":{"command":"evil"}}}' });
  expect(['files', 'more', 'theirs'].map((name) => shadowed.test(`mcp__${name}__read`))).toEqual([true, false, true]);
});

test('hooks that are switched off are no hooks: refused at the installation, missed by the guard, and mended', () => {
  const kind = kindOf('claude-code');
  expect(() => claudeHooks('{"disableAllHooks": true}')).toThrow(/"disableAllHooks": true, so Claude Code would run no hook/);
  const made = claudeHooks('{"disableAllHooks": false}') as FileChange;
  const file = kind.hooks?.(paperMachine({}))?.file;
  if (!file) throw new Error('no hooks');
  const judged = (text: string, kept = [keptText(made, 'json')]) =>
    judge(kind, file, kept, Buffer.from(text), 'http://127.0.0.1:4000/mcp').deviations.map(({ kind: what, entry, mend }) => [
      what,
      entry,
      mend,
    ]);
  expect(judged(made.after.toString())).toEqual([]);
  const off = made.after.toString().replace('"disableAllHooks": false', '"disableAllHooks": true');
  expect(judged(off)).toEqual([['hook', 'disableAllHooks', { at: [], name: 'disableAllHooks', value: false }]]);
  const [deviation] = judge(kind, file, [keptText(made, 'json')], Buffer.from(off), 'http://127.0.0.1:4000/mcp').deviations;
  expect(deviation && wordsOf(deviation)).toMatch(/^"disableAllHooks" lets it run no hook/);
  // Where no hook of ours is, it is the person's own affair.
  const rules = { ...made, edits: [] };
  expect(judged(off, [keptText(rules, 'json')])).toEqual([]);
});

test('hooks that stand are known without being asked for, of any version; none of others, none that are off or cannot be read', () => {
  const stands = (file: string | { bytes: string; kind: 'link' } | null) => {
    const machine = paperMachine(file === null ? {} : { [claudeSettings]: file });
    const stdio = {
      command: '/opt/node',
      args: ['/opt/connect.mjs', 'connect', '--home', '/home/ada/.gh', '--client', 'claude-code'],
      env: {},
    };
    return hooksStand(kindOf('claude-code'), machine, { stdio, httpUrl: 'http://127.0.0.1:4000/mcp', token: null });
  };
  const first = JSON.stringify({ hooks: { PreToolUse: [firstHook] } });
  const present = claudeHooks('{}')?.after.toString() ?? '';
  expect([first, present].map(stands)).toEqual([true, true]);
  const theirs = present.replaceAll("'claude-code'", "'cursor'");
  const not = [
    null,
    '{}',
    '{',
    '{"hooks": 1}',
    '{"hooks": {"PreToolUse": {}}}',
    theirs,
    `{"disableAllHooks": true, ${present.trim().slice(1)}`,
  ];
  for (const text of not) expect(stands(text), text ?? 'no file').toBe(false);
  expect(stands({ bytes: present, kind: 'link' })).toBe(false);
});
