// A real server of the SDK (v2) that speaks the stateless era, over stdio or HTTP; with "legacy" among its arguments the handshake too.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createMcpHandler, InMemoryServerEventBus, McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { z } from 'zod';

const legacy = process.argv.includes('legacy');
const text = (said: string) => ({ content: [{ type: 'text' as const, text: said }] });
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const bus = new InMemoryServerEventBus();
let description = 'Says it again';

function build(): McpServer {
  const server = new McpServer(
    { name: 'both-eras', version: '1.0.0' },
    { capabilities: { logging: {}, tools: { listChanged: true } }, instructions: 'Ask nicely.' },
  );
  const echo = server.registerTool('echo', { description, inputSchema: z.object({ said: z.string() }) }, async ({ said }) => text(said));
  server.registerTool(
    'work',
    { description: 'Works for a while', inputSchema: z.object({ steps: z.number().int(), ms: z.number().int() }) },
    async ({ steps, ms }, { mcpReq }) => {
      const progressToken = mcpReq._meta?.progressToken;
      for (let step = 1; step <= steps; step++) {
        await sleep(ms);
        if (mcpReq.signal.aborted) {
          console.error('work was cancelled');
          break;
        }
        if (progressToken !== undefined)
          await mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress: step, total: steps } });
        await mcpReq.log('info', `step ${step}`);
      }
      return text(`worked ${steps}`);
    },
  );
  server.registerTool(
    'place',
    {
      description: 'Where it is mirrored into a header',
      inputSchema: z.object({ region: z.string().meta({ 'x-mcp-header': 'Region' }), n: z.number().int().meta({ 'x-mcp-header': 'N' }) }),
    },
    async ({ region, n }) => text(`${region} ${n}`),
  );
  server.registerTool(
    'change',
    { description: 'Changes what echo says it does', inputSchema: z.object({ to: z.string() }) },
    async ({ to }) => {
      description = to;
      echo.update({ description });
      bus.publish({ kind: 'tools_list_changed' });
      return text('changed');
    },
  );
  server.registerTool('crash', { description: 'Falls over', inputSchema: z.object({}) }, async () => process.exit(3));
  return server;
}

if (process.argv.includes('http')) {
  const handler = createMcpHandler(build, { legacy: legacy ? 'stateless' : 'reject', bus });
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const closed = new AbortController();
    response.on('close', () => closed.abort());
    const answer = await handler.fetch(
      new Request(`http://127.0.0.1${request.url}`, {
        method: request.method as string,
        headers: Object.entries(request.headers).map(([key, value]): [string, string] => [key, String(value)]),
        ...(request.method === 'POST' ? { body: Buffer.concat(chunks) } : {}),
        signal: closed.signal,
      }),
    );
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    response.flushHeaders();
    if (answer.body) for await (const part of answer.body) response.write(part);
    response.end();
  });
  server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () =>
    console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`),
  );
} else void serveStdio(build, { legacy: legacy ? 'serve' : 'reject' });
