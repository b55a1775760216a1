// Notifications of questions, for who wants them in place of the prompt window. A click opens; a button may refuse, never allow.
import { Notification } from 'electron';
import type { Waiting } from '../broker/start.ts';

/** Returns what is told of the questions that wait: one notification for each, once; it goes when its question does. */
export function makeNotices(open: () => void, deny: (question: Waiting) => void): (waiting: readonly Waiting[]) => void {
  // Kept, or they would be collected and their clicks heard by nobody.
  const shown = new Map<string, Notification>();
  return (waiting) => {
    for (const [id, notice] of shown) {
      if (waiting.some((one) => one.id === id)) continue;
      notice.close();
      shown.delete(id);
    }
    for (const question of Notification.isSupported() ? waiting : []) {
      if (shown.has(question.id)) continue;
      const notice = new Notification({ title: 'Gatehouse asks', body: question.words, actions: [{ type: 'button', text: 'Deny' }] });
      notice.on('click', open);
      notice.on('action', () => deny(question));
      shown.set(question.id, notice);
      notice.show();
    }
  };
}
