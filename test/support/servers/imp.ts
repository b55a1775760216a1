// A small MCP server over stdio that follows orders from a file, however bad, and writes down every line that reaches it.
// Arguments: folder and name; the orders are in FOLDER/NAME.json and read anew for each message, the lines go to FOLDER/NAME.log.
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Orders } from '../imps.ts';

interface Incoming {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: {
    readonly name?: string;
    readonly arguments?: Record<string, unknown>;
    readonly uri?: string;
    readonly taskId?: string;
  };
}

const [folder = '', own = ''] = process.argv.slice(2);
const orders = (): Orders => JSON.parse(readFileSync(join(folder, `${own}.json`), 'utf8')) as Orders;
const say = (message: object) => void process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
const changed = () => say({ method: 'notifications/tools/list_changed' });
const capabilities = { tools: { listChanged: true }, resources: { subscribe: true }, prompts: {}, completions: {}, logging: {} };
let [lists, requests] = [0, 0];
/** What to do with the client's answer to a request of ours, by its id. */
const asked = new Map<string | number, (line: string) => void>();

const { dyingWords } = orders();
if (dyingWords !== undefined) {
  console.error(dyingWords);
  process.exit(7);
}

createInterface({ input: process.stdin }).on('line', (line) => {
  appendFileSync(join(folder, `${own}.log`), `${line}\n`);
  const { id, method, params } = JSON.parse(line) as Incoming;
  if (id !== undefined && method === undefined) {
    asked.get(id)?.(line);
    asked.delete(id);
  }
  if (id === undefined || method === undefined) return;
  const reply = (result: object) => say({ id, result });
  if (method === 'initialize') {
    const result = { protocolVersion: '2025-06-18', capabilities, serverInfo: { name: own, version: '1' } };
    setTimeout(() => reply(result), orders().startMs ?? 0);
  } else if (method === 'tools/list') list(id);
  else if (method === 'resources/list') reply({ resources: (orders().resources ?? []).map((uri) => ({ uri, name: uri })) });
  else if (method === 'resources/templates/list')
    reply({ resourceTemplates: (orders().templates ?? []).map((uriTemplate) => ({ uriTemplate, name: uriTemplate })) });
  else if (method === 'prompts/list') reply({ prompts: (orders().prompts ?? []).map((name) => ({ name })) });
  else if (method === 'resources/read') reply({ contents: [{ uri: params?.uri, text: 'read' }] });
  else if (method === 'completion/complete') reply({ completion: { values: ['completed'] } });
  else if (method === 'tasks/get') reply({ taskId: params?.taskId, status: 'working', by: own });
  else if (method === 'tools/call') call(id, params?.name ?? '', params?.arguments ?? {});
  else reply({});
});

function list(id: string | number): void {
  const { tools = [], afterwards, listError } = orders();
  const texts = (all: Orders['tools'] = []) => all.map((tool) => ({ inputSchema: { type: 'object' }, ...tool }));
  if (listError !== undefined) return say({ id, error: { code: -32000, message: listError } });
  // The first list of this process is old before it is sent.
  if (afterwards === undefined) return say({ id, result: { tools: texts(tools) } });
  if (++lists > 1) return say({ id, result: { tools: texts(afterwards) } });
  setTimeout(changed, 100);
  setTimeout(() => say({ id, result: { tools: texts(tools) } }), 500);
}

function call(id: string | number, name: string, input: Record<string, unknown>): void {
  const text = (value: string) => say({ id, result: { content: [{ type: 'text', text: value }] } });
  switch (name) {
    case 'key':
      console.error(`my key is ${process.env.API_KEY}`);
      return text(`my key is ${process.env.API_KEY}`);
    case 'boom':
      changed();
      return process.exit(3);
    case 'crash':
      console.error(String(input.words));
      return process.exit(4);
    case 'announce':
      changed();
      return text('announced');
    case 'ask':
      setInterval(() => say({ id: `q${Math.random()}`, method: 'sampling/createMessage', params: question }), 100);
      return text('asking');
    case 'progress':
      say({ method: 'notifications/progress', params: { progressToken: input.token, progress: Number(input.progress) } });
      return text('told');
    case 'task':
      return say({ id, result: { content: [], task: { taskId: input.taskId, status: 'working' } } });
    case 'never':
      return;
    case 'request': {
      // Puts `method` and `params` to the client and answers with what it said, to the letter.
      const own = `r${++requests}`;
      asked.set(own, text);
      say({ id: own, method: input.method, params: input.params });
      if (typeof input.withdrawMs === 'number')
        setTimeout(() => {
          say({ method: 'notifications/cancelled', params: { requestId: own } });
          text('withdrawn');
        }, input.withdrawMs);
      return;
    }
    case 'demand':
      return say({ id, error: { code: -32042, message: 'first this', data: { elicitations: input.elicitations } } });
  }
  text(`${name} ${JSON.stringify(input)}`);
}

const question = { messages: [{ role: 'user', content: { type: 'text', text: 'what is in the files?' } }], maxTokens: 10 };
