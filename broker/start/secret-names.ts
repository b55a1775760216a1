// Which stored secret a value is: its name, never the other way round.
import type { Vault } from '../vault/vault.ts';

/** For each value the name of the secret that it is, in the order of `names`; null where it is none. */
export async function secretNames(
  names: Iterable<string>,
  vault: Pick<Vault, 'get'>,
  values: readonly string[],
): Promise<(string | null)[]> {
  const known = new Map<string, string>();
  for (const name of names) {
    const value = (await vault.get(`secret:${name}`))?.reveal();
    if (value !== undefined && !known.has(value)) known.set(value, name);
  }
  return values.map((value) => known.get(value) ?? null);
}
