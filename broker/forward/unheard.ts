// Keeps what a server says on its own until somebody listens, and then hands it on in order.
import type { Message } from '../../shared/message.ts';

const maxMessages = 1_000;
/** In UTF-16 units. */
const maxSize = 4 * 1024 * 1024;

export class Unheard {
  #held: Message[] = [];
  #size = 0;
  #ended: string | null = null;
  #onMessage: ((message: Message) => void) | null = null;
  #onExit: ((reason: string) => void) | null = null;

  /** What went wrong, in words, or null. */
  add(message: Message): string | null {
    if (this.#onMessage) {
      try {
        this.#onMessage(message);
        return null;
      } catch (error) {
        // One message must not end the broker, and with it every other server.
        return `its message ${message.method} could not be handled: ${error instanceof Error ? error.message : 'unknown'}`;
      }
    }
    if (this.#held.length >= maxMessages || this.#size + message.text.length > maxSize) {
      return `it sent more than can be kept before anybody listened; ${message.method} was dropped`;
    }
    this.#held.push(message);
    this.#size += message.text.length;
    return null;
  }

  /** There is one listener; a later one takes its place. */
  hear(onMessage: (message: Message) => void, onExit: (reason: string) => void): void {
    this.#onMessage = onMessage;
    this.#onExit = onExit;
    const held = this.#held;
    this.#held = [];
    this.#size = 0;
    for (const message of held) onMessage(message);
    if (this.#ended !== null) onExit(this.#ended);
  }

  end(reason: string): void {
    if (this.#ended !== null) return;
    this.#ended = reason;
    this.#onExit?.(reason);
  }
}
