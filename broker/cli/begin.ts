// The command line from its arguments to its exit code. What a client launches comes first and loads nothing of the rest.
import { sortWords } from './words.ts';

/** `connect --client NAME [--server NAME]` or `hook --client NAME [--mcp URL]`; null: then the rest of the command line explains it. */
function connectWords(
  all: readonly string[],
): { word: 'connect' | 'hook'; client: string; server: string | undefined; mcp: string | undefined; home: string | undefined } | null {
  try {
    const { own, home } = sortWords(all);
    const [word] = own;
    if (word !== 'connect' && word !== 'hook') return null;
    const given: Record<string, string | undefined> = {};
    for (let at = 1; at < own.length; at++) {
      const [, name, value] = /^--(client|server|mcp)(?:=(.*))?$/s.exec(own[at] ?? '') ?? [];
      if (name === undefined || (name === 'mcp') !== (word === 'hook' && name !== 'client')) return null;
      given[name] = value ?? own[++at];
      if (!given[name]) return null;
    }
    return given.client === undefined ? null : { word, client: given.client, server: given.server, mcp: given.mcp, home };
  } catch {
    return null;
  }
}

/** Runs one command and ends this process. */
export async function begin(all: readonly string[]): Promise<void> {
  const connection = connectWords(all);
  if (connection?.word === 'hook') {
    const [{ hook }, { resolveHome }] = await Promise.all([import('./hook.ts'), import('../host/home.ts')]);
    process.exit(await hook(connection.client, resolveHome(connection.home), connection.mcp ?? null));
  }
  if (connection !== null) {
    const [{ connect }, { resolveHome }] = await Promise.all([import('./connect.ts'), import('../host/home.ts')]);
    process.exit(await connect({ ...connection, home: resolveHome(connection.home) }));
  }
  const { run } = await import('./run.ts');
  const code = await run(all);
  // Whatever still hangs on a socket or a keychain, the command is done once its words are out.
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
}
