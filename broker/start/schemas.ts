// Accepted schemas as requests are held against them, each read once.
import type { ServerRequest } from '../../shared/request.ts';
import { closesAnything, type UnknownArgument, unknownArgument } from '../mediate/closed-schema.ts';
import type { DefinitionRow } from '../store/rows.ts';

export class Schemas {
  readonly #definition: (server: string, capability: string) => DefinitionRow | undefined;
  /** Null for one that closes nothing. */
  readonly #read = new WeakMap<DefinitionRow, { readonly schema: unknown } | null>();

  constructor(definition: (server: string, capability: string) => DefinitionRow | undefined) {
    this.#definition = definition;
  }

  /** An argument of this tool call that its accepted schema rules out. */
  unknown({ server, capability, argumentsText }: ServerRequest): UnknownArgument | null {
    if (!capability?.startsWith('tool:')) return null;
    const row = this.#definition(server, capability);
    if (!row) return null;
    const known = this.#read.get(row);
    const read = known === undefined ? schemaOf(row.text) : known;
    if (known === undefined) this.#read.set(row, read);
    return read === null ? null : unknownArgument(read.schema, JSON.parse(argumentsText));
  }
}

function schemaOf(definition: string): { readonly schema: unknown } | null {
  if (!closesAnything(definition)) return null;
  return { schema: (JSON.parse(definition) as { inputSchema?: unknown }).inputSchema };
}
