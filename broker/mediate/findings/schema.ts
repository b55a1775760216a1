// What a tool's schema asks for that its work does not need, and what makes it unreadable (security.md T02, T09).

export interface SchemaFinding {
  readonly rule: 'asks-context' | 'asks-secret' | 'outside-reference';
  readonly place: string;
  readonly value: string;
}

type Schema = Readonly<Record<string, unknown>>;
const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null && !Array.isArray(value);

/** `apiKey` -> `api_key`, so that one pattern reads every habit of naming. */
const snake = (name: string) =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toLowerCase();

/** What a model knows and a tool has no business with. */
const context =
  /(?:^|_)(?:(?:conversation|chat|message|dialog(?:ue)?|interaction)_(?:history|log|transcript|so_far|context|summary)|(?:full|entire|whole|previous|prior|complete|all)_(?:conversation|context|messages|prompts?|chat|tool_results)|system_prompt|(?:original|initial|user)_(?:prompt|instructions)|chain_of_thought|side_?notes?|scratchpad|available_tools|tool_list|other_tools|(?:tool|function)_(?:results|outputs|history)|model_(?:name|id|version)|agent_(?:memory|context|instructions)|memory_dump)(?:_|$)/;
const secret =
  /(?:^|_)(?:api_key|apikey|secret|secret_key|private_key|ssh_key|password|passwd|passphrase|access_token|auth_token|bearer_token|refresh_token|credentials?|session_cookie|seed_phrase|mnemonic|cvv|card_number|credit_card|ssn)(?:_|$)/;
/** A tool that is about signing in may ask for what one signs in with. */
const aboutSecrets = /auth|log ?-?_?in|sign ?-?_?in|password|credential|secret|token|connect|user|account|vault|key/i;

/** Lints the input schema of a tool; `name` says what it is for; what it says further is its claim. */
export function lintSchema(name: string, schema: unknown): SchemaFinding[] {
  const found: SchemaFinding[] = [];
  const about = snake(name);
  const visit = (at: unknown, place: string, depth: number): void => {
    if (depth > 24) return;
    if (Array.isArray(at)) for (const item of at) visit(item, place, depth + 1);
    if (!isSchema(at)) return;
    for (const key of ['$ref', '$dynamicRef', '$recursiveRef']) {
      const target = at[key];
      if (typeof target === 'string' && !target.startsWith('#')) found.push({ rule: 'outside-reference', place, value: target });
    }
    for (const [key, member] of Object.entries(at)) {
      if (key === 'properties' && isSchema(member)) {
        for (const [property, value] of Object.entries(member)) {
          const plain = snake(property);
          const inside = place === '' ? property : `${place}.${property}`;
          const subject = plain.split('_').some((word) => word.length > 3 && about.includes(word));
          if (context.test(plain) && !subject) found.push({ rule: 'asks-context', place: inside, value: property });
          else if (secret.test(plain) && !aboutSecrets.test(name)) found.push({ rule: 'asks-secret', place: inside, value: property });
          visit(value, inside, depth + 1);
        }
      } else if (!['default', 'const', 'enum', 'examples'].includes(key)) visit(member, place, depth + 1);
    }
  };
  visit(schema, '', 0);
  return found;
}
