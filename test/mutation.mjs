// `npm run test:mutation`: breaks broker/mediate in many small ways and counts how often its unit tests notice. Not part of `npm test`.
// Arguments go to Stryker: `npm run test:mutation -- --mutate broker/mediate/flows.ts`. It ends with 1 below the goal.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { node24, root } from '../bin/node24.mjs';

/** Per cent of the changes that must be noticed. */
const goal = 85;
const report = join(root, '.cache', 'mutation.json');
const stryker = join(root, 'node_modules', '@stryker-mutator', 'core', 'bin', 'stryker.js');

rmSync(report, { force: true });
const { status } = spawnSync(node24(), [stryker, 'run', join('test', 'stryker.json'), ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
if (status !== 0) process.exit(status ?? 1);

const { files } = JSON.parse(readFileSync(report, 'utf8'));
const score = (mutants) => {
  const count = (...states) => mutants.filter((mutant) => states.includes(mutant.status)).length;
  const noticed = count('Killed', 'Timeout');
  // What nothing reaches was not noticed, and neither was what broke the run itself.
  const of = noticed + count('Survived', 'NoCoverage', 'RuntimeError', 'CompileError', 'Pending');
  return { noticed, of, percent: of === 0 ? 0 : (100 * noticed) / of };
};
const line = (name, { noticed, of, percent }) => `${percent.toFixed(1).padStart(5)}%  ${`${noticed} of ${of}`.padStart(12)}  ${name}`;
const mutated = Object.entries(files).filter(([, { mutants }]) => mutants.length > 0);
for (const [name, { mutants }] of mutated.sort(([a], [b]) => (a < b ? -1 : 1))) console.log(line(name, score(mutants)));
const whole = score(mutated.flatMap(([, { mutants }]) => mutants));
console.log(`mutation score ${whole.percent.toFixed(1)}%: ${whole.noticed} of ${whole.of} changes were noticed (goal: ${goal}%)`);
process.exit(whole.percent >= goal ? 0 : 1);
