// A listening HTTP door with a small MCP server behind it, and requests written by hand.
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { Arrival, Downstream } from '../../broker/receive/arrival.ts';
import { type HttpDoor, type HttpLimits, type HttpNeeds, openHttpDoor } from '../../broker/receive/http-door.ts';
import { parseMessage } from '../../broker/wire/gate.ts';
import { errorText } from '../../broker/wire/texts.ts';
import type { Message } from '../../shared/message.ts';
import { initialize, initialized, reply, request } from './connector-fixture.ts';

export const tokens = new Map<string, string>();

export interface Seen {
  readonly arrival: Arrival;
  readonly down: Downstream;
  readonly messages: Message[];
  ended: string | null;
}

export interface Opened {
  readonly door: HttpDoor;
  readonly seen: Seen[];
  readonly base: string;
}

export async function openDoor(change: Partial<HttpNeeds> = {}, own: Partial<HttpLimits> = {}): Promise<Opened> {
  tokens.clear();
  tokens.set('ght_claude', 'claude').set('ght_cursor', 'cursor');
  const seen: Seen[] = [];
  const door = await openHttpDoor(
    0,
    {
      identify: (token) => tokens.get(token) ?? null,
      mayUse: (client, server) => server === 'github' || (server === 'private' && client === 'cursor'),
      accept(arrival, down) {
        const one: Seen = { arrival, down, messages: [], ended: null };
        seen.push(one);
        return {
          id: String(seen.length),
          receive(message) {
            one.messages.push(message);
            const text = reply(message);
            if (text !== null && message.id !== undefined) down.send({ text, answers: message.id });
          },
          end(reason) {
            one.ended = reason;
          },
        };
      },
      acceptStateless: () => {
        throw new Error('nothing stands alone here');
      },
      standsAlone: () => false,
      parseMessage,
      errorText,
      other: (_req, res) => void res.writeHead(200).end('other'),
      ...change,
    },
    own,
  );
  return { door, seen, base: `http://127.0.0.1:${door.port}` };
}

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: string;
}

export type Headers = Record<string, string | string[]>;

/** A request with exactly these headers, answered to its end. */
export function ask(port: number, method: string, path: string, headers: Headers, body?: string | Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const req = httpRequest({ host: '127.0.0.1', port, method, path, headers, setHost: false }, (res) => {
      read(res).then((text) => resolve({ status: res.statusCode ?? 0, headers: res.headers, body: text }), reject);
    });
    req.on('error', reject);
    req.end(body);
  });
}

async function read(res: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of res.setEncoding('utf8')) text += chunk;
  return text;
}

/** A response that stays open, and what came on it so far. */
export interface Open {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly res: IncomingMessage;
  text: string;
  readonly closed: Promise<void>;
  /** JSON of the data of each event so far. */
  messages(): {
    id?: unknown;
    method?: string;
    result?: { [name: string]: unknown };
    error?: { code: number; message: string };
    params?: { [name: string]: unknown };
  }[];
  ids(): string[];
  destroy(): void;
}

export function openStream(port: number, method: string, path: string, headers: Headers, body?: string): Promise<Open> {
  return new Promise((resolve, reject) => {
    const req = httpRequest({ host: '127.0.0.1', port, method, path, headers, setHost: false, agent: false }, (res) => {
      const open: Open = {
        status: res.statusCode ?? 0,
        headers: res.headers,
        res,
        text: '',
        closed: new Promise((done) => res.once('close', done)),
        messages: () => events(open.text).flatMap(({ data }) => (data === '' ? [] : [JSON.parse(data)])),
        ids: () => events(open.text).map(({ id }) => id),
        destroy: () => void req.destroy(),
      };
      res.setEncoding('utf8').on('data', (chunk: string) => {
        open.text += chunk;
      });
      res.on('error', () => {});
      resolve(open);
    });
    req.on('error', reject);
    req.end(body);
  });
}

/** WHATWG HTML 9.2.6, for whole events. */
export function events(text: string): { id: string; data: string }[] {
  return text
    .split('\n\n')
    .slice(0, -1)
    .map((block) => {
      const lines = block.split(/\r\n|\r|\n/);
      const field = (name: string) =>
        lines.filter((line) => line.startsWith(`${name}:`)).map((line) => line.slice(name.length + 1).replace(/^ /, ''));
      return { id: field('id')[0] ?? '', data: field('data').join('\n'), comment: lines.every((line) => line.startsWith(':')) };
    })
    .filter(({ comment }) => !comment);
}

export const both = 'application/json, text/event-stream';

export function legit(port: number, more: Headers = {}): Headers {
  return { Host: `127.0.0.1:${port}`, Authorization: 'Bearer ght_claude', 'Content-Type': 'application/json', Accept: both, ...more };
}

/** Opens a session and gives the headers to use it with. */
export async function session(port: number, path = '/mcp', more: Headers = {}, version = '2025-11-25'): Promise<Headers> {
  const hello = { ...initialize(), params: { ...initialize().params, protocolVersion: version } };
  const answer = await ask(port, 'POST', path, legit(port, more), JSON.stringify(hello));
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.body}`);
  const headers = legit(port, { ...more, 'Mcp-Session-Id': String(answer.headers['mcp-session-id']) });
  await ask(port, 'POST', path, headers, JSON.stringify(initialized));
  return headers;
}

export const post = (port: number, headers: Headers, value: unknown, path = '/mcp') =>
  ask(port, 'POST', path, headers, typeof value === 'string' ? value : JSON.stringify(value));

export const hang = (id: number | string) => JSON.stringify(request(id, 'hang'));

/** Bytes on a socket of its own; everything that comes back until it is closed or `ms` have passed. */
export function bytes(port: number, text: string | Buffer, ms = 3000): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect({ host: '127.0.0.1', port });
    const over = setTimeout(() => socket.destroy(), ms);
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      answer += chunk;
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(over);
      resolve(answer);
    });
    socket.write(text);
  });
}
