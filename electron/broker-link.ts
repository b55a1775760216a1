// Keeps one broker process running: starts it, starts it again with back-off when it dies, stops it when told, and says which of these is so.

/** What the shell needs of a utility process. */
export interface BrokerProcess<Port> {
  postMessage(message: unknown, transfer?: Port[]): void;
  onMessage(listener: (message: unknown) => void): void;
  onExit(listener: (code: number) => void): void;
  kill(): void;
}

export type BrokerState =
  | { readonly is: 'starting' }
  | { readonly is: 'running' }
  | { readonly is: 'restarting'; readonly inMs: number; readonly code: number }
  /** It cannot run as things are, and said why; nothing is tried until `retry`. */
  | { readonly is: 'failed'; readonly message: string; readonly hint: string }
  | { readonly is: 'stopped' };

export interface Clock {
  now(): number;
  later(ms: number, job: () => void): { cancel(): void };
}

export const wallClock: Clock = {
  now: () => performance.now(),
  later: (ms, job) => {
    const timer = setTimeout(job, ms);
    return { cancel: () => clearTimeout(timer) };
  },
};

const shortest = 250;
const longest = 30_000;
/** A broker that ran this long was sound: the next back-off begins anew. */
const sound = 60_000;
/** The broker ends its children and leaves within 5 s; a little more, then it is ended. */
const patience = 6_000;

export class BrokerLink<Port> {
  state: BrokerState = { is: 'stopped' };
  readonly #fork: () => BrokerProcess<Port>;
  readonly #onState: (state: BrokerState) => void;
  readonly #clock: Clock;
  #process: BrokerProcess<Port> | null = null;
  #startedAt = 0;
  #wait = shortest;
  #timer: { cancel(): void } | null = null;
  #stopping: (() => void) | null = null;
  /** Hears what a running broker says of itself, for the tray. */
  onFace: (face: unknown) => void = () => {};

  constructor(fork: () => BrokerProcess<Port>, onState: (state: BrokerState) => void, clock: Clock = wallClock) {
    this.#fork = fork;
    this.#onState = onState;
    this.#clock = clock;
  }

  start(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#startedAt = this.#clock.now();
    this.#say({ is: 'starting' });
    const process = this.#fork();
    this.#process = process;
    process.onMessage((message) => this.#heard(process, message));
    process.onExit((code) => this.#ended(process, code));
  }

  /** Tries again at once after `failed`, with a fresh back-off. */
  retry(): void {
    if (this.state.is !== 'failed') return;
    this.#wait = shortest;
    this.start();
  }

  /** Hands one end of a channel to the broker; false when no broker is running to take it. */
  attach(port: Port): boolean {
    if (this.state.is !== 'running' || this.#process === null) return false;
    this.#process.postMessage({ type: 'console' }, [port]);
    return true;
  }

  /** Something the tray asks for; lost when no broker runs, and then nothing passes anyway. */
  act(act: object): void {
    if (this.state.is === 'running') this.#process?.postMessage({ type: 'act', act });
  }

  /** Asks the broker to leave and resolves when it is gone; after 6 s it is ended. */
  stop(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = null;
    const process = this.#process;
    if (process === null) {
      this.#say({ is: 'stopped' });
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const limit = this.#clock.later(patience, () => process.kill());
      this.#stopping = () => {
        limit.cancel();
        resolve();
      };
      process.postMessage({ type: 'stop' });
    });
  }

  #heard(process: BrokerProcess<Port>, message: unknown): void {
    if (process !== this.#process || typeof message !== 'object' || message === null) return;
    const { type, message: what, hint, face } = message as Record<string, unknown>;
    if (type === 'ready') this.#say({ is: 'running' });
    if (type === 'face') this.onFace(face);
    if (type === 'failed') this.#say({ is: 'failed', message: String(what), hint: String(hint) });
  }

  #ended(process: BrokerProcess<Port>, code: number): void {
    if (process !== this.#process) return;
    this.#process = null;
    if (this.#stopping !== null) {
      this.#say({ is: 'stopped' });
      this.#stopping();
      this.#stopping = null;
      return;
    }
    if (this.state.is === 'failed') return;
    if (this.#clock.now() - this.#startedAt >= sound) this.#wait = shortest;
    const inMs = this.#wait;
    this.#wait = Math.min(inMs * 2, longest);
    this.#timer = this.#clock.later(inMs, () => this.start());
    this.#say({ is: 'restarting', inMs, code });
  }

  #say(state: BrokerState): void {
    this.state = state;
    this.#onState(state);
  }
}
