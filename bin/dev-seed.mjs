// Fills the home that `npm run dev` uses: two real servers, one client, a grant, a few entries, and one question that waits.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { root } from './node24.mjs';

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const program = (name) => join(dirname(require.resolve(`@modelcontextprotocol/${name}/package.json`)), 'dist', 'index.js');

/** Gives the home its servers and its client once; the client's way in is kept in `file`, because its token is told once. */
async function furnish(home, node, token, file) {
  const launcher = join(root, 'bin', 'gatehouse.mjs');
  const cli = async (...args) => {
    const { stdout } = await run(node, [launcher, '--home', home, ...args], { env: { ...process.env, GATEHOUSE_OPERATOR_TOKEN: token } });
    return stdout;
  };
  const folder = join(root, '.cache', 'dev-files');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'notes.txt'), 'A file that the filesystem server may read.\n');
  await cli('server', 'add', 'everything', '--accept', '--', node, program('server-everything'), 'stdio');
  await cli('server', 'add', 'files', '--', node, program('server-filesystem'), folder);
  await cli('server', 'accept', 'files');
  const { stdio } = JSON.parse(await cli('client', 'add', 'dev', '--servers', 'all', '--json'));
  await cli('grant', 'add', '--client', 'dev', '--server', 'everything', '--capability', 'tool:echo');
  writeFileSync(file, JSON.stringify(stdio), { mode: 0o600 });
}

/** Resolves when the home is furnished and a question is on its way; the client stays until `end` is called. */
export async function seed(home, node, token) {
  const file = join(root, '.cache', 'dev-client.json');
  if (!existsSync(file)) await furnish(home, node, token, file);
  const { command, args, env } = JSON.parse(readFileSync(file, 'utf8'));
  const client = new Client({ name: 'dev', version: '1' }, { capabilities: {} });
  await client.connect(new StdioClientTransport({ command, args, env: { PATH: process.env.PATH, ...env }, stderr: 'ignore' }));
  const { tools } = await client.listTools();
  const named = (end) => tools.find(({ name }) => name.endsWith(end))?.name ?? end;
  for (const message of ['good morning', 'and again', 'a third time'])
    await client.callTool({ name: named('echo'), arguments: { message } });
  // Nobody is made to wait for the answer: this is the question that stands in the console.
  client.callTool({ name: named('get-sum'), arguments: { a: 2, b: 40 } }).catch(() => {});
  return { end: () => client.close().catch(() => {}) };
}
