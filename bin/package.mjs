// `npm run package`: builds everything the package holds, then lets electron-builder make the installers. Arguments go to electron-builder.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { buildConsole } from './build-console.mjs';
import { buildExecutable } from './build-executable.mjs';
import { node24, root } from './node24.mjs';
import { writePapers } from './package-papers.mjs';

const node = node24();
if (!buildConsole(node)) process.exit(1);
console.log(`Built ${await buildExecutable()}.`);
writePapers();
const builder = join(root, 'node_modules', 'electron-builder', 'cli.js');
const { status } = spawnSync(node, [builder, '--config', 'electron-builder.yml', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(status ?? 1);
