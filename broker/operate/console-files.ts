// Serves the built console from a map read once at start: what is not in the map does not exist.
import { readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { addressedToUs } from './arrival.ts';

export interface ConsoleFiles {
  /** False when only the page that says so is there. */
  readonly built: boolean;
  /** Answers every request: a known file, or 401 and nothing else. */
  handle(req: IncomingMessage, res: ServerResponse): void;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

const headers: Readonly<Record<string, string>> = {
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy':
    'accelerometer=(), camera=(), clipboard-read=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), microphone=(), midi=(), payment=(), serial=(), usb=()',
};

const notBuilt = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Gatehouse: the console is not built</title>
<h1>The console is not built</h1>
<p>The broker runs, but this checkout has no built console. Build it with <code>npm run build</code>, then start the broker again.
Until then every operation is available on the command line: <code>gatehouse --help</code>.</p>
</html>
`;

/** Reads the console built in `folder`: index.html, the hashed files of assets/, and pictures beside the page. */
export function consoleFiles(folder: string): ConsoleFiles {
  const files = new Map<string, { bytes: Buffer; type: string; cache: string }>();
  const add = (path: string, file: string, cache: string) => {
    const type = types[extname(file)];
    if (type !== undefined) files.set(path, { bytes: readFileSync(file), type, cache });
  };
  for (const name of filesIn(folder)) {
    if (name === 'index.html') add('/', join(folder, name), 'no-store');
    else add(`/${encodeURIComponent(name)}`, join(folder, name), 'no-cache');
  }
  const assets = join(folder, 'assets');
  for (const name of filesIn(assets)) add(`/assets/${encodeURIComponent(name)}`, join(assets, name), 'public, max-age=31536000, immutable');
  const built = files.has('/');
  if (!built) files.set('/', { bytes: Buffer.from(notBuilt), type: types['.html'] ?? '', cache: 'no-store' });

  return {
    built,
    handle(req, res) {
      const file = addressedToUs(req) ? files.get(req.url ?? '') : undefined;
      if (file === undefined) {
        res.writeHead(401, { 'cache-control': 'no-store' }).end();
        return;
      }
      if (req.method !== 'GET' && req.method !== 'HEAD') {
        res.writeHead(405, { allow: 'GET, HEAD' }).end();
        return;
      }
      res.writeHead(200, { ...headers, 'content-type': file.type, 'content-length': file.bytes.length, 'cache-control': file.cache });
      res.end(req.method === 'HEAD' ? undefined : file.bytes);
    },
  };
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => entry.name);
  } catch {
    return [];
  }
}
