// Hooks: what a client runs before it uses its own tools. Little but names here, because the hook itself must start at once.

/** The server at the broker that stands for a client's own tools. */
export const hookServer = 'client-tools';

/** What a hook sends after a tool has run: a report, which decides nothing. */
export const endedMethod = 'gatehouse/toolEnded';

/** Seconds a report may take: the tool has run, and the client waits for nothing but its own log. */
export const reportSeconds = 10;

/** Seconds a hook may take; longer than an operator is waited for, so that the client never goes on without an answer. */
export const hookSeconds = 960;

/** Claude Code's tools that act or look outside the conversation. Calls over MCP are asked about anyway. */
const matcher = 'Bash|Read|Write|Edit|MultiEdit|NotebookEdit|Glob|Grep|WebFetch|WebSearch';

/** Cursor's tools that have no event of their own: its shell, its reading and MCP have one, and nobody shall be asked twice. */
const cursorMatcher = 'Write|Edit|StrReplace|Delete|Grep|Glob|WebFetch|WebSearch';

const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;

interface Connect {
  readonly command: string;
  readonly args: readonly string[];
}

/** For a POSIX shell. */
function commandLine(connect: Connect, more: readonly string[]): string {
  return [connect.command, ...connect.args.map((word) => (word === 'connect' ? 'hook' : word)), ...more].map(quoted).join(' ');
}

/** A hook that cannot even start ends in 2, which both clients take for a no. */
const orNo = (line: string) => `${line} || exit 2`;

/** What goes into which list under `hooks` in a file of the client. */
export interface HookItem {
  readonly list: string;
  readonly item: unknown;
}

/** Of Claude Code, in its settings (its documentation, "Hooks reference"). */
export function claudeCodeHooks(connect: Connect): HookItem[] {
  const command = commandLine(connect, []);
  const before = { matcher, hooks: [{ type: 'command', command: orNo(command), timeout: hookSeconds }] };
  const after = { matcher, hooks: [{ type: 'command', command, timeout: reportSeconds }] };
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
  const entry = { command: orNo(commandLine(connect, ['--mcp', mcp])), timeout: hookSeconds, failClosed: true };
  return [
    { list: 'beforeShellExecution', item: entry },
    { list: 'beforeMCPExecution', item: entry },
    { list: 'beforeReadFile', item: entry },
    { list: 'preToolUse', item: { ...entry, matcher: cursorMatcher } },
  ];
}
