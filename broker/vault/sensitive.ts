// A secret value that will not print itself: it has to be asked for by name, in the one place that uses it.
import { inspect } from 'node:util';

/** Holds one secret. Every way of turning it into text gives `<redacted>`; JSON refuses, so that a leak is an error and not a blank. */
export class Sensitive {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself. Call it where the value is used, and keep the result in no field. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '<redacted>';
  }

  [Symbol.toPrimitive](): string {
    return '<redacted>';
  }

  [inspect.custom](): string {
    return '<redacted>';
  }

  toJSON(): never {
    throw new TypeError('A secret value was about to be written as JSON.');
  }
}
