// Hooks: what a client runs before it uses its own tools. Nothing but names here, because the hook itself must start at once.

/** The server at the broker that stands for a client's own tools. */
export const hookServer = 'client-tools';

/** Seconds a hook may take; longer than an operator is waited for, so that the client never goes on without an answer. */
export const hookSeconds = 960;

/** Claude Code's tools that act or look outside the conversation. Calls over MCP are asked about anyway. */
const matcher = 'Bash|Read|Write|Edit|MultiEdit|NotebookEdit|Glob|Grep|WebFetch|WebSearch';

const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;

/** An entry of Claude Code's `hooks.PreToolUse`. A hook that cannot even start ends in 2, which Claude Code takes for a no. */
export function preToolUse(connect: { readonly command: string; readonly args: readonly string[] }): unknown {
  const words = [connect.command, ...connect.args.map((word) => (word === 'connect' ? 'hook' : word))];
  const command = `${words.map(quoted).join(' ')} || exit 2`;
  return { matcher, hooks: [{ type: 'command', command, timeout: hookSeconds }] };
}
