// Stands in for Claude Desktop: starts the entries of its file as the application does, from a folder and with an environment that are nobody's,
// first by a sibling that only probes, and gives a call up after its cut-off.
import { readFileSync } from 'node:fs';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';

interface DesktopEntry {
  readonly command: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** What a program has that a window manager started, and no shell. */
const barePath = process.platform === 'darwin' ? '/usr/bin:/bin:/usr/sbin:/sbin' : '/usr/local/bin:/usr/bin:/bin';

export interface Running {
  readonly name: string;
  readonly pid: number;
  tools(): Promise<string[]>;
  /** Text of the result; the cut-off, or `stop`, ends it with an error. */
  call(tool: string, input: Record<string, unknown>, stop?: AbortSignal): Promise<{ text: string; isError: boolean }>;
  close(): Promise<void>;
}

export interface ClaudeDesktop {
  readonly running: ReadonlyMap<string, Running>;
  /** One entry again, as when a person presses its button. */
  restart(name: string): Promise<Running>;
  quit(): Promise<void>;
}

/** `cutOffMs`: the application waits 60,000 for an answer. */
export async function claudeDesktop(configuration: string, home: string, cutOffMs: number): Promise<ClaudeDesktop> {
  const { mcpServers } = JSON.parse(readFileSync(configuration, 'utf8')) as { mcpServers: Record<string, DesktopEntry> };
  const running = new Map<string, Running>();
  const begin = async (name: string, entry: DesktopEntry) => {
    // The sibling looks whether it starts and what it offers, at the same time as the application itself; then it is gone without a word.
    const sibling = launch(name, entry, home, cutOffMs);
    const main = launch(name, entry, home, cutOffMs);
    const probed = await (await sibling).tools();
    process.kill((await sibling).pid, 'SIGKILL');
    const started = await main;
    if ((await started.tools()).join() !== probed.join()) throw new Error(`${name}: the probe saw other tools`);
    running.set(name, started);
    return started;
  };
  await Promise.all(Object.entries(mcpServers).map(([name, entry]) => begin(name, entry)));
  return {
    running,
    async restart(name) {
      const entry = mcpServers[name];
      if (!entry) throw new Error(`no entry ${name}`);
      await running.get(name)?.close();
      return begin(name, entry);
    },
    async quit() {
      for (const one of running.values()) await one.close();
    },
  };
}

async function launch(name: string, { command, args = [], env = {} }: DesktopEntry, home: string, cutOffMs: number): Promise<Running> {
  const transport = new StdioClientTransport({
    command,
    args: [...args],
    env: { HOME: home, PATH: barePath, ...env },
    cwd: '/',
    stderr: 'ignore',
  });
  const client = new Client({ name: 'claude-ai', version: '0.1.0' });
  await client.connect(transport, { timeout: 60_000 });
  return {
    name,
    pid: transport.pid ?? 0,
    async tools() {
      const { tools } = await client.listTools(undefined, { timeout: 60_000 });
      return tools.map((tool) => tool.name);
    },
    async call(tool, input, stop) {
      const result = await client.callTool({ name: tool, arguments: input }, undefined, {
        timeout: cutOffMs,
        ...(stop ? { signal: stop } : {}),
      });
      const content = result.content as { text?: string }[];
      return { text: content.map((part) => part.text ?? '').join('\n'), isError: result.isError === true };
    },
    close: () => client.close(),
  };
}
