// `npm run demo`: a broker in a temporary home, two real servers, and a scripted agent that asks for five things of rising risk.
// The person answers in the console or here; `--auto` answers by itself and ends with a summary. Needs `npm ci`; sets up the rest itself.
import { buildConnector } from './build-connector.mjs';
import { buildConsole } from './build-console.mjs';
import { node24 } from './node24.mjs';

const node = node24();
buildConsole(node);
buildConnector(node);
if (Number(process.versions.node.split('.')[0]) >= 24) await import('./demo/run.ts');
else {
  // Started past npm, by an older Node: the project's own runs the sources as they are.
  const { spawnSync } = await import('node:child_process');
  const { fileURLToPath } = await import('node:url');
  const done = spawnSync(node, [fileURLToPath(new URL('./demo/run.ts', import.meta.url)), ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exit(done.status ?? 1);
}
