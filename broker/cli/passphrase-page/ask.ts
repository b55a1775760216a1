// Asks for the sealed file's passphrase on a page of loopback: for a start that has neither a keychain nor a terminal to type at.
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pageFiles } from './page.ts';

/** Bytes; the passphrase itself is capped where it is used. */
const longestBody = 16 * 1024;
const longestPassphrase = 4096;
/** Milliseconds between tries: whoever has the address may type, not guess. */
const betweenTriesMs = 1_000;

const headers = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
};

/** What became of a try: the page follows `console` (a signed-in address; null: it says that the broker runs), or shows `fault`. */
export type Tried = { readonly console: string | null } | { readonly fault: string };

export interface Asking {
  /** The page's address, with the secret that lets one type there, in the fragment. */
  readonly address: string;
  /** Settles when a try was good, or rejects with what made the page end. */
  readonly done: Promise<void>;
}

/**
 * Opens the page on 127.0.0.1, on a free port, until one try was good.
 * @param exists whether there is a sealed file to open
 * @param attempt starts the broker under this passphrase; what it throws ends the page
 */
export async function askOnPage(exists: boolean, attempt: (passphrase: string) => Promise<Tried>): Promise<Asking> {
  const files = pageFiles(exists);
  const secret = randomBytes(32).toString('base64url');
  let finish = () => {};
  let fail = (_: unknown) => {};
  const done = new Promise<void>((resolve, reject) => {
    [finish, fail] = [resolve, reject];
  });
  let busy = false;
  let nextAt = 0;

  async function post(req: IncomingMessage, res: ServerResponse): Promise<void> {
    if (!isJson(req) || !holds(req, secret)) return say(res, 403, { fault: 'This page is not the one that the terminal shows.' });
    const passphrase = passphraseIn(await bodyOf(req));
    if (passphrase === null) return say(res, 400, { fault: `A passphrase has 1 to ${longestPassphrase} bytes.` });
    if (busy || performance.now() < nextAt) return say(res, 429, { fault: 'Not so fast: wait a second, then try again.' });
    busy = true;
    try {
      const tried = await attempt(passphrase);
      say(res, 'fault' in tried ? 400 : 200, tried);
      if (!('fault' in tried)) res.once('close', finish);
    } catch (error) {
      say(res, 500, { fault: 'Gatehouse could not start. The terminal says why.' });
      res.once('close', () => fail(error));
    } finally {
      busy = false;
      nextAt = performance.now() + betweenTriesMs;
    }
  }

  const server = createServer({ maxHeaderSize: 8 * 1024, headersTimeout: 10_000, requestTimeout: 30_000 }, (req, res) => {
    const { port } = server.address() as AddressInfo;
    for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
    // A page elsewhere whose name was rebound to loopback still names itself here.
    const here = `127.0.0.1:${port}`;
    const { host, origin } = req.headers;
    const file = files.get(req.url ?? '');
    if (host !== here || (origin !== undefined && origin !== `http://${here}`) || !file) return void res.writeHead(404).end();
    if (req.method === 'GET') return void res.writeHead(200, { 'Content-Type': file.type }).end(file.text);
    if (req.method !== 'POST' || req.url !== '/') return void res.writeHead(405).end();
    post(req, res).catch(() => res.destroy());
  });
  server.maxConnections = 16;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen({ host: '127.0.0.1', port: 0, exclusive: true }, resolve);
  });
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  const { port } = server.address() as AddressInfo;
  return { address: `http://127.0.0.1:${port}/#passphrase=${secret}`, done: done.finally(close) };
}

const isJson = (req: IncomingMessage) => /^application\/json(;|$)/i.test(req.headers['content-type'] ?? '');

function holds(req: IncomingMessage, secret: string): boolean {
  const given = Buffer.from(req.headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${secret}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

async function bodyOf(req: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of req as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > longestBody) throw new Error('too long');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function passphraseIn(body: string): string | null {
  try {
    const { passphrase } = JSON.parse(body) as { passphrase?: unknown };
    const good = typeof passphrase === 'string' && passphrase !== '' && Buffer.byteLength(passphrase) <= longestPassphrase;
    return good ? passphrase : null;
  } catch {
    return null;
  }
}

function say(res: ServerResponse, status: number, body: object): void {
  res.writeHead(status, { 'Content-Type': 'application/json', Connection: 'close' }).end(JSON.stringify(body));
}
