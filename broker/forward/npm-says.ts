// What npm says is in exactly one version of a package: the integrity that it will hold the download to. Asked before a person is shown it.
import { mkdirSync } from 'node:fs';
import { GatehouseError } from '../../shared/errors.ts';
import { type Npm, runNpm } from './npm.ts';

const limitMs = 30_000;
/** One hash that nobody can make other contents for. */
const strong = /^sha(?:512|384|256)-[A-Za-z0-9+/]+={0,2}$/;

/**
 * @param folder an empty one of ours
 * @throws GatehouseError refused where npm has no such version, or no integrity for it; unavailable where it cannot be asked
 */
export async function integrityInNpm(npm: Npm, folder: string, name: string, version: string): Promise<string> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const words = ['view', `${name}@${version}`, 'name', 'version', 'dist.integrity', '--json', '--fetch-retries=0', `--prefix=${folder}`];
  const { ok, stdout, code } = await runNpm(npm, words, folder, limitMs);
  if (code === 'E404')
    throw new GatehouseError(
      'refused',
      `npm has no ${name} ${version}.`,
      'Choose another version, or another way of it. Nothing was added.',
    );
  if (!ok)
    throw new GatehouseError(
      'unavailable',
      `npm could not be asked what is in ${name} ${version} (${code}).`,
      'Look at it again when npm answers.',
    );
  const said = parsed(stdout);
  const integrity = said?.['dist.integrity'];
  if (said?.name !== name || said.version !== version || typeof integrity !== 'string' || !strong.test(integrity))
    throw new GatehouseError(
      'refused',
      `npm has no integrity for ${name} ${version}, so nobody can say what would run.`,
      'Choose another version, or add it by hand.',
    );
  return integrity;
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? (value as Record<string, unknown> | null) : null;
  } catch {
    return null;
  }
}
