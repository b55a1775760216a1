// Serves the built console under gatehouse://console/ : files of one folder, read only, under a strict content security policy.
import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import { isConsole } from './origin.ts';

/** Nothing from elsewhere, nothing inline, no connections at all: the page speaks through its message port only. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' data:",
  "connect-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "object-src 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

const headers = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store',
};

const refuse = (status: number): Response => new Response(null, { status, headers });

/** Answers one request of the window from `folder`. A path without an extension is a page of the console: it gets index.html. */
export async function serveConsole(folder: string, request: { method: string; url: string }): Promise<Response> {
  if (!isConsole(request.url)) return refuse(404);
  if (request.method !== 'GET') return refuse(405);
  let path: string;
  try {
    path = decodeURIComponent(new URL(request.url).pathname);
  } catch {
    return refuse(400);
  }
  if (path.includes('\0') || path.includes('\\')) return refuse(400);
  const extension = extname(path);
  const file = normalize(join(folder, extension === '' ? 'index.html' : path));
  const type = types[extension === '' ? '.html' : extension];
  if (type === undefined || !file.startsWith(normalize(folder) + sep)) return refuse(404);
  try {
    const body = await readFile(file);
    return new Response(new Uint8Array(body), { headers: { ...headers, 'content-type': type } });
  } catch {
    return refuse(404);
  }
}
