// What a client is told to run, by the rules of the shell that reads it: POSIX lines by a real shell, PowerShell lines by its rule for
// single-quoted text, read here as its language says, because PowerShell does not run where these tests do.
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { posixLine, powershellLine } from '../../broker/clients/command-line.ts';
import { claudeCodeHooks } from '../../broker/clients/hooks.ts';
import { kinds } from '../../broker/clients/kinds.ts';
import { paperMachine } from './paper.ts';

const kind = (name: string) => {
  const found = kinds.find((each) => each.name === name);
  if (!found) throw new Error(name);
  return found;
};

/** Words that mean something to one shell or another, as folders may be called. */
const nasty = [
  'C:\\Program Files\\nodejs\\node.exe',
  "C:\\Users\\O'Neil\\x.mjs",
  'C:\\Users\\O\u2019Neil \u2018quoted\u2018 \u201alow\u201b',
  "'; Remove-Item C:\\ -Recurse; '",
  '\u2019; Remove-Item C:\\ -Recurse; \u2019',
  'C:\\$env:USERPROFILE\\$(calc)\\`n\\@(1)\\{x}',
  '%PATH% !x! ^& | > out < in ; # --% $input',
  '--home',
  '-a:b',
  '\u65e5\u672c\u8a9e \u{1f511} e\u0301',
  '*',
];

/** A command of single-quoted words, as PowerShell reads it (about_Quoting_Rules; any of its four single quotes ends a text, two are one). */
function asPowershellReads(line: string): string[] {
  const quotes = "'\u2018\u2019\u201a\u201b";
  expect(line.startsWith('& ')).toBe(true);
  const words: string[] = [];
  let at = 2;
  while (at < line.length) {
    if (line[at] === ' ') {
      at += 1;
      continue;
    }
    // Anything outside of quotes would be code.
    expect(line[at]).toBe("'");
    let word = '';
    for (at += 1; ; at += 1) {
      const here = line[at];
      if (here === undefined) throw new Error('a text that does not end');
      if (!quotes.includes(here)) word += here;
      else if (quotes.includes(line[at + 1] ?? ' ')) {
        at += 1;
        word += line[at];
      } else break;
    }
    at += 1;
    words.push(word);
  }
  return words;
}

test('each word reaches the program as it is, whatever it is called', () => {
  expect(asPowershellReads(powershellLine(nasty))).toEqual(nasty);
  for (const word of nasty) expect(asPowershellReads(powershellLine(['p', word, 'end']))).toEqual(['p', word, 'end']);
  const echoed = spawnSync('/bin/sh', [
    '-c',
    posixLine([process.execPath, '-e', 'console.log(JSON.stringify(process.argv.slice(1)))', '--', ...nasty]),
  ]);
  expect(JSON.parse(echoed.stdout.toString())).toEqual(nasty);
});

test('a word that Windows PowerShell does not carry is refused, not bent', () => {
  for (const word of ['', 'a"b', 'a\nb', 'a\0b', 'C:\\my folder\\', `C:\\$${'{CLAUDE_PROJECT_DIR}'}\\x`])
    expect(() => powershellLine(['node', word]), JSON.stringify(word)).toThrow(/cannot be told/);
  expect(asPowershellReads(powershellLine(['C:\\']))).toEqual(['C:\\']);
});

type Item = { matcher: string; hooks: [{ type: string; command: string; shell?: string; timeout: number; args?: unknown }] };
const connect = {
  command: 'C:\\Program Files\\Gatehouse\\gatehouse.exe',
  args: ['connect', '--home', "C:\\Users\\O'Neil\\AppData\\Roaming\\gatehouse", '--client', 'claude-code'],
};

