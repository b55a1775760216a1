// One run of the command line: which home, how to print, and how the person behind it proves to be the operator.
import type { Command } from 'commander';
import { GatehouseError } from '../../shared/errors.ts';
import type { Api } from './operator-link.ts';
import { renewed } from './renewed.ts';
import type { Terminal } from './terminal.ts';
import { jsonLine } from './visible.ts';

/** What each command's file exports: adds its commands to `root`. */
export type Register = (root: Command, errand: Errand) => void;

export interface Options {
  readonly home: string;
  readonly json: boolean;
  /** What stood behind `--`, untouched. */
  readonly rest: readonly string[] | null;
}

export class Errand {
  readonly home: string;
  readonly json: boolean;
  readonly rest: readonly string[] | null;
  exitCode = 0;
  #terminal: Terminal | null | undefined;

  constructor({ home, json, rest }: Options) {
    this.home = home;
    this.json = json;
    this.rest = rest;
  }

  /** Width of standard output; undefined when it is no terminal, and nothing should be cut. */
  get columns(): number | undefined {
    return process.stdout.isTTY ? process.stdout.columns || 80 : undefined;
  }

  /** Prints `value` as JSON, or what `text` makes of it. `text` has made all of it visible. */
  print(value: unknown, text: () => string): void {
    this.say(this.json ? jsonLine(value) : text());
  }

  say(line: string): void {
    process.stdout.write(`${line}\n`);
  }

  /** The broker without a credential. */
  async anyone(): Promise<Api> {
    const { operatorLink } = await import('./operator-link.ts');
    return operatorLink(this.home, null);
  }

  /** The broker with the credential of this shell, or with one that the PIN was traded for. */
  async operator(use: 'once' | 'token' = 'once'): Promise<{ api: Api; by: 'token' | 'pin' }> {
    const { operatorLink } = await import('./operator-link.ts');
    const token = process.env.GATEHOUSE_OPERATOR_TOKEN;
    if (token) return { api: operatorLink(this.home, token), by: 'token' };
    const open = operatorLink(this.home, null);
    // No broker is the better answer than no terminal; and nobody is asked for a PIN that does not exist.
    const { protected: hasPin } = await open.status();
    if (!hasPin) {
      throw new GatehouseError(
        'refused',
        'This needs the operator, and this home has no PIN that could prove who you are.',
        'Set GATEHOUSE_OPERATOR_TOKEN to the token that "gatehouse serve" printed when the home was made, then run "gatehouse operator pin set".',
      );
    }
    return { api: await this.withPin('Operator PIN: ', use), by: 'pin' };
  }

  /** Asks for the PIN at the terminal and trades it for a credential. `fresh`: keys pressed before the question do not count. */
  async withPin(question: string, use: 'once' | 'token' = 'once', fresh = false): Promise<Api> {
    const { operatorLink } = await import('./operator-link.ts');
    const open = operatorLink(this.home, null);
    const trade = async (asked: string, unheard: boolean) =>
      await open.operator.signIn({ pin: await (await this.terminal()).askHidden(asked, unheard), use });
    const first = await trade(question, fresh);
    return operatorLink(
      this.home,
      renewed(first, () => trade('The PIN counts for a minute, and it has passed. Operator PIN: ', true)),
    );
  }

  /** The person's terminal. Throws GatehouseError('refused') when this process has none. */
  async terminal(): Promise<Terminal> {
    const found = await this.terminalOrNull();
    if (found !== null) return found;
    throw new GatehouseError(
      'refused',
      'This needs the operator: there is no operator token, and no terminal to ask for the PIN.',
      'Run it at a terminal, or set GATEHOUSE_OPERATOR_TOKEN to what "gatehouse operator signin" prints.',
    );
  }

  async terminalOrNull(): Promise<Terminal | null> {
    if (this.#terminal === undefined) this.#terminal = (await import('./terminal.ts')).openTerminal();
    return this.#terminal;
  }

  close(): void {
    this.#terminal?.close();
  }
}
