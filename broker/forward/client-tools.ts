// The server that stands for a client's own tools (its shell, its files): a hook of the client asks here first. It does nothing itself;
// that a call arrives means that it was allowed and is in the log. It is part of the broker, because a hook has no time for a process.
import type { Message } from '../../shared/message.ts';
import type { Definition } from './definitions.ts';
import type { Launch } from './needs.ts';
import type { Pool } from './pool.ts';
import type { Upstream } from './upstream.ts';

/** In place of a program; nothing on a disk can have this name as an absolute path. */
export const clientToolsCommand = 'gatehouse:client-tools';

const says: Readonly<Record<string, string>> = {
  Bash: 'Runs a command in the shell of the client',
  Read: 'Reads a file',
  Write: 'Writes a file',
  Edit: 'Changes a file',
  MultiEdit: 'Changes a file in several places',
  NotebookEdit: 'Changes a notebook',
  Glob: 'Looks for files by name',
  Grep: 'Looks for files by content',
  WebFetch: 'Fetches a page',
  WebSearch: 'Searches the web',
  other: 'Uses another tool of the client',
};

const tools = Object.entries(says).map(([name, description]) => ({ name, description, inputSchema: { type: 'object' } }));
const openingText = JSON.stringify({
  protocolVersion: '2025-11-25',
  capabilities: { tools: {} },
  serverInfo: { name: 'client-tools', title: "The client's own tools", version: '1' },
});

const isOurs = (launch: Launch) => 'command' in launch && launch.command === clientToolsCommand;

/** The pool, with this server in it. */
export function withClientTools(pool: Pool, parseMessage: (text: string) => Message): Pool {
  const definitions: Definition[] = tools.map((tool) => ({ capability: `tool:${tool.name}`, name: tool.name, text: JSON.stringify(tool) }));
  return {
    ...pool,
    upstream: async (owner, launch, params) =>
      isOurs(launch) ? standIn(launch.server, parseMessage) : await pool.upstream(owner, launch, params),
    probe: async (launch, capabilities) =>
      isOurs(launch) ? { era: 'handshake', openingText, definitions } : await pool.probe(launch, capabilities),
  };
}

function standIn(server: string, parseMessage: (text: string) => Message): Upstream {
  const answer = (id: string | number, method: string | undefined): Message => {
    const result = method === 'tools/list' ? { tools } : method === 'tools/call' ? { content: [{ type: 'text', text: 'allowed' }] } : null;
    const body = result ? { result } : { error: { code: -32601, message: 'The tools of a client can only be called.' } };
    return parseMessage(JSON.stringify({ jsonrpc: '2.0', id, ...body }));
  };
  return {
    server,
    era: 'handshake',
    openingText,
    pid: null,
    inFlight: 0,
    request: async (text, id) => answer(id, parseMessage(text).method),
    notify() {},
    ask: async (method) => answer('gatehouse', method),
    listen() {},
  };
}
