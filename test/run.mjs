// `npm test`: sets up, runs every test under Node 24, and ends with one line that counts them.
// `--long` (npm run test:long) makes tests take their large counts; other arguments go to vitest.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isBuilt } from '../bin/build-executable.mjs';
import { root } from '../bin/node24.mjs';
import { setUp } from './setup.mjs';

const long = process.argv.includes('--long');
const rest = process.argv.slice(2).filter((word) => word !== '--long');
const tallyFile = join(root, '.cache', `tally-${process.pid}.json`);

mkdirSync(join(root, '.cache'), { recursive: true });
const node = setUp();
// Before the first test: several files install or start it, and none may meet half of it.
if (long && !isBuilt())
  spawnSync(node, [join(root, 'bin', 'build-executable.mjs')], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const { status } = spawnSync(node, [vitest, 'run', ...rest], {
  cwd: root,
  stdio: ['ignore', 'inherit', 'inherit'],
  env: { ...process.env, GATEHOUSE_TALLY: tallyFile, ...(long ? { GATEHOUSE_LONG: '1' } : {}) },
});

const tally = existsSync(tallyFile) ? JSON.parse(readFileSync(tallyFile, 'utf8')) : { passed: 0, failed: 0, skipped: [], trouble: [] };
rmSync(tallyFile, { force: true });
for (const line of tally.trouble) console.log(`failed outside a test: ${line}`);
for (const { name, reason } of tally.skipped) console.log(`skipped: ${name}: ${reason}`);
// A file that does not load and a fault outside every test are failures too, though no test carries them.
let failed = tally.failed + tally.trouble.length;
if (status !== 0 && failed === 0) {
  console.log(`vitest left with ${status ?? 'a signal'} though no test failed.`);
  failed = 1;
}
if (tally.passed + failed === 0) {
  console.log('No test ran: that counts as a failure.');
  failed = 1;
}
console.log(`${tally.passed} passed, ${failed} failed${tally.skipped.length > 0 ? `, ${tally.skipped.length} skipped` : ''}`);
process.exit(failed === 0 ? 0 : 1);
