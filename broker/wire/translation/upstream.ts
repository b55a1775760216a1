// A running server as the translation sees it, on both of its sides; what forward/ hands out has this shape.
import type { Era, Message, RequestId } from '../../../shared/message.ts';

export interface RequestOptions {
  /** Messages of the server that belong to this very request; never called where its transport does not tell. */
  onMessage?(message: Message): void;
  /** Aborted: nobody waits for the reply any more. */
  readonly signal?: AbortSignal;
}

export interface Upstream {
  readonly server: string;
  readonly era: Era;
  readonly openingText: string;
  readonly pid: number | null;
  readonly inFlight: number;
  request(text: string, id: RequestId, options?: RequestOptions): Promise<Message>;
  notify(text: string): void;
  ask(method: string, paramsText?: string, limitMs?: number | null): Promise<Message>;
  listen(onMessage: (message: Message) => void, onExit: (reason: string) => void): void;
}
