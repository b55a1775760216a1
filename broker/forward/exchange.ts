// One HTTP exchange with a remote server: checked addresses, no foreign redirects, secrets put in at the last step, the body as it comes.
import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { createSecureContext } from 'node:tls';
import { referencesIn, remoteSecretsOf, withSecrets } from '../../shared/secret-reference.ts';
import { checkLiteral, ForbiddenAddress, guardedLookup } from './addresses.ts';
import { StartFailed } from './failures.ts';
import type { Needs, RemoteLaunch } from './needs.ts';

interface Secret {
  reveal(): string;
}

export interface Asked {
  readonly method: 'POST' | 'GET' | 'DELETE';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
  /** Until the status line is there; null: as long as it takes. */
  readonly limitMs: number | null;
}

export interface Answer {
  readonly status: number;
  /** Lower case, without parameters; empty when there is none. */
  readonly contentType: string;
  header(name: string): string | null;
  readonly body: IncomingMessage;
  /** Closes the exchange, the connection with it unless the body came whole. */
  close(): void;
}

/** The server was not reached, or what it did is no HTTP we accept. The text is for people and holds no secret. */
export class ExchangeFailed extends Error {
  /** False: nothing of the request can have reached the server. */
  readonly sent: boolean;

  constructor(message: string, sent: boolean) {
    super(message);
    this.sent = sent;
  }
}

const mostRedirects = 3;
const connectMs = 15_000;
/** Of a connection nobody uses; below what servers grant, so that no request meets a closed one. */
const keptMs = 3_000;

export class Exchange {
  readonly #launch: RemoteLaunch;
  readonly #secrets: ReadonlyMap<string, Secret>;
  readonly #agent: HttpAgent | HttpsAgent;

  private constructor(launch: RemoteLaunch, secrets: ReadonlyMap<string, Secret>, certificate: Secret | null) {
    this.#launch = launch;
    this.#secrets = secrets;
    const secure = new URL(launch.url).protocol === 'https:';
    const options = { keepAlive: true, timeout: keptMs, lookup: guardedLookup(launch.reach, secure), scheduling: 'lifo' as const };
    const pem = certificate?.reveal();
    this.#agent = secure
      ? new HttpsAgent({ ...options, minVersion: 'TLSv1.2', ...(pem === undefined ? {} : { cert: pem, key: pem }) })
      : new HttpAgent(options);
  }

