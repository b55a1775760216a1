// The small window in which questions wait: it comes up without taking the focus, on the screen where the person is, and flashes once.
import { app, screen } from 'electron';
import type { Waiting } from '../broker/start.ts';
import type { Page } from './page.ts';
import { promptCorner } from './window.ts';

const flashMs = 1200;

export class PromptWindow {
  readonly #open: () => Page;
  #page: Page | null = null;
  #painted = false;
  #waiting: readonly string[] = [];
  #aside = new Set<string>();

  constructor(open: () => Page) {
    this.#open = open;
  }

  /** Comes up for a question that was not put aside, unless `hold`; goes when none is left. */
  follow(waiting: readonly Waiting[], hold: boolean): void {
    this.#waiting = waiting.map(({ id }) => id);
    this.#aside = new Set(this.#waiting.filter((id) => this.#aside.has(id)));
    if (waiting.length === this.#aside.size) this.#page?.window.hide();
    else if (!hold) this.#show(false);
  }

  /** A click asked for it: every question, and with the focus. */
  bringUp(): void {
    this.#aside.clear();
    this.#show(true);
  }

  again(): void {
    this.#page?.again();
  }

  #show(focus: boolean): void {
    if (this.#page === null) {
      this.#page = this.#open();
      const { window } = this.#page;
      // Closing it answers nothing: what waits goes on waiting, counted in the tray.
      window.on('close', () => {
        this.#aside = new Set(this.#waiting);
      });
      window.on('focus', () => window.flashFrame(false));
      window.on('closed', () => {
        this.#page = null;
        this.#painted = false;
      });
      window.once('ready-to-show', () => {
        this.#painted = true;
        this.#appear(focus);
      });
    } else if (this.#painted) this.#appear(focus);
  }

  #appear(focus: boolean): void {
    const window = this.#page?.window;
    if (window === undefined || (this.#aside.size === this.#waiting.length && !focus)) return;
    if (!window.isVisible()) {
      // Nobody moves a window that is in view: what is under the pointer stays there.
      window.setBounds(promptCorner(screen.getDisplayNearestPoint(screen.getCursorScreenPoint()).workArea));
      if (focus) window.show();
      else {
        window.showInactive();
        if (process.platform === 'darwin') app.dock?.bounce('informational');
        else window.flashFrame(true);
        setTimeout(() => window.isDestroyed() || window.flashFrame(false), flashMs);
      }
    }
    if (focus) window.focus();
  }
}
