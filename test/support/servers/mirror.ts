// A small MCP server over stdio that says, byte for byte, what a file orders for each request, and writes down every line that reaches it.
// Arguments: folder and name. FOLDER/NAME.json holds, by request id, what to say before the reply and the reply's members; the lines
// that came go to FOLDER/NAME.log.
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lineByLine } from '../lines.ts';

/** For one request: whole messages sent first, and the reply as text. */
export interface Order {
  readonly first: readonly string[];
  readonly reply: string;
}

const [folder = '', own = ''] = process.argv.slice(2);
const say = (text: string) => void process.stdout.write(`${text}\n`);
let orders: Record<string, Order> = {};

function orderFor(id: string): Order | undefined {
  if (!(id in orders)) orders = JSON.parse(readFileSync(join(folder, `${own}.json`), 'utf8')) as Record<string, Order>;
  return orders[id];
}

const offers: Record<string, object> = {
  'tools/list': { tools: ['t0', 't1', 't2'].map((name) => ({ name, inputSchema: { type: 'object' } })) },
  'prompts/list': { prompts: [{ name: 'p0' }, { name: 'p1' }] },
  'resources/list': { resources: [{ uri: `${own}://r0`, name: 'r0' }] },
  'resources/templates/list': { resourceTemplates: [{ uriTemplate: `${own}://t/{id}`, name: 'x' }] },
};
const capabilities = { tools: {}, prompts: {}, resources: { subscribe: true }, completions: {}, logging: {} };

const take = (line: string) => {
  const { id, method } = JSON.parse(line) as { id?: string | number; method?: string };
  const plain = (result: object) => say(JSON.stringify({ jsonrpc: '2.0', id, result }));
  if (method === 'initialize') {
    plain({ protocolVersion: '2025-11-25', capabilities, serverInfo: { name: own, version: '1' } });
    return;
  }
  if (method === 'notifications/initialized') return;
  if (method !== undefined && method in offers) {
    plain(offers[method] as object);
    return;
  }
  appendFileSync(join(folder, `${own}.log`), `${line}\n`);
  if (method === undefined || id === undefined) return;
  const order = orderFor(`${typeof id} ${id}`);
  if (!order) {
    plain({});
    return;
  }
  for (const text of order.first) say(text);
  say(order.reply);
};

process.stdin.setEncoding('utf8').on('data', lineByLine(take));
