// `npm run package`: builds everything the package holds, then lets electron-builder make the installers. Arguments go to electron-builder.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { buildBundle } from './build-bundle.mjs';
import { buildConsole } from './build-console.mjs';
import { buildExecutable } from './build-executable.mjs';
import { node24, root } from './node24.mjs';
import { writePapers } from './package-papers.mjs';

const node = node24();
if (!buildConsole(node)) process.exit(1);
console.log(`Built ${await buildExecutable()}.`);
const bundle = await buildBundle();
console.log(`Built ${bundle.path}, SHA-256 ${bundle.sha256}.`);
writePapers();
const builder = join(root, 'node_modules', 'electron-builder', 'cli.js');
const { status } = spawnSync(node, [builder, '--config', 'electron-builder.yml', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(status ?? 1);
