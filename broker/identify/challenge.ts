// The mutual proof over the connector's socket (after RFC 5802): the broker proves itself first, then the connector; the token never crosses.
// Three lines of JSON: hello (connector), challenge with the broker's proof, proof (connector). Both proofs cover every byte said before.
import { createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { clientKeyOf, serverKeyOf, storedKeyOf, type Verifier, verifierOf } from './credential.ts';

/** Revisions of what is spoken over the socket. An older connector is answered in its own; a client restarts less often than a broker. */
export const protocols = { oldest: 1, newest: 1 } as const;

/** What a connector says of itself. Believed only after its proof, and even then the process is its own claim. */
export interface Facts {
  readonly client: string;
  /** One server under its own names, or null for all. */
  readonly only: string | null;
  /** Working folder of the client. */
  readonly folder: string | null;
  /** The program that launched the connector. */
  readonly process: { readonly pid: number; readonly startedAt: string } | null;
}

export interface Hello extends Facts {
  /** The newest revision the connector speaks. */
  readonly protocol: number;
  readonly nonce: string;
}

/** The other side is not who it must be, or does not speak this protocol. The message is for a person. */
export class ProofError extends Error {
  readonly why: 'too-old' | 'not-proved';

  constructor(message: string, why: ProofError['why'] = 'not-proved') {
    super(message);
    this.name = 'ProofError';
    this.why = why;
  }
}

const tooOld = 'This connector is too old for the broker. Update Gatehouse where it was started from.';

/** Different words for the two proofs, and for nothing else in Gatehouse, so that neither can be used as the other. */
const brokerDomain = 'gatehouse connector socket: broker proof\n';
const clientDomain = 'gatehouse connector socket: client proof\n';

const nonceBytes = 32;
const clientNames = /^[A-Za-z0-9][A-Za-z0-9._-]{0,47}$/;
const serverNames = /^[a-z0-9-]{1,24}$/;

const mintNonce = () => randomBytes(nonceBytes).toString('base64url');
const isNonce = (value: unknown): value is string => typeof value === 'string' && /^[A-Za-z0-9_-]{43}$/.test(value);
const isKey = isNonce;
const mac = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest();
const equal = (a: Buffer, b: Buffer) => a.length === b.length && timingSafeEqual(a, b);
const bytes = (text: string) => Buffer.from(text, 'base64url');
const xor = (a: Buffer, b: Buffer) => Buffer.from(a.map((byte, at) => byte ^ (b[at] ?? 0)));

function parse(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** What the broker's proof is about: the hello as it was sent, and what the broker adds. No part can hold a line end. */
const brokerTranscript = (hello: string, protocol: number, nonce: string) => `${brokerDomain}${hello}\n${protocol}\n${nonce}`;

/** What the connector's proof is about: both lines as they were sent, and the revoked token's digest. */
const clientTranscript = (hello: string, challenge: string, operatorToken: string | null) =>
  `${clientDomain}${hello}\n${challenge}\n${operatorToken ?? '-'}`;

// The connector's side.

export interface Connecting {
  /** First line to send, without its line end. */
  readonly hello: string;
  /**
   * Checks the broker's proof and gives the line that answers it.
   * @param operatorToken an operator's token found in the environment: only its digest is sent, to have it revoked
   * @throws ProofError when this is not the broker; then nothing may be sent
   */
  prove(challenge: string, operatorToken?: string): string;
}

/** Begins the proof as a connector that holds `token`. `newest` is for tests of older and newer ones. */
export function beginConnecting(token: string, facts: Facts, newest: number = protocols.newest): Connecting {
  const said: Hello = { protocol: newest, nonce: mintNonce(), ...facts };
  const hello = JSON.stringify({ gatehouse: 'hello', ...said });
  return {
    hello,
    prove(challenge, operatorToken) {
      const value = parse(challenge);
      // Nobody has proved anything yet, so words that came along are not repeated: a model might read them.
      if (value?.gatehouse === 'refused')
        throw new ProofError(value.why === 'too-old' ? tooOld : 'The broker did not let this connector begin.');
      const { protocol, nonce, proof } = value ?? {};
      if (value?.gatehouse !== 'challenge' || typeof protocol !== 'number' || !isNonce(nonce) || !isKey(proof)) {
        throw new ProofError("What answers at the broker's socket does not speak its language.");
      }
      if (!equal(bytes(proof), mac(serverKeyOf(token), brokerTranscript(hello, protocol, nonce)))) {
        throw new ProofError(
          "What answers at the broker's socket could not prove that it knows this client: its credential was revoked or replaced, or this is not the broker.",
        );
      }
      if (!Number.isInteger(protocol) || protocol < protocols.oldest || protocol > newest) {
        throw new ProofError(`The broker wants to speak revision ${protocol}, which this connector does not.`);
      }
      const digest = operatorToken === undefined ? null : hash('sha256', operatorToken, 'hex');
      const clientKey = clientKeyOf(token);
      const signature = mac(storedKeyOf(clientKey), clientTranscript(hello, challenge, digest));
      return JSON.stringify({ gatehouse: 'proof', proof: xor(clientKey, signature).toString('base64url'), operatorToken: digest });
    },
  };
}

// The broker's side.

export interface Greeting {
  readonly hello: Hello;
  /** The revision both will speak. */
  readonly protocol: number;
  /** The line to send back, without its line end. */
  readonly challenge: string;
  /** Checks the connector's proof, once; null when it is wrong. `operatorToken`: SHA-256 in hex of a token to revoke. */
  check(proof: string): { readonly operatorToken: string | null } | null;
}

/** Stands in for a client that does not exist, so that its exchange takes the same steps and looks the same. Differs in every process. */
const nobody = randomBytes(32);

/**
 * Answers a hello.
 * @param lookup verifier of a client that may connect now, or null
 * @throws ProofError when this is not a hello, or of a revision that is too old
 */
export function greet(line: string, lookup: (client: string) => Verifier | null, newest: number = protocols.newest): Greeting {
  const hello = readHello(line);
  const protocol = Math.min(hello.protocol, newest);
  if (protocol < protocols.oldest) throw new ProofError(tooOld, 'too-old');
  const dummy = verifierOf(createHmac('sha256', nobody).update(hello.client).digest('hex'));
  const known = lookup(hello.client);
  const verifier = known ?? dummy;
  const nonce = mintNonce();
  const proof = mac(bytes(verifier.serverKey), brokerTranscript(line, protocol, nonce)).toString('base64url');
  const challenge = JSON.stringify({ gatehouse: 'challenge', protocol, nonce, proof });
  let open = true;
  return {
    hello,
    protocol,
    challenge,
    check(answer) {
      const first = open;
      open = false;
      const value = parse(answer);
      const operatorToken = value?.operatorToken ?? null;
      const wellFormed = value?.gatehouse === 'proof' && isKey(value.proof);
      if (operatorToken !== null && !(typeof operatorToken === 'string' && /^[0-9a-f]{64}$/.test(operatorToken))) return null;
      const stored = bytes(verifier.storedKey);
      const given = wellFormed ? bytes(value.proof as string) : Buffer.alloc(32);
      const clientKey = xor(given, mac(stored, clientTranscript(line, challenge, operatorToken)));
      const right = equal(storedKeyOf(clientKey), stored) && wellFormed && known !== null && first;
      return right ? { operatorToken } : null;
    },
  };
}

function readHello(line: string): Hello {
  const value = parse(line);
  const fail = () => new ProofError('This socket is for the Gatehouse connector: start "gatehouse connect".');
  if (value?.gatehouse !== 'hello') throw fail();
  const { protocol, client, nonce, only, folder, process } = value;
  if (typeof protocol !== 'number' || !Number.isSafeInteger(protocol) || protocol < 0) throw fail();
  if (typeof client !== 'string' || !clientNames.test(client) || !isNonce(nonce)) throw fail();
  if (only !== null && !(typeof only === 'string' && serverNames.test(only))) throw fail();
  if (folder !== null && !(typeof folder === 'string' && folder.length <= 4096)) throw fail();
  return { protocol, client, nonce, only, folder, process: readProcess(process, fail) };
}

function readProcess(value: unknown, fail: () => ProofError): Facts['process'] {
  if (value === null) return null;
  const { pid, startedAt } = (value ?? {}) as { pid?: unknown; startedAt?: unknown };
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 0) throw fail();
  if (typeof startedAt !== 'string' || startedAt.length === 0 || startedAt.length > 64) throw fail();
  return { pid, startedAt };
}
