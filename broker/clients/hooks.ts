// Hooks: what a client runs before it uses its own tools. Little but names here, because the hook itself must start at once.
import { posixLine, powershellLine } from './command-line.ts';

/** The server at the broker that stands for a client's own tools. */
export const hookServer = 'client-tools';

/** What that server starts, in place of a program (forward/client-tools.ts). */
export const hookCommand = 'gatehouse:client-tools';

/** What a hook sends after a tool has run: a report, which decides nothing. */
export const endedMethod = 'gatehouse/toolEnded';

/** Seconds a report may take: the tool has run, and the client waits for nothing but its own log. */
export const reportSeconds = 10;

/** Seconds a hook may take; longer than an operator is waited for, so that the client never goes on without an answer. */
export const hookSeconds = 960;

/**
 * Claude Code's tools that stay in the conversation: its own lists, plans and background tasks, and what asks the person, where a yes of ours
 * would be taken for the person's answer. Read from 2.1.332 and 2.1.197, older names of the same tools included. Every other is asked about,
 * so that one which comes with a new version is too.
 */
const inTalk = [
  ...[
    'AskUserQuestion',
    'EnterPlanMode',
    'ExitPlanMode',
    'EndConversation',
    'ToolSearch',
    'ReportFindings',
    'StructuredOutput',
    'SubagentHandback',
  ],
  ...['TodoRead', 'TodoWrite', 'TaskCreate', 'TaskGet', 'TaskList', 'TaskUpdate', 'TaskStop', 'KillShell', 'KillBash', 'CronList'],
  ...['TaskOutput', 'AgentOutputTool', 'BashOutputTool', 'AgentOutput', 'BashOutput', 'WaitForMcpServers', 'RefreshMcpTools'],
  ...['ListMcpResourcesTool', 'ListMcpResources', 'ReadMcpResourceTool', 'ReadMcpResource', 'ReadMcpResourceDirTool', 'ReadMcpResourceDir'],
];

/** The one entry that leads to every server; its tools are named SERVER__TOOL. */
export const combinedName = 'gatehouse';

/**
 * `own`: entries that lead to Gatehouse, where their calls are asked about anyway. Nothing tells the tool `b__c` of our `a` from the tool `c` of
 * a stranger's `a__b`: what could be the stranger's is asked about, but for the entry whose own tools are all named so.
 */
function claudeMatcher(own: readonly string[]): string {
  const names = [...new Set(own.map(claudeToolName))]
    .sort()
    .map((name) => `mcp__${name}__${name.startsWith(combinedName) ? '' : '(?!.*__)'}`);
  return `^(?!${[...names, `(?:${inTalk.join('|')})$`].join('|')})`;
}

/** An entry's name as Claude Code writes it into the names of its tools. */
export const claudeToolName = (entry: string) => entry.replace(/[^A-Za-z0-9_-]/g, '_');

/** Cursor's tools that have no event of their own: its shell, its reading and MCP have one, and nobody shall be asked twice. */
const cursorMatcher = 'Write|Edit|StrReplace|Delete|Grep|Glob|WebFetch|WebSearch';

interface Connect {
  readonly command: string;
  readonly args: readonly string[];
}

const hookWords = (connect: Connect, more: readonly string[] = []) => [
  connect.command,
  ...connect.args.map((word) => (word === 'connect' ? 'hook' : word)),
  ...more,
];

/** A hook that cannot even start ends in 2, which both clients take for a no. */
const orNo = (line: string) => `${line} || exit 2`;

/** The same for PowerShell, whose own end for a program that failed or is not there is 1, which Claude Code does not take for a no. */
const powershellOrNo = (line: string) => `$global:LASTEXITCODE = 2; try { ${line} } catch { exit 2 }; if ($LASTEXITCODE -ne 0) { exit 2 }`;

/** Every line that some version of ours has written for these words: by one of them a hook of ours is known again. */
export function hookLines(words: readonly string[]): string[] {
  const posix = posixLine(words);
  const lines = [posix, orNo(posix)];
  try {
    const powershell = powershellLine(words);
    return [...lines, powershell, powershellOrNo(powershell)];
  } catch {
    return lines;
  }
}

/** What goes into which list under `hooks` in a file of the client. */
export interface HookItem {
  readonly list: string;
  readonly item: unknown;
}

/**
 * Of Claude Code, in its settings (its documentation, "Hooks reference"). On Windows the shell is named, because without that it is Git Bash on
 * one computer and PowerShell on the next. No `args`: with them nothing would turn a program that cannot start into a no. `onFailure` (2.1.332; older
 * versions pass over it) makes a no of what no line can: a shell that does not start or is killed, and a hook that is late.
 */
export function claudeCodeHooks(connect: Connect, platform: NodeJS.Platform, own: readonly string[]): HookItem[] {
  const matcher = claudeMatcher(own);
  const words = hookWords(connect);
  const windows = platform === 'win32';
  const line = windows ? powershellLine(words) : posixLine(words);
  const shell = windows ? { shell: 'powershell' } : {};
  const before = {
    matcher,
    hooks: [{ type: 'command', command: windows ? powershellOrNo(line) : orNo(line), ...shell, timeout: hookSeconds, onFailure: 'block' }],
  };
  const after = { matcher, hooks: [{ type: 'command', command: line, ...shell, timeout: reportSeconds }] };
  return [
    { list: 'PreToolUse', item: before },
    { list: 'PostToolUse', item: after },
    { list: 'PostToolUseFailure', item: after },
  ];
}

/**
 * Of Cursor, in its hooks.json (its documentation, "Hooks"). It goes on after a hook that failed, unless `failClosed` says otherwise.
 * `mcp`: where Gatehouse answers; calls that Cursor sends there are asked about here anyway.
 */
export function cursorHooks(connect: Connect, mcp: string): HookItem[] {
  const entry = { command: orNo(posixLine(hookWords(connect, ['--mcp', mcp]))), timeout: hookSeconds, failClosed: true };
  return [
    { list: 'beforeShellExecution', item: entry },
    { list: 'beforeMCPExecution', item: entry },
    { list: 'beforeReadFile', item: entry },
    { list: 'preToolUse', item: { ...entry, matcher: cursorMatcher } },
  ];
}
