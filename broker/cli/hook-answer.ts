// What the broker answers to a hook, read so that nothing but its plain yes is one.
import type { Readable } from 'node:stream';
import type { Verdict } from './hook-events.ts';

export interface Reply {
  id?: unknown;
  result?: unknown;
  error?: { message?: unknown };
}

/** Characters. Answers are a line or two. */
const longestAnswer = 1024 * 1024;

/** What the server that stands for a client's own tools says to a call that was let through (forward/client-tools.ts). */
const allowed = 'allowed';

export function verdictOf({ result, error }: Reply): Verdict {
  if (error) return { allow: false, reason: typeof error.message === 'string' ? error.message : 'Gatehouse did not allow it.' };
  const { isError, content } = (typeof result === 'object' && result !== null ? result : {}) as { isError?: unknown; content?: unknown };
  const parts = Array.isArray(content) ? (content as ({ type?: unknown; text?: unknown } | null)[]) : [];
  const text = parts.map((part) => (typeof part?.text === 'string' ? part.text : '')).join('\n');
  if ((isError === undefined || isError === false) && parts.length === 1 && text === allowed)
    return { allow: true, reason: 'Gatehouse allowed it.' };
  return { allow: false, reason: isError === true && text !== '' ? text : 'What Gatehouse answered is not a yes.' };
}

/** The answer to request 1, or a refusal of what came before it; a rejection when the broker goes away, takes too long or says what is no message. */
export function reply(socket: Readable, rest: Buffer, limitMs: number): Promise<Reply> {
  return new Promise((resolve, reject) => {
    let text = '';
    const late = setTimeout(() => reject(new Error('Nobody answered in time. The same call goes through once it is allowed.')), limitMs);
    const end = (finish: () => void) => {
      clearTimeout(late);
      socket.off('data', read);
      finish();
    };
    const read = (part: string) => {
      text += part;
      for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n')) {
        const message = messageIn(text.slice(0, at));
        text = text.slice(at + 1);
        if (message === null) return end(() => reject(new Error('What Gatehouse answered cannot be read, so this was not allowed.')));
        // A refusal without an id is of what could not be read as a request, and there is only ours.
        if (message.id === 1 || (message.error !== undefined && (message.id ?? 0) === 0)) return end(() => resolve(message));
      }
      if (text.length > longestAnswer) end(() => reject(new Error('What Gatehouse answered has no end, so this was not allowed.')));
    };
    socket.setEncoding('utf8');
    socket.on('data', read);
    for (const event of ['end', 'error', 'close'])
      socket.once(event, () => end(() => reject(new Error('Gatehouse stopped before it answered, so this was not allowed.'))));
    read(rest.toString('utf8'));
    socket.resume();
  });
}

function messageIn(line: string): Reply | null {
  try {
    const message: unknown = JSON.parse(line);
    return typeof message === 'object' && message !== null ? message : null;
  } catch {
    return null;
  }
}
