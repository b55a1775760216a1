// The typed client of the running broker of a home: the operator contract over the socket in its run folder.
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/fetch';
import type { ContractRouterClient } from '@orpc/contract';
import type { Contract } from '../../shared/contract.ts';
import { GatehouseError } from '../../shared/errors.ts';
import { checkSocketFolder, socketPath } from '../host/home.ts';
import { answerHeader, signCall } from '../operate/request-proof.ts';

export type Api = ContractRouterClient<Contract>;

/** What signs a call: the same for all of them, or whatever is good at the moment of each. */
export type Credential = string | (() => Promise<string>) | null;

/**
 * Client of the broker of `home`; `credential` signs every call, dated by `now`. Throws GatehouseError when the socket's folder is not
 * ours.
 */
export function operatorLink(home: string, credential: Credential, now: () => number = Date.now): Api {
  const address = socketPath(home, 'operate');
  // Before anything secret goes there.
  checkSocketFolder(address, false);
  const link = new RPCLink({
    url: 'http://gatehouse/api',
    fetch: async (request) => fetchOver(address, request, typeof credential === 'function' ? await credential() : credential, now),
  });
  return createORPCClient(link);
}

/** Longest answer that is kept to be checked, in bytes. */
const longestAnswer = 256 * 1024 * 1024;

// fetch() reaches no unix socket without a second HTTP library, which takes longer to load than most commands run.
async function fetchOver(address: string, request: Request, credential: string | null, now: () => number): Promise<Response> {
  const body = Buffer.from(await request.arrayBuffer());
  const { pathname } = new URL(request.url);
  // The credential signs the call and stays here: what listens at the socket may be anybody of this user.
  const signed = credential === null ? null : signCall(credential, pathname, body, now());
  const { response, stream } = await exchange(address, request, pathname, body, signed?.authorization ?? null);
  const status = response.statusCode ?? 500;
  const proof = response.headers[answerHeader];
  if (stream) {
    if (signed && !signed.answered(status, 'stream', proof)) throw notTheBroker();
    return new Response(Readable.toWeb(response) as ReadableStream<Uint8Array>, { status, headers: textOf(response.headers) });
  }
  const answer = await bytesOf(response);
  // A refused credential is nobody's, so its refusal carries no proof; believing a refusal gives nothing away.
  if (signed && status !== 401 && status !== 403 && !signed.answered(status, answer, proof)) throw notTheBroker();
  return new Response(status === 204 || answer.length === 0 ? null : new Uint8Array(answer), { status, headers: textOf(response.headers) });
}

const notTheBroker = () =>
  new GatehouseError(
    'refused',
    'What answers here is not the broker that gave you this token, or something in between changed its answer.',
    'Something on this computer may be posing as Gatehouse. Stop the broker, start it again, and look at the log.',
  );

function exchange(
  address: string,
  request: Request,
  path: string,
  body: Buffer,
  authorization: string | null,
): Promise<{ response: IncomingMessage; stream: boolean }> {
  return new Promise((resolve, reject) => {
    const own = authorization === null ? {} : { authorization };
    const headers = { ...Object.fromEntries(request.headers), ...own, 'content-length': body.length };
    const options = { socketPath: address, path, method: request.method, headers, signal: request.signal, agent: false as const };
    const req = httpRequest(options, (response) =>
      resolve({ response, stream: String(response.headers['content-type']).startsWith('text/event-stream') }),
    );
    req.once('error', reject);
    req.end(body);
  });
}

async function bytesOf(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > longestAnswer) throw notTheBroker();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function textOf(headers: IncomingHttpHeaders): [string, string][] {
  return Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)] as [string, string]]));
}
