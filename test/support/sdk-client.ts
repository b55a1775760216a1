// The official SDK's v1 client, as Claude Desktop, Cursor and others have it, through the connector or over HTTP.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { CreateMessageRequestSchema, ElicitRequestSchema, ListRootsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { cleanEnvironment } from './run.ts';

/** What `client add` prints. */
export interface Help {
  readonly token: string;
  readonly stdio: { readonly command: string; readonly args: string[]; readonly env: Record<string, string> };
  readonly http: { readonly url: string; readonly headers: Record<string, string> };
}

export type Via = 'connector' | 'http';

export interface Connected {
  readonly client: Client;
  /** Methods the server side asked of this client. */
  readonly asked: string[];
  close(): Promise<void>;
}

const everything = { sampling: {}, elicitation: {}, roots: { listChanged: true } };

/** Connects as an AI client would; it answers sampling, elicitation and roots when it declares them. */
export async function connectClient(
  help: Help,
  via: Via,
  server: string | null,
  options: {
    capabilities?: Record<string, object>;
    cwd?: string;
    env?: Record<string, string>;
    /** What it says it is. */
    info?: { name: string; version: string } | undefined;
  } = {},
): Promise<Connected> {
  const capabilities = options.capabilities ?? everything;
  const client = new Client(options.info ?? { name: 'flow-test', version: '1.0.0' }, { capabilities });
  const asked: string[] = [];
  if ('sampling' in capabilities) {
    client.setRequestHandler(CreateMessageRequestSchema, () => {
      asked.push('sampling');
      return { model: 'scripted', role: 'assistant' as const, content: { type: 'text' as const, text: 'a sampled answer' } };
    });
  }
  if ('elicitation' in capabilities) {
    client.setRequestHandler(ElicitRequestSchema, () => {
      asked.push('elicitation');
      return { action: 'decline' as const };
    });
  }
  if ('roots' in capabilities) {
    client.setRequestHandler(ListRootsRequestSchema, () => {
      asked.push('roots');
      return { roots: options.cwd ? [{ uri: `file://${options.cwd}`, name: 'work' }] : [] };
    });
  }
  await client.connect(transportOf(help, via, server, options));
  return { client, asked, close: () => client.close() };
}

function transportOf(help: Help, via: Via, server: string | null, options: { cwd?: string; env?: Record<string, string> }): Transport {
  if (via === 'http') {
    const url = new URL(server === null ? help.http.url : `${help.http.url}/s/${server}`);
    return new StreamableHTTPClientTransport(url, { requestInit: { headers: help.http.headers } }) as Transport;
  }
  const args = [...help.stdio.args, ...(server === null ? [] : ['--server', server])];
  return new StdioClientTransport({
    command: help.stdio.command,
    args,
    env: { ...cleanEnvironment(), ...help.stdio.env, ...options.env },
    ...(options.cwd ? { cwd: options.cwd } : {}),
    stderr: 'pipe',
  });
}

/** The text of a tool result. */
export function textOf(result: unknown): string {
  return ((result as { content?: { text?: string }[] }).content ?? []).map((part) => part.text ?? '').join('\n');
}
