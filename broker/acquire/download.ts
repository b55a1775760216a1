// One GET to an address the operator or a registry named: checked after every resolution and at every turn, capped in size and time.
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import { GatehouseError } from '../../shared/errors.ts';

/** Where an address may lead: the addresses check of the house, handed in. */
export interface Network {
  /** @throws when the host is an address that may not be reached */
  checkLiteral(url: URL, allowed: 'loopback' | 'public'): void;
  lookup(allowed: 'loopback' | 'public', secure: boolean): LookupFunction;
}

export interface Wanted {
  readonly url: URL;
  readonly mostBytes: number;
  /** Until the last byte, in ms. */
  readonly limitMs: number;
  readonly accept: string;
  /** `same`: another origin is not followed. `any`: it is, where it is encrypted; for content whose hash is known before. */
  readonly redirects: 'same' | 'any';
}

const mostRedirects = 5;
/** By its name: an address of this very computer. */
export const isLoopback = (url: URL) => url.hostname === '127.0.0.1' || url.hostname === '[::1]' || url.hostname === 'localhost';

/** @throws GatehouseError usage for what is no https address (http on this computer), refused for one with a credential */
export function plainAddress(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url))))
    throw new GatehouseError('usage', `${JSON.stringify(text.slice(0, 200))} is not an https address.`, 'http is for this computer only.');
  if (url.username !== '' || url.password !== '')
    throw new GatehouseError('refused', 'An address with a credential in it was not used.', 'Leave the credential out.');
  return url;
}

/** The place did not answer as it should; for a registry, what it said last time may do. */
export class Unreached extends GatehouseError {
  constructor(what: string) {
    super('unavailable', what, 'Look at your connection and at the address, then try again.');
  }
}

/** @throws Unreached; GatehouseError refused for addresses that may not be reached */
export async function download(network: Network, wanted: Wanted): Promise<{ bytes: Buffer; type: string }> {
  const signal = AbortSignal.timeout(wanted.limitMs);
  let url = wanted.url;
  for (let hop = 0; ; hop++) {
    const answer = await once(network, url, wanted, signal);
    const target = answer.headers.location;
    const status = answer.statusCode ?? 0;
    if (status >= 300 && status <= 399 && target !== undefined) {
      answer.destroy();
      if (hop >= mostRedirects) throw new Unreached(`${wanted.url.origin} sends on and on, more than ${mostRedirects} times.`);
      const next = plainAddress(URL.canParse(target, url.href) ? new URL(target, url).href : '');
      // What came over the internet does not get to point into this computer.
      if (next.origin !== url.origin && (wanted.redirects === 'same' || isLoopback(next) || next.protocol !== 'https:'))
        throw new GatehouseError(
          'refused',
          `${url.origin} sends on to ${next.origin}, which was not followed.`,
          'Nothing was fetched from there.',
        );
      url = next;
      continue;
    }
    if (status !== 200) {
      answer.destroy();
      if (status === 404) throw new GatehouseError('not-found', `${url.origin} knows nothing of that (HTTP 404).`, 'Look at the name.');
      throw new Unreached(`${url.origin} answered with HTTP ${status}.`);
    }
    const type = (answer.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
    return { bytes: await bodyOf(answer, url, wanted), type };
  }
}

async function bodyOf(answer: IncomingMessage, url: URL, { mostBytes }: Wanted): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  try {
    for await (const part of answer as AsyncIterable<Buffer>) {
      length += part.length;
      if (length > mostBytes) throw new GatehouseError('refused', `${url.origin} sends more than ${mostBytes} bytes.`, 'It was cut off.');
      parts.push(part);
    }
  } catch (error) {
    answer.destroy();
    if (error instanceof GatehouseError) throw error;
    throw new Unreached(`${url.origin} broke off before the end.`);
  }
  if (!answer.complete) throw new Unreached(`${url.origin} broke off before the end.`);
  return Buffer.concat(parts);
}

function once(network: Network, url: URL, { accept }: Wanted, signal: AbortSignal): Promise<IncomingMessage> {
  const allowed = isLoopback(url) ? 'loopback' : 'public';
  const secure = url.protocol === 'https:';
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => {
      if (error instanceof GatehouseError) return reject(error);
      const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
      // The house's own words for an address that may not be reached hold no secret.
      if (error instanceof Error && error.name !== 'AbortError' && code === '')
        return reject(new GatehouseError('refused', `${error.message}.`, 'Nothing was fetched.'));
      reject(new Unreached(`${url.origin} could not be reached${signal.aborted ? ' in time' : code}.`));
    };
    try {
      network.checkLiteral(url, allowed);
      const open = secure ? requestHttps : requestHttp;
      const request = open(url, {
        method: 'GET',
        // No compression: what is counted is what is read.
        headers: { Accept: accept, 'Accept-Encoding': 'identity', 'User-Agent': 'gatehouse' },
        lookup: network.lookup(allowed, secure),
        maxHeaderSize: 32 * 1024,
        signal,
        agent: false,
        ...(secure ? { minVersion: 'TLSv1.2' as const } : {}),
      });
      request.on('error', fail);
      request.on('response', resolve);
      request.end();
    } catch (error) {
      fail(error);
    }
  });
}
