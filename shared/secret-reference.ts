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

interface Given {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly secretEnv: Readonly<Record<string, string>>;
  readonly remote?: RemoteGiven | null | undefined;
}

interface RemoteGiven {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly secretHeaders: Readonly<Record<string, string>>;
  readonly clientCert: string | null;
}

/** Every secret a server is given: whole variables and headers, a certificate, and references in arguments, variables, headers and address. */
export function secretsOf({ args, env, secretEnv, remote }: Given): string[] {
  const whole = [...Object.values(secretEnv), ...(remote ? remoteSecretsOf(remote) : [])];
  return [...new Set([...whole, ...referencesIn([...args, ...Object.values(env)])])];
}

export function remoteSecretsOf({ url, headers, secretHeaders, clientCert }: RemoteGiven): string[] {
  const whole = [...Object.values(secretHeaders), ...(clientCert === null ? [] : [clientCert])];
  return [...new Set([...whole, ...referencesIn([url, ...Object.values(headers)])])];
}
