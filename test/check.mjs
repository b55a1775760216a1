// `npm run check`: types, lint and format, import rules, dead code, then all tests. Runs every part, then says which failed.
// `--house` leaves the tests out.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { node24, root } from '../bin/node24.mjs';

const node = node24();
const inModules = (...path) => join(root, 'node_modules', ...path);
const parts = [
  ['types', inModules('typescript7', 'bin', 'tsc'), '-b'],
  ['lint and format', inModules('@biomejs', 'biome', 'bin', 'biome'), 'check', '--error-on-warnings', '.'],
  ['import rules', join(root, 'test', 'architecture', 'import-rules.mjs')],
  ['dead code', inModules('knip', 'bin', 'knip.js'), '--no-progress'],
];
if (!process.argv.includes('--house')) parts.push(['tests', join(root, 'test', 'run.mjs')]);

const failed = [];
for (const [name, ...command] of parts) {
  const started = Date.now();
  console.log(`\n== ${name}`);
  const { status } = spawnSync(node, command, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  if (status !== 0) failed.push(name);
  // Nothing is printed behind the tests: their last line is the count.
  if (name !== 'tests') console.log(`== ${name}: ${status === 0 ? 'good' : 'FAILED'} (${seconds} s)`);
}
if (failed.length > 0) console.error(`Failed: ${failed.join(', ')}`);
process.exit(failed.length === 0 ? 0 : 1);
