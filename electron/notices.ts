// Notifications of questions, for who wants them in place of the prompt window. A click opens; a button may refuse, never allow.
import { Notification } from 'electron';
import type { Waiting } from '../broker/start.ts';

export class Notices {
  readonly #shown = new Map<string, Notification>();
  readonly #open: () => void;
  readonly #deny: (question: Waiting) => void;

  constructor(open: () => void, deny: (question: Waiting) => void) {
    this.#open = open;
    this.#deny = deny;
  }

  /** One for each question, once; it goes when its question does. */
  follow(waiting: readonly Waiting[]): void {
    for (const [id, notice] of this.#shown) {
      if (waiting.some((one) => one.id === id)) continue;
      notice.close();
      this.#shown.delete(id);
    }
    if (!Notification.isSupported()) return;
    for (const question of waiting) {
      if (this.#shown.has(question.id)) continue;
      const notice = new Notification({ title: 'Gatehouse asks', body: question.words, actions: [{ type: 'button', text: 'Deny' }] });
      notice.on('click', this.#open);
      notice.on('action', () => this.#deny(question));
      // Kept, or it would be collected and its click heard by nobody.
      this.#shown.set(question.id, notice);
      notice.show();
    }
  }
}
