// A small MCP server over stdio that writes down every call that reaches it, one name a line, in the file named by its first argument.
// Further arguments: `stubborn` (only SIGKILL ends it) and whatever makes its command line easy to find.
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

interface Incoming {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: { readonly name?: string; readonly arguments?: { readonly ms?: number } };
}

const [file = '', ...words] = process.argv.slice(2);
const tools = ['note', 'slow', 'hang', 'crash', 'notify', 'environment'];
const say = (message: object) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);

if (words.includes('stubborn')) {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
  process.stdout.on('error', () => {});
  setInterval(() => {}, 1_000);
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line) as Incoming;
  if (id === undefined) return;
  const result = (value: object) => say({ id, result: value });
  if (method === 'initialize') {
    const capabilities = { tools: {}, logging: {} };
    result({ protocolVersion: '2025-06-18', capabilities, serverInfo: { name: 'recorder', version: '1' } });
  } else if (method === 'tools/list') result({ tools: tools.map((name) => ({ name, inputSchema: { type: 'object' } })) });
  else if (method === 'tools/call') call(id, params?.name ?? '', params?.arguments?.ms ?? 1_000);
  else result({});
});

function call(id: string | number, name: string, ms: number): void {
  appendFileSync(file, `${name}\n`);
  const reply = (text: string) => say({ id, result: { content: [{ type: 'text', text }] } });
  if (name === 'crash') process.exit(3);
  if (name === 'hang') return;
  if (name === 'slow') return void setTimeout(() => reply('slow'), ms);
  if (name === 'notify') {
    // When no call is under way any more, so that it belongs to none.
    setTimeout(() => say({ method: 'notifications/message', params: { level: 'error', data: 'unasked' } }), 200);
  }
  reply(name === 'environment' ? (process.env.API_KEY ?? 'none') : name);
}
