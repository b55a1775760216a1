// What a request must look like before anything of it is believed: addressed to us, from a page of ours, one JSON body.
import type { IncomingMessage } from 'node:http';

/** By which door a call came: TCP on loopback, the socket in the home folder, or the desktop window's port. */
export type Way = 'loopback' | 'socket' | 'window';

/** True when `Host` names this very listener. A page that rebound its name to 127.0.0.1 still sends its own (T13). */
export function addressedToUs(req: IncomingMessage): boolean {
  const port = req.socket.localPort;
  const host = req.headers.host;
  return port !== undefined && (host === `127.0.0.1:${port}` || host === `localhost:${port}`);
}

/** True unless a browser says that another page than ours sent this. The socket is never reached by a browser. */
export function fromOurPage(req: IncomingMessage, way: Way): boolean {
  const { origin, host } = req.headers;
  const site = req.headers['sec-fetch-site'];
  if (way === 'socket') return origin === undefined && site === undefined;
  return (origin === undefined || origin === `http://${host}`) && (site === undefined || site === 'same-origin');
}

/** True for `application/json`, alone or with `charset=utf-8`; anything else would be parsed as something else. */
export function isJson(req: IncomingMessage): boolean {
  const type = req.headers['content-type'] ?? '';
  return /^application\/json *(; *charset="?utf-8"? *)?$/i.test(type) && req.headers['content-encoding'] === undefined;
}

/** The credential of `Authorization: Bearer`, or null. */
export function bearerOf(req: IncomingMessage): string | null {
  return bearerIn(req.headers.authorization);
}

export function bearerIn(header: string | readonly string[] | undefined): string | null {
  const match = typeof header === 'string' ? /^Bearer ([A-Za-z0-9._~+/=-]{1,512})$/i.exec(header) : null;
  return match?.[1] ?? null;
}

/** The whole body, or null as soon as it is longer than `limit` bytes. Rejects when the sender goes away. */
export async function bodyOf(req: IncomingMessage, limit: number): Promise<Buffer | null> {
  if (Number(req.headers['content-length'] ?? 0) > limit) return null;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
