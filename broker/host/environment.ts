// Which environment variables would put foreign code or foreign trust into the broker.
// bin/gatehouse.mjs holds the same list, because it runs before TypeScript can; test/bin compares the two.
import { GatehouseError } from '../../shared/errors.ts';

/** LD_AUDIT loads a library just as LD_PRELOAD does. */
const refusedNames = /^(NODE_OPTIONS|NODE_EXTRA_CA_CERTS|NODE_TLS_REJECT_UNAUTHORIZED|LD_PRELOAD|LD_AUDIT|DYLD_.*)$/i;

/** Names of the variables that make `serve` refuse to start; an empty one does nothing and passes. */
export function refusedVariables(env: Readonly<Record<string, string | undefined>>): string[] {
  return Object.keys(env)
    .filter((name) => refusedNames.test(name) && env[name] !== undefined && env[name] !== '')
    .sort();
}

/** Throws GatehouseError('refused') when there are any. */
export function checkEnvironment(env: Readonly<Record<string, string | undefined>>): void {
  const names = refusedVariables(env);
  if (names.length === 0) return;
  throw new GatehouseError(
    'refused',
    `The environment holds ${names.join(', ')}, which can put other code or other trust into the broker.`,
    `Start it with: env ${names.map((name) => `-u ${name}`).join(' ')} gatehouse serve - or, if you mean it, add --allow-env.`,
  );
}
