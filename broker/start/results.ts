// Answers on their way back: marked before anybody reads them, so that the session is what it has read (security.md T08).
import type { Message } from '../../shared/message.ts';
import type { Caller, ServerRequest } from '../../shared/request.ts';
import { type Marks, readResult } from '../mediate/results.ts';
import type { Touched } from './touched.ts';

/** What an entry says of an answer that was read; nothing where there is nothing to say. */
export const saidOfAnswer = ({ findings, partlyRead }: Marks): Partial<Marks> => ({
  ...(findings.length > 0 ? { findings } : {}),
  ...(partlyRead ? { partlyRead } : {}),
});

export class Results {
  readonly #touched: Pick<Touched, 'wasTold'>;
  readonly #marks = new WeakMap<Message, Marks>();

  constructor(touched: Pick<Touched, 'wasTold'>) {
    this.#touched = touched;
  }

  /** The reply came, as it will be handed on. @throws when what it means for the session cannot be written down: then it is not handed on */
  came(caller: Caller, request: ServerRequest, reply: Message): void {
    if (request.capability === null || !request.mediated) return;
    const { result, error } = reply.value as { result?: unknown; error?: unknown };
    const marks = readResult(result ?? error);
    this.#marks.set(reply, marks);
    if (marks.findings.length > 0) this.#touched.wasTold(caller, request);
  }

  /** What the entry says of it. */
  of(reply: Message): Partial<Marks> {
    return saidOfAnswer(this.#marks.get(reply) ?? { findings: [] });
  }
}
