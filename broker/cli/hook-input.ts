// What a client writes to its hook, read once and strictly: what two programs could read as two things is nothing that a person could allow.
import { Ambiguous, refuseAmbiguous } from '../wire/scan.ts';

export type HookEvent = Readonly<Record<string, unknown>>;

/** Why an event cannot be read, for a model to read. */
export class Unreadable extends Error {}

/** Bytes. More than any question the broker takes, with room for a long answer in a report. */
export const longestEvent = 32 * 1024 * 1024;
const deepest = 100;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The bytes, to their end; null where there are too many. What is too much is still read, so that the client does not wait to write it. */
export async function inputBytes(from: AsyncIterable<Buffer>): Promise<Buffer | null> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of from) {
    size += part.length;
    if (size <= longestEvent) parts.push(part);
    else parts.length = 0;
  }
  return size <= longestEvent ? Buffer.concat(parts) : null;
}

/** @throws Unreadable */
export function readEvent(bytes: Buffer | null): HookEvent {
  if (bytes === null) throw new Unreadable(`What the client said to its hook is longer than ${longestEvent} bytes.`);
  const event = strictJson(decoded(bytes));
  if (typeof event !== 'object' || event === null || Array.isArray(event))
    throw new Unreadable('What the client said to its hook is not an object of JSON.');
  return event as HookEvent;
}

/** Arguments that come as JSON in a string. @throws Unreadable for JSON that could be read in two ways; SyntaxError for what is no JSON */
export function jsonOf(text: string): unknown {
  const value: unknown = JSON.parse(text);
  unambiguous(text);
  return value;
}

function decoded(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new Unreadable('What the client said to its hook is not UTF-8.');
  }
}

function strictJson(text: string): unknown {
  try {
    return jsonOf(text);
  } catch (thrown) {
    if (thrown instanceof Unreadable) throw thrown;
    throw new Unreadable('What the client said to its hook is not JSON.');
  }
}

function unambiguous(text: string): void {
  try {
    refuseAmbiguous(text, deepest);
  } catch (thrown) {
    if (!(thrown instanceof Ambiguous)) throw thrown;
    throw new Unreadable(`What the client said to its hook can be read in two ways: ${thrown.message}.`);
  }
}