  /** @throws StartFailed when a secret is missing or no header can carry it */
  static async open(needs: Needs, launch: RemoteLaunch): Promise<Exchange> {
    const secrets = new Map<string, Secret>();
    for (const name of remoteSecretsOf(launch)) secrets.set(name, await secretOf(needs, launch, name));
    const inHeaders = [...Object.values(launch.secretHeaders), ...referencesIn(Object.values(launch.headers))];
    for (const name of inHeaders) {
      if (!/^[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?$/.test(secrets.get(name)?.reveal() ?? ''))
        throw new StartFailed(launch.server, `the secret ${name} cannot stand in a header`, 'It must be visible ASCII on one line.');
    }
    const certificate = launch.clientCert === null ? null : (secrets.get(launch.clientCert) as Secret);
    try {
      if (certificate) createSecureContext({ cert: certificate.reveal(), key: certificate.reveal() });
    } catch {
      throw new StartFailed(
        launch.server,
        `the secret ${launch.clientCert} is no client certificate`,
        'It must be PEM text with the certificate and its private key.',
      );
    }
    return new Exchange(launch, secrets, certificate);
  }

  close(): void {
    this.#agent.destroy();
  }

  /** @throws ExchangeFailed */
  async send(asked: Asked): Promise<Answer> {
    let url = asked.url;
    for (let hop = 0; ; hop++) {
      const answer = await this.#once(asked, url);
      const target = answer.header('location');
      if (answer.status < 300 || answer.status > 399 || answer.status === 304 || target === null) return answer;
      answer.close();
      const next = URL.canParse(target, url.href) ? new URL(target, url) : null;
      if (next?.origin !== url.origin) {
        // Another origin is another server: it has neither been accepted nor been given the secrets.
        const shown = next === null ? 'an address that is none' : `${next.origin}${next.pathname}`;
        throw new ExchangeFailed(`it redirects to ${shown.slice(0, 300)}, which is not the server that was added`, true);
      }
      const keepsMethod = answer.status === 307 || answer.status === 308 || asked.method === 'GET';
      if (!keepsMethod) throw new ExchangeFailed(`it redirects a ${asked.method} in a way that loses its content (${answer.status})`, true);
      if (hop >= mostRedirects) throw new ExchangeFailed(`it redirects more than ${mostRedirects} times`, true);
      url = next;
    }
  }

  #once(asked: Asked, url: URL): Promise<Answer> {
    const { method, body, signal, limitMs } = asked;
    return new Promise((resolve, reject) => {
      let connected = false;
      try {
        checkLiteral(url, this.#launch.reach);
      } catch (error) {
        return reject(failure(error, false));
      }
      if (signal.aborted) return reject(new ExchangeFailed('the request was withdrawn', false));
      const value = (name: string) => (this.#secrets.get(name) as Secret).reveal();
      const headers: Record<string, string> = {};
      for (const [key, text] of Object.entries(this.#launch.headers)) headers[key] = withSecrets(text, value);
      for (const [key, name] of Object.entries(this.#launch.secretHeaders)) headers[key] = value(name);
      Object.assign(headers, asked.headers);
      if (body !== undefined) headers['Content-Length'] = String(Buffer.byteLength(body));
      // Only in the operator's own address: one that the server named must not ask for secrets.
      const own = url.href === new URL(this.#launch.url).href;
      const address = own ? new URL(withSecrets(url.href, (name) => encodeURIComponent(value(name)))) : url;
      const open = url.protocol === 'https:' ? requestHttps : requestHttp;
      // Only what stands here goes out: no header of a client, its Authorization least of all.
      const request = open(address, { method, headers, agent: this.#agent, maxHeaderSize: 64 * 1024 });
      const abort = () => request.destroy(new ExchangeFailed('the request was withdrawn', connected));
      signal.addEventListener('abort', abort, { once: true });
      const late = (what: string) => () => request.destroy(new ExchangeFailed(what, connected));
      const connecting = setTimeout(late(`it could not be reached within ${connectMs / 1000} s`), connectMs);
      const answering = limitMs === null ? null : setTimeout(late(`it did not answer within ${Math.ceil(limitMs / 1000)} s`), limitMs);
      const reached = () => {
        connected = true;
        clearTimeout(connecting);
      };
      request.on('socket', (socket) => {
        socket.setKeepAlive(true, 30_000);
        socket.setNoDelay(true);
        if (!socket.connecting) return reached();
        socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', reached);
      });
      const settle = () => {
        clearTimeout(connecting);
        if (answering) clearTimeout(answering);
      };
      request.on('close', () => {
        settle();
        signal.removeEventListener('abort', abort);
      });
      request.on('error', (error) => {
        settle();
        reject(failure(error, connected));
      });
      request.on('response', (response) => {
        settle();
        response.on('error', () => {});
        resolve({
          status: response.statusCode ?? 0,
          contentType: (response.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '',
          header: (name) => {
            const value = response.headers[name.toLowerCase()];
            return typeof value === 'string' ? value : (value?.[0] ?? null);
          },
          body: response,
          close: () => {
            if (!response.readableEnded) request.destroy();
          },
        });
      });
      request.end(body);
    });
  }
}

async function secretOf(needs: Needs, launch: RemoteLaunch, name: string): Promise<Secret> {
  const secret = await needs.secret(name).catch((cause: unknown) => {
    throw new StartFailed(launch.server, `the secret ${name} could not be read from the vault`, 'See `gatehouse doctor`.', { cause });
  });
  if (!secret || secret.reveal() === '')
    throw new StartFailed(
      launch.server,
      `the secret ${name} is ${secret ? 'empty' : 'missing'}`,
      `Set it with \`gatehouse secret set ${name}\`.`,
    );
  return secret;
}

const plain: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens at its address',
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name cannot be looked up just now',
  ECONNRESET: 'it closed the connection',
  EPIPE: 'it closed the connection',
  ETIMEDOUT: 'it could not be reached in time',
  EHOSTUNREACH: 'there is no way to its address',
  ENETUNREACH: 'there is no way to its address',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by nobody this computer trusts',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by nobody this computer trusts',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is signed by nobody this computer trusts',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  HPE_HEADER_OVERFLOW: 'its headers are too long',
};

/** Only what we say ourselves and the error's code are told. */
function failure(error: unknown, connected: boolean): ExchangeFailed {
  if (error instanceof ExchangeFailed) return error;
  if (error instanceof ForbiddenAddress) return new ExchangeFailed(error.message, false);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const why = plain[code] ?? (code.startsWith('HPE_') ? 'what it sends is no HTTP' : `the connection failed${code ? ` (${code})` : ''}`);
  return new ExchangeFailed(why, connected);
}
