// Puts the broker's proof on an answer: over the whole body where it has an end, over its head where it is a stream.
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { answerHeader } from './request-proof.ts';

/** From here on `res` keeps what is written until its end, signs it, and sends it. Streams pass through, their head signed. */
export function signAnswer(res: ServerResponse, sign: (status: number, body: Buffer | 'stream') => string): void {
  const { writeHead, write, end } = res;
  const chunks: Buffer[] = [];
  let stream = false;
  const keep = (chunk: unknown) => {
    if (chunk !== undefined && chunk !== null && typeof chunk !== 'function') chunks.push(Buffer.from(chunk as string | Uint8Array));
  };
  res.writeHead = ((status: number, ...rest: unknown[]) => {
    res.statusCode = status;
    const headers = rest.find((part) => typeof part === 'object' && part !== null) as OutgoingHttpHeaders | undefined;
    for (const [name, value] of Object.entries(headers ?? {})) if (value !== undefined) res.setHeader(name, value);
    stream = String(res.getHeader('content-type')).startsWith('text/event-stream');
    if (stream) {
      res.setHeader(answerHeader, sign(status, 'stream'));
      Object.assign(res, { writeHead });
      return writeHead.call(res, status);
    }
    return res;
  }) as ServerResponse['writeHead'];
  res.write = ((chunk: unknown, ...rest: unknown[]) => {
    if (stream) return (write as (...all: unknown[]) => boolean).call(res, chunk, ...rest);
    keep(chunk);
    for (const done of rest) if (typeof done === 'function') setImmediate(done as () => void);
    return true;
  }) as ServerResponse['write'];
  res.end = ((chunk?: unknown, ...rest: unknown[]) => {
    if (stream) return (end as (...all: unknown[]) => ServerResponse).call(res, chunk, ...rest);
    keep(chunk);
    const body = Buffer.concat(chunks);
    res.setHeader(answerHeader, sign(res.statusCode, body));
    // Node itself calls these on its way out.
    Object.assign(res, { writeHead, write, end });
    return (end as (...all: unknown[]) => ServerResponse).call(res, body);
  }) as ServerResponse['end'];
}
