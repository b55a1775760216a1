// `${secret:NAME}` inside an argument or a value: stands for a secret until the program is started.

const reference = /\$\{secret:([A-Za-z0-9][A-Za-z0-9._-]{0,63})\}/g;

export const referenceTo = (name: string): string => `\${secret:${name}}`;

/** Names that texts refer to, each once. */
export function referencesIn(texts: readonly string[]): string[] {
  return [...new Set(texts.flatMap((text) => [...text.matchAll(reference)].map(([, name = '']) => name)))];
}

/** `text` with each reference replaced by what `value` gives for its name. */
export function withSecrets(text: string, value: (name: string) => string): string {
  return text.replace(reference, (_, name: string) => value(name));
}

/** Every secret a server is given: whole variables, and references in its arguments and variables. */
export function secretsOf(server: {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly secretEnv: Readonly<Record<string, string>>;
}): string[] {
  return [...new Set([...Object.values(server.secretEnv), ...referencesIn([...server.args, ...Object.values(server.env)])])];
}
