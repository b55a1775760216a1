// Reports what a server does wrong on the wire, but not more often than a log can bear.

const windowMs = 60_000;
const perWindow = 5;

export class Complaints {
  readonly #now: () => number;
  readonly #report: (problem: string, unreported: number) => void;
  #since = Number.NEGATIVE_INFINITY;
  #reported = 0;
  #unreported = 0;

  constructor(now: () => number, report: (problem: string, unreported: number) => void) {
    this.#now = now;
    this.#report = report;
  }

  add(problem: string): void {
    const now = this.#now();
    if (now - this.#since >= windowMs) {
      this.#since = now;
      this.#reported = 0;
    }
    if (this.#reported >= perWindow) {
      this.#unreported += 1;
      return;
    }
    this.#reported += 1;
    const unreported = this.#unreported;
    this.#unreported = 0;
    this.#report(problem, unreported);
  }
}
