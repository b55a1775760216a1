// What a client says to its hook, as a use of a tool that Gatehouse has a name for, and the verdict as the client reads it.
import { isRecord } from '../clients/tree.ts';
import { type HookEvent, jsonOf, Unreadable } from './hook-input.ts';

/** A use of a client's own tool. */
export interface ToolUse {
  readonly name: string;
  readonly arguments: unknown;
  readonly folder: string | null;
  /** The client's own name for this use, by which its report is told apart later. */
  readonly id?: string;
}

/** `ours`: a call over MCP that comes to the broker by itself and is asked about there. */
export type Use = ToolUse | 'ours';

/** What came of a use, after the fact. */
export interface Outcome {
  readonly name: string;
  readonly folder: string | null;
  readonly ok: boolean;
  readonly use: string | null;
  readonly durationMs: number | null;
  /** Bytes of the whole answer as JSON. */
  readonly bytes: number;
  /** The answer, or its beginning and end where it is long. */
  readonly answer: unknown;
}

export interface Verdict {
  readonly allow: boolean;
  readonly reason: string;
}

/** How entries of ours look from outside: the words that start the connector, and where the broker answers. */
export interface Ours {
  readonly connect: readonly string[];
  readonly mcp: string | null;
}

/** Tools it has a name for; every other is asked about as `other`. */
const named = new Set(['Bash', 'Read', 'Write', 'Edit', 'MultiEdit', 'NotebookEdit', 'Glob', 'Grep', 'WebFetch', 'WebSearch']);
const otherNames: Readonly<Record<string, string>> = { Shell: 'Bash', PowerShell: 'Bash', StrReplace: 'Edit' };

/** Null when the client did not say what it is about. @throws Unreadable for arguments in a string that can be read in two ways */
export function toolUse(client: string, event: HookEvent, ours: Ours): Use | null {
  const [root] = Array.isArray(event.workspace_roots) ? (event.workspace_roots as unknown[]) : [];
  const folder = [event.cwd, root].find((path): path is string => typeof path === 'string' && path !== '') ?? null;
  if (client === 'cursor') return ofCursor(event, folder, ours);
  const use = tool(event.tool_name, event.tool_input, folder);
  return use && typeof event.tool_use_id === 'string' ? { ...use, id: event.tool_use_id } : use;
}

/** Longest answer sent to the broker whole, in characters; it reads about as much of any answer. */
const longest = { whole: 128 * 1024, head: 96 * 1024, tail: 16 * 1024 };

/** Null for an event that is no report. */
export function toolOutcome(client: string, event: HookEvent): Outcome | null {
  if (client === 'cursor') return null;
  const ok = event.hook_event_name === 'PostToolUse';
  if (!ok && event.hook_event_name !== 'PostToolUseFailure') return null;
  const use = tool(event.tool_name, event.tool_input, typeof event.cwd === 'string' ? event.cwd : null);
  if (use === null) return null;
  const answer = (ok ? event.tool_response : event.error) ?? null;
  const whole = JSON.stringify(answer);
  return {
    ...{ name: use.name, folder: use.folder, ok },
    use: typeof event.tool_use_id === 'string' ? event.tool_use_id : null,
    durationMs: typeof event.duration_ms === 'number' ? event.duration_ms : null,
    bytes: Buffer.byteLength(whole),
    answer: whole.length <= longest.whole ? answer : `${whole.slice(0, longest.head)}\n${whole.slice(-longest.tail)}`,
  };
}

function tool(said: unknown, input: unknown, folder: string | null): ToolUse | null {
  if (typeof said !== 'string') return null;
  const name = Object.hasOwn(otherNames, said) ? (otherNames[said] ?? said) : said;
  // A command of the other shell is not the same command: a grant for one does not cover it.
  if (said === 'PowerShell') return { name, arguments: { ...(isRecord(input) ? input : { input }), shell: said }, folder };
  if (said === 'Monitor') return monitored(input, folder);
  if (!named.has(name)) return { name: 'other', arguments: { tool: name, input: input ?? {} }, folder };
  return { name, arguments: input ?? {}, folder };
}

/** Claude Code's watch: over a command that runs on, or over an address that keeps sending. Its name stays, so that it is not the plain use. */
function monitored(input: unknown, folder: string | null): ToolUse {
  const { command, ws, ...rest } = isRecord(input) ? input : {};
  if (typeof command === 'string' && ws === undefined) return { name: 'Bash', arguments: { ...rest, command, tool: 'Monitor' }, folder };
  if (command === undefined && isRecord(ws)) return { name: 'WebFetch', arguments: { ...rest, ...ws, tool: 'Monitor' }, folder };
  return { name: 'other', arguments: { tool: 'Monitor', input: input ?? {} }, folder };
}

function ofCursor(event: HookEvent, folder: string | null, ours: Ours): Use | null {
  switch (event.hook_event_name) {
    case 'beforeShellExecution':
      return typeof event.command === 'string' ? tool('Bash', { command: event.command }, folder) : null;
    case 'beforeReadFile':
      // What the file holds came along; it is not what is asked, and stays here.
      return typeof event.file_path === 'string' ? tool('Read', { file_path: event.file_path }, folder) : null;
    case 'beforeMCPExecution': {
      if (typeof event.tool_name !== 'string') return null;
      if (isOurs(event, ours)) return 'ours';
      const server = event.url ?? event.command ?? null;
      return { name: 'other', arguments: { tool: `MCP ${event.tool_name}`, server, input: parsed(event.tool_input) }, folder };
    }
    case 'preToolUse':
      return tool(event.tool_name, parsed(event.tool_input), folder);
    default:
      return null;
  }
}

/** Exactly as `install` writes them, so that no other entry passes for one of ours; one that was written by hand is asked about twice. */
function isOurs({ command, url }: HookEvent, { connect, mcp }: Ours): boolean {
  if (typeof url === 'string')
    return mcp !== null && (url === mcp || (url.startsWith(`${mcp}/s/`) && names.test(url.slice(mcp.length + 3))));
  const start = connect.join(' ');
  if (typeof command !== 'string' || (command !== start && !command.startsWith(`${start} --server `))) return false;
  return command === start || names.test(command.slice(start.length + ' --server '.length));
}

const names = /^[a-z0-9-]{1,24}$/;

/** Arguments come as JSON in a string, or as they are. */
function parsed(input: unknown): unknown {
  if (typeof input !== 'string') return input ?? {};
  try {
    return jsonOf(input);
  } catch (thrown) {
    if (thrown instanceof Unreadable) throw thrown;
    return { text: input };
  }
}

/** As the client reads it (documentation of Claude Code, PreToolUse; of Cursor, Hooks). */
export function answerFor(client: string, { allow, reason }: Verdict): string {
  const permission = allow ? 'allow' : 'deny';
  const answer =
    client === 'cursor'
      ? { permission, ...(allow ? {} : { user_message: reason, agent_message: reason }) }
      : { hookSpecificOutput: { hookEventName: 'PreToolUse', permissionDecision: permission, permissionDecisionReason: reason } };
  // ASCII, because a shell on the way may read bytes by a code page of its own.
  return `${JSON.stringify(answer).replace(/[\u007f-\uffff]/g, escaped)}\n`;
}

const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
