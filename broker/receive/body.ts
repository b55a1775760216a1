// What an MCP request over HTTP says of itself: its credential, its type, what it accepts, and its body within bounds.
import type { IncomingMessage } from 'node:http';

/** The token of `Authorization: Bearer`, or null (RFC 6750 2.1). Never from a query or a body. */
export function bearerOf(req: IncomingMessage): string | null {
  return /^Bearer +([A-Za-z0-9._~+/-]{1,512}=*)$/i.exec(req.headers.authorization ?? '')?.[1] ?? null;
}

/** `application/json`, alone or as UTF-8, and not encoded: what anything else would be parsed as is anybody's guess. */
export function isJson(req: IncomingMessage): boolean {
  const type = req.headers['content-type'] ?? '';
  const encoding = req.headers['content-encoding'] ?? 'identity';
  return /^application\/json *(; *charset *= *"?utf-8"? *)?$/i.test(type) && encoding === 'identity';
}

/** Whether a response of this type is acceptable (RFC 9110 12.5.1). `named`: a wildcard is not enough. */
export function accepts(req: IncomingMessage, type: 'application/json' | 'text/event-stream', named = false): boolean {
  const header = req.headers.accept;
  if (header === undefined) return !named;
  return header.split(',').some((part) => {
    const [range = '', ...parameters] = part.split(';').map((word) => word.trim().toLowerCase());
    if (parameters.some((word) => /^q *= *0(\.0*)?$/.test(word))) return false;
    return range === type || (!named && (range === '*/*' || range === `${type.split('/')[0]}/*`));
  });
}

/** The whole body; null when it is longer than `limit` bytes. Rejects when the sender goes away. */
export function bodyOf(req: IncomingMessage, limit: number): Promise<Buffer | null> {
  if (Number(req.headers['content-length'] ?? 0) > limit) return Promise.resolve(null);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    req.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) {
        req.removeAllListeners('data');
        resolve(null);
      } else chunks.push(chunk);
    });
    req.once('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    req.once('error', reject);
    req.once('close', () => reject(new Error('The client went away.')));
  });
}
