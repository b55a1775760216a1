// Reads what a remote server answered: one JSON text, or an event stream, with limits on bytes and on silence.

import { EventReader, type ServerEvent } from './event-reader.ts';
import { type Answer, ExchangeFailed } from './exchange.ts';

/** A body that has begun must go on. */
const silentMs = 60_000;

/** The whole body. @throws ExchangeFailed when it is too long, stops, or breaks off */
export async function wholeBody(answer: Answer, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  let problem = 'its answer broke off';
  const silence = setTimeout(() => {
    problem = 'its answer stopped in the middle';
    answer.close();
  }, silentMs);
  try {
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      silence.refresh();
      size += chunk.length;
      if (size > maxBytes) {
        problem = `its answer is longer than ${maxBytes} bytes`;
        throw new Error(problem);
      }
      chunks.push(chunk);
    }
    if (!answer.body.complete) throw new Error(problem);
    return Buffer.concat(chunks);
  } catch {
    throw new ExchangeFailed(problem, true);
  } finally {
    clearTimeout(silence);
    answer.close();
  }
}

export interface EventStreamEnd {
  readonly lastId: string | null;
  readonly retryMs: number | null;
}

/** Resolves when the stream ends, however it ends: a stream may always break off. */
export function readEvents(
  answer: Answer,
  maxBytes: number,
  onEvent: (event: ServerEvent) => void,
  onTooLong: () => void,
): Promise<EventStreamEnd> {
  const reader = new EventReader(maxBytes, onEvent, onTooLong);
  return new Promise((resolve) => {
    const { body } = answer;
    body.on('data', (chunk: Buffer) => reader.push(chunk));
    body.on('close', () => resolve({ lastId: reader.lastId, retryMs: reader.retryMs }));
  });
}
