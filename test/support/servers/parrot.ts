// A small MCP server over stdio with the tools of another: their definitions come from a file, every call is answered alike.
// Argument: a JSON file with `tools`, as test/fixtures/definitions holds them. What leads to a page says which, as browser servers do.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

interface Incoming {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: { readonly name?: string; readonly arguments?: { readonly url?: unknown } };
}

const { tools } = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as { tools: readonly object[] };
let page: string | null = null;

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line) as Incoming;
  if (id === undefined || method === undefined) return;
  const reply = (result: object) => void process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, result })}\n`);
  if (method === 'initialize') {
    reply({ protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo: { name: 'parrot', version: '1' } });
  } else if (method === 'tools/list') reply({ tools });
  else if (method === 'tools/call') {
    if (params?.name?.endsWith('navigate')) page = String(params.arguments?.url);
    reply({ content: [{ type: 'text', text: `${params?.name} done${page === null ? '' : `\n- Page URL: ${page}`}` }] });
  } else reply({});
});
