// Who the windows of the desktop app are: one person before one app, so a sign-in in one window is one in all, until it ends.
import type { Operator, OperatorIdentity } from '../operate/operator.ts';

export interface Windows {
  /** The holder of a window's port, asked at each call. `isOperator`: its person has proven to be the operator, or nobody has to. */
  holder(isOperator: boolean): () => OperatorIdentity | null;
  signedIn(credential: string): void;
}

export function createWindows(operator: Operator): Windows {
  let credential: string | null = null;
  return {
    holder(isOperator) {
      const own = isOperator ? operator.mintDesktop() : null;
      return () => (own === null ? null : operator.peek(own)) ?? (credential === null ? null : operator.peek(credential));
    },
    signedIn(given) {
      credential = given;
    },
  };
}

/** The tray's own line: an operator by a credential that never leaves this process. */
export function trayHolder(operator: Operator): () => OperatorIdentity | null {
  const own = operator.mintTray();
  return () => operator.check(own);
}
