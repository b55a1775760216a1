// What `install`, `uninstall` and `import` share: the broker they talk to, and a person's yes.
import type { BrokerLink } from '../clients/broker-link.ts';
import type { Errand } from './errand.ts';
import { failureOf } from './failure.ts';

/** The running broker, by the operator's credential. */
export async function brokerLink(errand: Errand): Promise<BrokerLink> {
  const { api } = await errand.operator();
  return { api, home: errand.home, told: failureOf };
}

/** A yes typed at the terminal, where a person sits at one. A script with the operator's token has decided already. */
export async function agreed(errand: Errand, question: string): Promise<boolean> {
  if (errand.json || !process.stdin.isTTY || !process.stdout.isTTY) return true;
  const terminal = await errand.terminalOrNull();
  if (terminal === null) return true;
  return /^y(?:es)?$/i.test((await terminal.askWord(`${question} [y/N] `)).trim());
}
