// Before anything else on every path and method of the loopback door: who is addressed, which page sends, and is it one clear request.
// A web page can reach loopback (T13): its name may have been rebound to 127.0.0.1, but Host and Origin still carry it.
import type { IncomingMessage } from 'node:http';

/** Headers that two readers of a request must not see differently. */
const single = new Set([
  'host',
  'origin',
  'authorization',
  'content-length',
  'content-type',
  'content-encoding',
  'transfer-encoding',
  'mcp-session-id',
  'mcp-protocol-version',
  'last-event-id',
]);

/** Most header lines of a request. Node's own limit would drop the rest unseen, an Origin among them, so it is switched off. */
const mostHeaders = 100;

/** The hosts by which this door is addressed, exactly. Not [::1]: nothing of ours listens there. */
export function hostsOf(port: number): readonly string[] {
  return [`127.0.0.1:${port}`, `localhost:${port}`];
}

/** Status to refuse this request with, or null when it may go on. */
export function refusal(req: IncomingMessage, port: number): 400 | 403 | 405 | 431 | null {
  if (req.rawHeaders.length / 2 > mostHeaders) return 431;
  const seen = new Map<string, string>();
  for (let at = 0; at < req.rawHeaders.length; at += 2) {
    const name = (req.rawHeaders[at] ?? '').toLowerCase();
    if (!single.has(name)) continue;
    if (seen.has(name)) return 400;
    seen.set(name, req.rawHeaders[at + 1] ?? '');
  }
  const hosts = hostsOf(port);
  if (!hosts.includes(seen.get('host') ?? '')) return 403;
  const origin = seen.get('origin');
  if (origin !== undefined && !hosts.some((host) => origin === `http://${host}`)) return 403;
  // OPTIONS is how a foreign page would ask for leave; nobody has it.
  if (req.method === 'TRACE' || req.method === 'OPTIONS' || req.method === 'CONNECT') return 405;
  // Absolute and authority forms name a host a second time.
  return req.url?.startsWith('/') ? null : 400;
}
