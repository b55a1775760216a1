// The demo's agent: a real MCP client over the real connector, with a script in place of a model.
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';

export interface Wish {
  readonly says: string;
  readonly server: 'files' | 'everything';
  readonly tool: string;
  readonly arguments: (project: string) => Record<string, unknown>;
  /** What `--auto` answers. */
  readonly answer: 'once' | '1h' | 'deny';
}

/** From harmless to what nobody should allow. */
export const wishes: readonly Wish[] = [
  {
    says: 'List the files of the project',
    server: 'files',
    tool: 'list_directory',
    arguments: (project) => ({ path: project }),
    answer: '1h',
  },
  {
    says: 'Read README.md',
    server: 'files',
    tool: 'read_text_file',
    arguments: (project) => ({ path: join(project, 'README.md') }),
    answer: 'once',
  },
  {
    says: 'Change README.md',
    server: 'files',
    tool: 'edit_file',
    arguments: (project) => ({ path: join(project, 'README.md'), edits: [{ oldText: 'Ship on Friday.', newText: 'Ship on Monday.' }] }),
    answer: 'once',
  },
  {
    says: 'Overwrite .env, where a password is',
    server: 'files',
    tool: 'write_file',
    arguments: (project) => ({ path: join(project, '.env'), content: 'DATABASE_PASSWORD=\n' }),
    answer: 'deny',
  },
  {
    says: 'Print everything a server was given, secrets too',
    server: 'everything',
    tool: 'get-env',
    arguments: () => ({}),
    answer: 'deny',
  },
];

export interface Outcome {
  readonly wish: Wish;
  readonly allowed: boolean;
  readonly text: string;
}

interface Help {
  readonly stdio: { readonly command: string; readonly args: string[]; readonly env: Record<string, string> };
}

/** Asks for one thing after the other, as a model does that reads each result first. */
export async function runAgent(help: Help, project: string): Promise<Outcome[]> {
  const client = new Client({ name: 'demo-agent', version: '1.0.0' }, { capabilities: {} });
  const environment = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => /^(PATH|HOME|LANG|TMPDIR|XDG_RUNTIME_DIR)$/.test(name)),
  ) as Record<string, string>;
  await client.connect(
    new StdioClientTransport({ ...help.stdio, env: { ...environment, ...help.stdio.env }, cwd: project, stderr: 'inherit' }),
  );
  const outcomes: Outcome[] = [];
  for (const wish of wishes) {
    const call = { name: `${wish.server}__${wish.tool}`, arguments: wish.arguments(project) };
    for (;;) {
      const result = await client.callTool(call, undefined, { timeout: 600_000 });
      const text = (result.content as { text?: string }[])[0]?.text ?? '';
      // Told that the question still stands, an agent comes back with the same call.
      if (result.isError && text.includes('is still open') && !text.includes('Stop here')) continue;
      outcomes.push({ wish, allowed: !result.isError, text });
      break;
    }
  }
  await client.close();
  return outcomes;
}