test('Claude Code on Windows: PowerShell by name, and a no where the hook failed or did not start', () => {
  const made = kind('claude-code').hooks?.(paperMachine({}, { platform: 'win32' }));
  expect(made?.file.path).toBe('C:\\Users\\ada\\.claude\\settings.json');
  const items = made?.items(connect, 'http://127.0.0.1:4000/mcp', []) as { list: string; item: Item }[];
  expect(items.map(({ list }) => list)).toEqual(['PreToolUse', 'PostToolUse', 'PostToolUseFailure']);
  const line =
    "& 'C:\\Program Files\\Gatehouse\\gatehouse.exe' 'hook' '--home' 'C:\\Users\\O''Neil\\AppData\\Roaming\\gatehouse' '--client' 'claude-code'";
  const [before, after, failed] = items.map(({ item }) => item.hooks[0]);
  expect(before).toMatchObject({
    ...{ type: 'command', shell: 'powershell' },
    command: `$global:LASTEXITCODE = 2; try { ${line} } catch { exit 2 }; if ($LASTEXITCODE -ne 0) { exit 2 }`,
  });
  // A shell that does not start is a no by this alone.
  expect(before).toMatchObject({ onFailure: 'block', timeout: 960 });
  expect(after).toEqual({ type: 'command', command: line, shell: 'powershell', timeout: 10 });
  expect(failed).toEqual(after);
  for (const { item } of items) {
    // With `args` the shell would not count; `$input` would take the event away from the hook.
    expect(item.hooks[0].args).toBeUndefined();
    expect(item.hooks[0].command).not.toMatch(/\$input|"/i);
  }
});

test('elsewhere the line is for a POSIX shell, and no shell is named', () => {
  for (const platform of ['linux', 'darwin'] as const) {
    const items = claudeCodeHooks({ command: '/opt/node', args: ['connect', '--client', 'c'] }, platform, []) as { item: Item }[];
    expect(items[0]?.item.hooks[0]).toMatchObject({ command: "'/opt/node' 'hook' '--client' 'c' || exit 2" });
    for (const { item } of items) expect(item.hooks[0]).not.toHaveProperty('shell');
  }
});

test('Cursor does not say which shell reads its command on Windows: no hook there', () => {
  expect(kind('cursor').hooks?.(paperMachine({}, { platform: 'win32' }))).toBeNull();
  expect(kind('cursor').hooks?.(paperMachine({}))).toMatchObject({ version: 1 });
});

/** What Claude Code 2.1.332 has, from its sources: its list of own tools, and others that it has code for. */
const claudeTools = {
  asked: `Agent Artifact Bash ClaudeDesign CronCreate CronDelete Edit EnterWorktree ExitWorktree Glob Grep ListAgents LSP Monitor NotebookEdit
    OfferChromeSetup PowerShell Projects propose_skills PushNotification Read ReadNotifications RemoteTrigger ScheduleWakeup SendFeedback
    SendMessage SendUserFile SendUserMessage SetGoal ShareOnboardingGuide ShowOnboardingRolePicker Skill WebFetch WebSearch Workflow Write
    REPL Eval JavaScript WebBrowser Config Task MultiEdit NotebookRead LS SlashCommand Tmux ComesWithTheNextVersion`,
  passed: `AskUserQuestion EndConversation EnterPlanMode ExitPlanMode CronList ListMcpResourcesTool ReadMcpResourceDirTool ReadMcpResourceTool
    ReportFindings SubagentHandback TaskCreate TaskGet TaskList TaskStop TaskUpdate TodoWrite ToolSearch WaitForMcpServers TaskOutput KillShell`,
};
const wordsIn = (text: string) => text.trim().split(/\s+/);

test("every tool of Claude Code is asked about that is not known to stay in the conversation, and every call over MCP that is not Gatehouse's", () => {
  const items = claudeCodeHooks(connect, 'linux', ['files', 'my files', 'a.b']) as { list: string; item: Item }[];
  for (const { item } of items) {
    // As Claude Code reads it: a plain list of names where it looks like one, else a regular expression.
    expect(item.matcher).not.toMatch(/^[a-zA-Z0-9_|, -]+$/);
    const asked = (tool: string) => new RegExp(item.matcher).test(tool);
    for (const tool of wordsIn(claudeTools.asked)) expect(asked(tool), tool).toBe(true);
    for (const tool of wordsIn(claudeTools.passed)) expect(asked(tool), tool).toBe(false);
    for (const tool of ['mcp__files__read', 'mcp__my_files__x', 'mcp__a_b__c']) expect(asked(tool), tool).toBe(false);
    for (const tool of [
      'mcp__files__more__read',
      'mcp__filesx__read',
      'mcp__workspace__bash',
      'mcp__ide__executeCode',
      'TaskListX',
      'xTaskList',
      'MCP__files__read',
    ])
      expect(asked(tool), tool).toBe(true);
  }
  const combined = new RegExp((claudeCodeHooks(connect, 'linux', ['gatehouse'])[0] as { item: Item }).item.matcher);
  expect(['mcp__gatehouse__files__read', 'mcp__files__read'].map((tool) => combined.test(tool))).toEqual([false, true]);
  expect(new RegExp((claudeCodeHooks(connect, 'linux', [])[0] as { item: Item }).item.matcher).test('mcp__files__read')).toBe(true);
});
