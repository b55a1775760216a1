// Servers that tests reach over HTTP: real ones as processes of their own, and one in this process that does what a test tells it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, createServer as createNetServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const inRepository = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

export async function freePort(): Promise<number> {
  const server = createNetServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export interface Served {
  readonly url: string;
  readonly printed: () => string;
  stop(): Promise<void>;
}

async function started(script: string, args: string[], port: number, path: string): Promise<Served> {
  const child = spawn(process.execPath, [inRepository(script), ...args], { env: { ...process.env, PORT: String(port) }, stdio: 'pipe' });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (printed += chunk));
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  onTestFinished(stop);
  for (const until = performance.now() + 20_000; !(await answers(port)); ) {
    if (performance.now() > until || child.exitCode !== null) throw new Error(`${script} does not listen: ${printed}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return { url: `http://127.0.0.1:${port}${path}`, printed: () => printed, stop };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

/** The SDK's own example server: `streamableHttp` or `sse`. */
export async function everythingOver(transport: 'streamableHttp' | 'sse', port?: number): Promise<Served> {
  const script = 'node_modules/@modelcontextprotocol/server-everything/dist/index.js';
  return await started(script, [transport], port ?? (await freePort()), transport === 'sse' ? '/sse' : '/mcp');
}

/** test/support/servers/both-eras.ts over HTTP. */
export async function bothErasOver(...args: string[]): Promise<Served> {
  return await started('test/support/servers/both-eras.ts', ['http', ...args], await freePort(), '/mcp');
}

export interface Request {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Parsed JSON; null when there is none. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever was sent
  readonly message: any;
  json(value: unknown, status?: number, headers?: Record<string, string>): void;
  result(result: unknown, headers?: Record<string, string>): void;
  /** Begins an event stream; the function it returns sends one event. */
  stream(headers?: Record<string, string>): (data: unknown, fields?: string) => void;
}

export interface Puppet {
  readonly url: string;
  readonly server: Server;
  readonly seen: { readonly method: string; readonly headers: IncomingMessage['headers']; readonly body: string }[];
}

export async function puppet(act: (asked: Request) => void | Promise<void>): Promise<Puppet> {
  const seen: Puppet['seen'] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    seen.push({ method: request.method as string, headers: request.headers, body });
    const message = body === '' ? null : JSON.parse(body);
    const json: Request['json'] = (value, status = 200, headers = {}) =>
      void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
    await act({
      request,
      response,
      message,
      json,
      result: (result, headers) => json({ jsonrpc: '2.0', id: message.id, result }, 200, headers),
      stream(headers = {}) {
        response.writeHead(200, { 'content-type': 'text/event-stream', ...headers });
        response.flushHeaders();
        return (data, fields = '') => void response.write(`${fields}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`);
      },
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`, server, seen };
}
