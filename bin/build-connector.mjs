// Builds the connector into one file, dist/connector/connect.mjs, when its sources are newer: what clients launch, often twice, starts in
// half the time. The rest of the command line stays where it is and is loaded from there when something else than `connect` is asked for.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './node24.mjs';

const built = join(root, 'dist', 'connector', 'connect.mjs');
const self = fileURLToPath(import.meta.url);
// broker/start/connector-command.ts asks the same before it hands the file to clients.
const sources = [...['broker/cli', 'broker/clients', 'broker/host', 'broker/identify', 'shared'].map((folder) => join(root, folder)), self];

function newest(path) {
  const stat = statSync(path);
  return stat.isDirectory() ? Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name)))) : stat.mtimeMs;
}

/** True when dist/connector is there afterwards. Without it the connector runs from its sources. */
export function buildConnector(node) {
  if (existsSync(built) && statSync(built).mtimeMs > Math.max(...sources.map(newest))) return true;
  const { status } = spawnSync(node, [self], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) console.error('The connector could not be built into one file; it runs from its sources, more slowly.');
  return status === 0;
}

if (process.argv[1] === self) {
  const { build } = await import('vite');
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    plugins: [
      {
        name: 'the rest of the command line',
        enforce: 'pre',
        resolveId: (id) => (id === './run.ts' ? { id: '../../broker/cli/run.ts', external: true } : null),
      },
    ],
    build: {
      ssr: 'broker/cli/main.ts',
      outDir: 'dist/connector',
      minify: true,
      target: 'node24',
      rolldownOptions: { output: { entryFileNames: 'connect.mjs', codeSplitting: false } },
    },
  });
}
