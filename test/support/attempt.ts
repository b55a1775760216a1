// A tool call whose end is looked at later, and waiting for what comes about by itself.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { textOf } from './sdk-client.ts';

export interface Attempt {
  readonly name: string;
  /** `refused`: a result that is an error; `failed`: a JSON-RPC error, or a connection that broke. */
  result: 'open' | 'answered' | 'refused' | 'failed';
  words: string;
  /** JSON-RPC error code, where it failed with one. */
  code: number | undefined;
  /** Never rejects. */
  readonly done: Promise<void>;
}

export function attempt(client: Client, name: string, input: Record<string, unknown> = {}): Attempt {
  const tried = { name, result: 'open' as Attempt['result'], words: '', code: undefined as number | undefined };
  const done = client.callTool({ name, arguments: input }).then(
    (result) => {
      tried.result = result.isError ? 'refused' : 'answered';
      tried.words = textOf(result);
    },
    (error: Error & { code?: number }) => {
      tried.result = 'failed';
      tried.words = error.message;
      tried.code = error.code;
    },
  );
  return Object.assign(tried, { done });
}

/** @throws after 15 s, with `what` */
export async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
  for (const end = Date.now() + 15_000; Date.now() < end; await sleep(25)) if (await holds()) return;
  throw new Error(`it never came to this: ${what}`);
}
