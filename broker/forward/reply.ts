// The reply to one request out of what a remote server answered: one JSON text, or a stream with messages before it.
import type { Message, RequestId } from '../../shared/message.ts';
import { type EventStreamEnd, readEvents, wholeBody } from './answer-body.ts';
import { type Answer, ExchangeFailed } from './exchange.ts';
import { RequestFailed } from './failures.ts';
import type { Needs } from './needs.ts';

/** The server answered with an HTTP status and no reply of its own. Where it is 401, `challenge` says what it wants. */
export class HttpRefused extends RequestFailed {
  readonly status: number;
  readonly challenge: string | null;

  constructor(server: string, status: number, challenge: string | null) {
    super(server, 'refused', refusalWords(server, status));
    this.status = status;
    this.challenge = challenge;
  }
}

function refusalWords(server: string, status: number): string {
  if (status === 401) {
    return (
      `The server ${server} wants to know who is asking (HTTP 401). Put a credential it knows into the vault and add the server ` +
      `with --secret-header 'Authorization: SECRET'. Signing in through a browser is not possible yet.`
    );
  }
  if (status === 403) return `The server ${server} does not let this credential in (HTTP 403).`;
  if (status === 429) return `The server ${server} says that it is asked too often (HTTP 429).`;
  return `The server ${server} answered with HTTP ${status} and no reply.`;
}

export interface Reading {
  readonly needs: Pick<Needs, 'memberText' | 'withMember'>;
  readonly server: string;
  readonly maxBytes: number;
  read(bytes: Buffer): Message;
  complain(problem: string): void;
  /** True when the stream shall be read no further for a moment. */
  tooMuch(): boolean;
  /** A message of the server that is no reply. */
  hear(message: Message): void;
}

const sameId = (a: RequestId | undefined, b: RequestId) => a === b;
const noReply = (server: string, why: string) => new RequestFailed(server, 'no-reply', `The server ${server} gave no reply: ${why}.`);

/** The reply, or how a stream without it ended. @throws RequestFailed, ExchangeFailed */
export async function replyIn(reading: Reading, answer: Answer, id: RequestId): Promise<Message | EventStreamEnd> {
  const { status, contentType } = answer;
  if (contentType === 'text/event-stream' && status === 200) return await replyInStream(reading, answer, id);
  if (contentType === 'application/json') {
    const message = await jsonReply(reading, answer, id, status !== 200);
    if (message) return message;
  } else answer.close();
  if (status >= 400) throw new HttpRefused(reading.server, status, answer.header('www-authenticate'));
  throw noReply(
    reading.server,
    status === 200 ? `what it sent is ${contentType === '' ? 'of no type' : contentType.slice(0, 80)}` : `HTTP ${status}`,
  );
}

/** `lenient`: an error status; what is no reply there is only the page of a proxy. */
async function jsonReply(reading: Reading, answer: Answer, id: RequestId, lenient: boolean): Promise<Message | null> {
  const body = await wholeBody(answer, reading.maxBytes);
  let message: Message;
  try {
    message = readReply(reading, body, id);
  } catch (error) {
    if (lenient) return null;
    reading.complain(`what it sent is no message: ${error instanceof Error ? error.message : 'unreadable'}`);
    throw new RequestFailed(reading.server, 'unreadable-reply', `The server ${reading.server} sent a reply that cannot be read.`);
  }
  if (message.kind === 'response' && sameId(message.id, id)) return message;
  // An error that names no request: on this exchange there is only one.
  if (message.kind === 'response' && message.failed && message.id === undefined) return withId(reading, message, id);
  if (lenient) return null;
  throw noReply(reading.server, 'what it sent is the reply to something else');
}

/** JSON-RPC lets an error have the id null where the request could not be read; on its own exchange it is known which one that was. */
function readReply({ needs, read }: Reading, body: Buffer, id: RequestId): Message {
  try {
    return read(body);
  } catch (error) {
    const text = body.toString('utf8');
    const value: unknown = JSON.parse(text);
    if ((value as { id?: unknown } | null)?.id !== null) throw error;
    return read(Buffer.from(needs.withMember(text, ['id'], JSON.stringify(id))));
  }
}

function withId({ needs, read }: Reading, message: Message, id: RequestId): Message {
  const error = needs.memberText(message.text, ['error']) ?? '{}';
  return read(Buffer.from(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},"error":${error}}`));
}

export function replyInStream(reading: Reading, answer: Answer, id: RequestId): Promise<Message | EventStreamEnd> {
  return new Promise((resolve, reject) => {
    const tooLong = () => {
      reading.complain(`an event longer than ${reading.maxBytes} bytes`);
      answer.close();
      reject(new RequestFailed(reading.server, 'unreadable-reply', `The server ${reading.server} sent something that is too long.`));
    };
    const ended = readEvents(
      answer,
      reading.maxBytes,
      ({ type, data }) => {
        if (type !== 'message' || data.length === 0) return;
        let message: Message;
        try {
          message = reading.read(data);
        } catch (error) {
          return reading.complain(`an event is no message: ${error instanceof Error ? error.message : 'unreadable'}`);
        }
        if (message.kind !== 'response') {
          if (reading.tooMuch()) slowDown(answer);
          return reading.hear(message);
        }
        if (!sameId(message.id, id) && !(message.failed && message.id === undefined)) return reading.complain('a reply to another request');
        // The reply is the last that is wanted of this stream; the server closes it, or we do.
        const reply = message.id === undefined ? withId(reading, message, id) : message;
        resolve(reply);
        setTimeout(() => answer.close(), lingerMs).unref();
      },
      tooLong,
    );
    ended.then(resolve);
  });
}

/** A server may close its stream itself after the reply, which keeps the connection for the next exchange. */
const lingerMs = 500;

export function slowDown(answer: Answer): void {
  answer.body.pause();
  setTimeout(() => answer.body.resume(), 1_000).unref();
}

/** In words, for whoever waits for a reply. */
export function asRequestFailure(server: string, error: unknown): unknown {
  if (!(error instanceof ExchangeFailed)) return error;
  return error.sent
    ? new RequestFailed(server, 'no-reply', `The server ${server} gave no reply: ${error.message}.`)
    : new RequestFailed(server, 'unreachable', `The server ${server} could not be reached: ${error.message}.`);
}
