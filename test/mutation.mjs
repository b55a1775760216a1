// `npm run test:mutation`: breaks broker/mediate in many small ways and counts how often its unit tests notice. Not part of `npm test`.
// Arguments go to Stryker: `npm run test:mutation -- --mutate broker/mediate/flows.ts`.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../bin/node24.mjs';
import { setUp } from './setup.mjs';

const node = setUp();
const stryker = join(root, 'node_modules', '@stryker-mutator', 'core', 'bin', 'stryker.js');
const { status } = spawnSync(node, [stryker, 'run', join('test', 'stryker.json'), ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
if (status === 0) {
  const { files } = JSON.parse(readFileSync(join(root, '.cache', 'mutation.json'), 'utf8'));
  const mutants = Object.values(files).flatMap((file) => file.mutants);
  const count = (...states) => mutants.filter((mutant) => states.includes(mutant.status)).length;
  const [noticed, missed] = [count('Killed', 'Timeout'), count('Survived', 'NoCoverage')];
  console.log(
    `mutation score ${((100 * noticed) / (noticed + missed)).toFixed(1)}%: ${noticed} of ${noticed + missed} changes were noticed (goal: 85%)`,
  );
}
process.exit(status ?? 1);
