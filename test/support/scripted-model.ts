// A model on loopback that says what a test tells it to: the endpoints that clients call, streaming as they expect.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Turn {
  /** Names of the tools that the client offers now. */
  readonly tools: readonly string[];
  /** What the last tool call gave; null when the model is asked by the person. */
  readonly result: string | null;
}

export type Say = { readonly text: string } | { readonly tool: string; readonly input: object };

interface AnthropicCall {
  model?: string;
  stream?: boolean;
  tools?: { name?: string }[];
  messages?: { content?: string | { type?: string; content?: unknown }[] }[];
}

interface ResponsesCall {
  tools?: { type?: string; name?: string; tools?: { name?: string }[] }[];
  input?: { type?: string; output?: unknown }[];
}

/** Calls `reply` for each turn in which tools are offered; it may take its time, as models do. */
export async function scriptedModel(reply: (turn: Turn) => Promise<Say> | Say): Promise<{ url: string; turns: Turn[] }> {
  const turns: Turn[] = [];
  const next = async (turn: Turn): Promise<Say> => {
    turns.push(turn);
    return await reply(turn);
  };
  let count = 0;
  const server = createServer((req, res) => {
    let body = '';
    req.setEncoding('utf8').on('data', (part: string) => {
      body += part;
    });
    req.on('end', () => {
      const path = req.url?.split('?')[0] ?? '';
      const call = (body === '' ? {} : JSON.parse(body)) as AnthropicCall & ResponsesCall;
      count++;
      if (path === '/v1/messages') return void messages(call, count, next, res);
      if (path === '/v1/responses') return void responses(call, count, next, res);
      if (path === '/v1/chat/completions') return void completions(call as never, count, next, res);
      if (path.endsWith(':streamGenerateContent')) return void generated(call as never, next, res);
      res.writeHead(path === '/' ? 200 : 404, { 'content-type': 'application/json' }).end('{"input_tokens":1}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, turns };
}

function events(res: ServerResponse): (type: string, data: object) => void {
  res.writeHead(200, { 'content-type': 'text/event-stream' });
  return (type, data) => res.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
}

async function messages(call: AnthropicCall, count: number, next: (turn: Turn) => Promise<Say>, res: ServerResponse): Promise<void> {
  const tools = (call.tools ?? []).map(({ name = '' }) => name);
  const last = call.messages?.at(-1)?.content;
  const result = Array.isArray(last) ? last.find(({ type }) => type === 'tool_result') : undefined;
  // Side questions (a title, a summary) offer no tools.
  const say = tools.length === 0 ? { text: 'yes' } : await next({ tools, result: result ? JSON.stringify(result.content) : null });
  const reason = 'tool' in say ? 'tool_use' : 'end_turn';
  const block = 'tool' in say ? { type: 'tool_use', id: `toolu_${count}`, name: say.tool, input: {} } : { type: 'text', text: '' };
  const delta =
    'tool' in say ? { type: 'input_json_delta', partial_json: JSON.stringify(say.input) } : { type: 'text_delta', text: say.text };
  const message = { id: `msg_${count}`, type: 'message', role: 'assistant', model: call.model ?? 'm', content: [] as object[] };
  const usage = { input_tokens: 1, output_tokens: 1 };
  if (call.stream !== true) {
    const whole = 'tool' in say ? { ...block, input: say.input } : { type: 'text', text: say.text };
    const done = { ...message, content: [whole], stop_reason: reason, stop_sequence: null, usage };
    res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(done));
    return;
  }
  const send = events(res);
  send('message_start', { message: { ...message, stop_reason: null, stop_sequence: null, usage } });
  send('content_block_start', { index: 0, content_block: block });
  send('content_block_delta', { index: 0, delta });
  send('content_block_stop', { index: 0 });
  send('message_delta', { delta: { stop_reason: reason, stop_sequence: null }, usage });
  send('message_stop', {});
  res.end();
}

async function responses(call: ResponsesCall, count: number, next: (turn: Turn) => Promise<Say>, res: ServerResponse): Promise<void> {
  // Tools of one MCP server stand in a namespace; written here as NAMESPACE/NAME.
  const tools = (call.tools ?? []).flatMap(({ name = '', tools: inside }) => inside?.map((tool) => `${name}/${tool.name}`) ?? [name]);
  const last = call.input?.at(-1);
  const say = await next({ tools, result: last?.type === 'function_call_output' ? JSON.stringify(last.output) : null });
  const [namespace, name] = 'tool' in say && say.tool.includes('/') ? say.tool.split('/') : [undefined, 'tool' in say ? say.tool : ''];
  const item =
    'tool' in say
      ? { type: 'function_call', id: `fc_${count}`, call_id: `call_${count}`, name, namespace, arguments: JSON.stringify(say.input) }
      : { type: 'message', id: `m_${count}`, role: 'assistant', content: [{ type: 'output_text', text: say.text }] };
  const usage = { input_tokens: 1, input_tokens_details: null, output_tokens: 1, output_tokens_details: null, total_tokens: 2 };
  const send = events(res);
  send('response.created', { response: { id: `resp_${count}` } });
  send('response.output_item.done', { output_index: 0, item });
  send('response.completed', { response: { id: `resp_${count}`, usage } });
  res.end();
}

interface CompletionsCall {
  tools?: { function?: { name?: string } }[];
  messages?: { role?: string; content?: unknown }[];
}

/** OpenAI's older endpoint, which most others speak: OpenCode, Cline. */
async function completions(call: CompletionsCall, count: number, next: (turn: Turn) => Promise<Say>, res: ServerResponse): Promise<void> {
  const tools = (call.tools ?? []).map((tool) => tool.function?.name ?? '');
  const last = call.messages?.at(-1);
  const say =
    tools.length === 0 ? { text: 'yes' } : await next({ tools, result: last?.role === 'tool' ? JSON.stringify(last.content) : null });
  const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
  res.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = (choice: object) =>
    res.write(
      `data: ${JSON.stringify({ id: `c_${count}`, object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, ...choice }], usage })}\n\n`,
    );
  const delta =
    'tool' in say
      ? {
          role: 'assistant',
          tool_calls: [
            { index: 0, id: `call_${count}`, type: 'function', function: { name: say.tool, arguments: JSON.stringify(say.input) } },
          ],
        }
      : { role: 'assistant', content: say.text };
  send({ delta, finish_reason: null });
  send({ delta: {}, finish_reason: 'tool' in say ? 'tool_calls' : 'stop' });
  res.end('data: [DONE]\n\n');
}

interface GenerateCall {
  tools?: { functionDeclarations?: { name?: string }[] }[];
  contents?: { parts?: { functionResponse?: { response?: unknown } }[] }[];
}

/** Gemini's own endpoint. */
async function generated(call: GenerateCall, next: (turn: Turn) => Promise<Say>, res: ServerResponse): Promise<void> {
  const tools = (call.tools ?? []).flatMap(({ functionDeclarations = [] }) => functionDeclarations.map(({ name = '' }) => name));
  const answer = call.contents?.at(-1)?.parts?.find(({ functionResponse }) => functionResponse)?.functionResponse;
  const say = tools.length === 0 ? { text: 'yes' } : await next({ tools, result: answer ? JSON.stringify(answer.response) : null });
  const part = 'tool' in say ? { functionCall: { name: say.tool, args: say.input } } : { text: say.text };
  const candidates = [{ index: 0, content: { role: 'model', parts: [part] }, finishReason: 'STOP' }];
  const usageMetadata = { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 };
  res.writeHead(200, { 'content-type': 'text/event-stream' }).end(`data: ${JSON.stringify({ candidates, usageMetadata })}\n\n`);
}
