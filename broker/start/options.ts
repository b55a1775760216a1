// What start() takes and gives back: the whole of what a shell or a command may know of the broker.
import type { SupportedMessagePort } from '@orpc/client/message-port';
import type { VaultKind } from '../vault/vault.ts';
import type { DesktopLine } from './desktop.ts';

export interface StartOptions {
  /** Home folder. */
  readonly home: string;
  /** 0 or absent: the port of last time, else a free one. */
  readonly port?: number;
  readonly vault?: VaultKind;
  readonly passphrase?: string;
  /** False: nobody answers, every ask is a deny at once. */
  readonly operator: boolean;
  /** Asks the operator for the PIN at a terminal; null where there is none. */
  readonly prove: () => Promise<string | null>;
  /** Called before storage, vault, spawn and network; a test makes it throw. */
  readonly faults?: { check(point: string): void };
  readonly clock?: () => number;
  /** Faults nobody made for a person. */
  readonly report?: (error: unknown) => void;
}

/** What `serve --json` prints. Both secrets are null unless the starter proved to be the operator. */
export interface Ready {
  readonly event: 'ready';
  readonly version: string;
  readonly pid: number;
  readonly home: string;
  readonly mcp: string;
  readonly console: string | null;
  readonly operatorToken: string | null;
  readonly protected: boolean;
  readonly locked: string | null;
}

export interface Broker {
  readonly ready: Ready;
  /** Serves the operator's contract over a message port of the desktop window; `operator` when its person has proven to be one. */
  attach(port: SupportedMessagePort, operator: boolean): void;
  /** The shell's own line: what its tray shows and may do. One for a broker. */
  desktop(): DesktopLine;
  /** Denies what waits, records outcomes, ends every server. At most 5 s. */
  stop(): Promise<void>;
}
