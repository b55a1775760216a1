// The official SDK's v2 client, which speaks both eras, through the connector or over HTTP.
import { Client, type ClientOptions, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { cleanEnvironment } from './run.ts';
import type { Help, Via } from './sdk-client.ts';

/** How it finds the era: never, by looking, or by decree. */
export type Mode = 'legacy' | 'auto' | 'pinned';

export interface Modern {
  readonly client: Client;
  /** Methods the server side asked of this client. */
  readonly asked: string[];
  close(): Promise<void>;
}

const modeOf = (mode: Mode) => (mode === 'pinned' ? { pin: '2026-07-28' } : mode);

/** Connects; it answers elicitation, sampling and roots when it declares them. */
export async function connectModern(
  help: Help,
  via: Via,
  server: string | null,
  mode: Mode,
  capabilities: NonNullable<ClientOptions['capabilities']> = { sampling: {}, elicitation: { form: {} }, roots: {} },
): Promise<Modern> {
  const client = new Client({ name: 'modern-test', version: '2.0.0' }, { capabilities, versionNegotiation: { mode: modeOf(mode) } });
  const asked: string[] = [];
  if (capabilities.sampling)
    client.setRequestHandler('sampling/createMessage', async () => {
      asked.push('sampling');
      return { model: 'scripted', role: 'assistant' as const, content: { type: 'text' as const, text: 'a sampled answer' } };
    });
  if (capabilities.elicitation)
    client.setRequestHandler('elicitation/create', async () => {
      asked.push('elicitation');
      return { action: 'accept' as const, content: { name: 'Ann' } };
    });
  if (capabilities.roots)
    client.setRequestHandler('roots/list', async () => {
      asked.push('roots');
      return { roots: [{ uri: 'file:///work', name: 'work' }] };
    });
  await client.connect(transportOf(help, via, server));
  return { client, asked, close: () => client.close() };
}

function transportOf(help: Help, via: Via, server: string | null) {
  if (via === 'http') {
    const url = new URL(server === null ? help.http.url : `${help.http.url}/s/${server}`);
    return new StreamableHTTPClientTransport(url, { requestInit: { headers: help.http.headers } });
  }
  const args = [...help.stdio.args, ...(server === null ? [] : ['--server', server])];
  return new StdioClientTransport({ command: help.stdio.command, args, env: { ...cleanEnvironment(), ...help.stdio.env }, stderr: 'pipe' });
}
