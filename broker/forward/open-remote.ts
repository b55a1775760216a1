// Finds out how a remote server speaks and opens the conversation: a stateless POST, then the handshake, then the older stream.
import type { Era } from '../../shared/message.ts';
import { Exchange, ExchangeFailed } from './exchange.ts';
import { RequestFailed, ServerGone, StartFailed } from './failures.ts';
import { Refused } from './handshake.ts';
import { said, unsupported } from './opening.ts';
import type { Remote, RemoteServer } from './remote-server.ts';
import { HttpRefused } from './reply.ts';
import { mayBeOlder, SessionHttp } from './session-http.ts';
import { SseHttp } from './sse-http.ts';
import type { As } from './start.ts';
import { discoveryOf } from './stateless.ts';
import { StatelessHttp } from './stateless-http.ts';

/** A server that hangs on what it does not know must not use up the time for the handshake. */
const discoverMs = 15_000;

export interface Way {
  readonly era: Era | null;
  readonly as: As;
  readonly signal: AbortSignal;
  /** Each try, as it begins: whoever stops the server must not miss it. */
  adopt(server: RemoteServer): void;
}

type Of = Omit<Remote, 'exchange'>;

/** @throws StartFailed */
export async function openRemote(of: Of, way: Way): Promise<RemoteServer> {
  const { transport, server } = of.launch;
  const hint = `See \`gatehouse server logs ${server}\`.`;
  try {
    if (transport === 'sse') return await sse(of, way);
    if (way.era !== 'handshake') return (await stateless(of, way)) ?? (await handshake(of, way));
    return await handshake(of, way).catch(async (refusal: unknown) => {
      // It was accepted as a handshake server; an update may have changed that.
      if (!(refusal instanceof Refused || refusal instanceof HttpRefused)) throw refusal;
      const found = await stateless(of, way).catch(() => null);
      if (!found) throw refusal;
      return found;
    });
  } catch (error) {
    if (way.signal.aborted) throw new StartFailed(server, 'it was stopped while it started', 'Call again when it may run.');
    if (error instanceof StartFailed) throw error;
    if (error instanceof ServerGone) throw new StartFailed(server, `it ${error.reason}`, hint, { cause: error });
    if (error instanceof HttpRefused && error.status === 401)
      throw new StartFailed(server, 'it wants to know who is asking (HTTP 401)', credentialHint, { cause: error });
    if (error instanceof HttpRefused) throw new StartFailed(server, `it answered with HTTP ${error.status}`, hint, { cause: error });
    if (error instanceof RequestFailed || error instanceof ExchangeFailed)
      throw new StartFailed(server, error.message.replace(`The server ${server} `, 'it ').replace(/\.$/, ''), hint, { cause: error });
    throw error;
  }
}

const credentialHint = `Put a credential it knows into the vault, then add it with --secret-header 'Authorization: SECRET'. Signing in through a browser is not possible yet.`;

/** Null when nothing says that it is of this era. 401, a broken connection and silence are no evidence of anything. */
async function stateless(of: Of, { as, adopt }: Way): Promise<StatelessHttp | null> {
  const server = new StatelessHttp({ ...of, exchange: await Exchange.open(of.needs, of.launch) });
  adopt(server);
  if (as.clientCapabilities) server.clientCapabilities = as.clientCapabilities;
  const limitMs = Math.min(discoverMs, of.limits.startMs);
  try {
    let reply = await server.discover(limitMs);
    let found = discoveryOf(reply);
    if (reply.failed && found.kind === 'stateless') {
      reply = await server.discover(limitMs);
      found = discoveryOf(reply);
      if (reply.failed) throw new StartFailed(of.launch.server, `it refused server/discover: ${said(of.needs, reply)}`, server.hint);
    }
    if (found.kind === 'unsupported') throw unsupported(of.launch.server, found, server.hint);
    const text = found.kind === 'stateless' ? of.needs.memberText(reply.text, ['result']) : null;
    if (found.kind === 'stateless' && text !== null) {
      server.open(text, found.capabilities);
      return server;
    }
  } catch (error) {
    server.retire('does not speak this protocol');
    const noEvidence = error instanceof HttpRefused && (error.status === 401 || error.status === 403);
    const unreached = error instanceof RequestFailed && error.problem === 'unreachable';
    if (noEvidence || unreached || !(error instanceof RequestFailed)) throw error;
    return null;
  }
  server.retire('does not speak this protocol');
  return null;
}

async function handshake(of: Of, way: Way): Promise<RemoteServer> {
  const server = new SessionHttp({ ...of, exchange: await Exchange.open(of.needs, of.launch) });
  way.adopt(server);
  try {
    await server.initialize(way.as.initializeParams, of.limits.startMs);
    return server;
  } catch (error) {
    server.retire('did not open');
    if (of.launch.transport === 'http' || !mayBeOlder(error)) throw error;
    return await sse(of, way).catch((older: unknown) => {
      // Neither way: what the newer one said is what the operator can use.
      throw older instanceof HttpRefused ? error : older;
    });
  }
}

async function sse(of: Of, way: Way): Promise<RemoteServer> {
  const server = new SseHttp({ ...of, exchange: await Exchange.open(of.needs, of.launch) });
  way.adopt(server);
  try {
    await server.connect(of.limits.startMs);
    await server.initialize(way.as.initializeParams, of.limits.startMs);
    return server;
  } catch (error) {
    server.retire('did not open');
    throw error;
  }
}
