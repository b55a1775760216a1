// `npm run dev`: the console with hot reload from vite, and the broker started again whenever its sources change, on a home of its own.
// The home under .cache/ is for nothing else: its passphrase stands here. Remove .cache/dev-* to begin anew.
import { spawn } from 'node:child_process';
import { rmSync, watch } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { leaveOut } from './clean-environment.mjs';
import { node24, root } from './node24.mjs';

const node = node24();
if (node !== process.execPath) {
  // Vite and the SDK want a newer Node than 20.
  const again = spawn(node, process.argv.slice(1), { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => again.kill(signal));
  again.on('exit', (code) => process.exit(code ?? 1));
} else await develop();

async function develop() {
  leaveOut();
  const home = join(root, '.cache', 'dev-home');
  let broker = null;
  let client = null;
  let vite = null;
  let page = null;
  let leaving = false;

  async function startBroker() {
    broker = spawn(node, [join(root, 'bin', 'gatehouse.mjs'), 'serve', '--home', home, '--vault', 'sealed-file', '--json'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, GATEHOUSE_VAULT_PASSPHRASE: 'for development only' },
    });
    const own = broker;
    own.on('exit', (code) => {
      if (own === broker && !leaving) console.log(`The broker left with ${code}. It starts again when a source changes.`);
    });
    for await (const line of createInterface({ input: own.stdout })) {
      const ready = parse(line);
      if (ready?.event === 'ready') return ready;
    }
    return null;
  }

  async function come() {
    const ready = await startBroker();
    if (ready === null) return;
    const target = new URL(ready.mcp).origin;
    vite ??= await serveConsole(target);
    page = `${vite.resolvedUrls.local[0]}${new URL(ready.console).hash}`;
    console.log(
      `\nConsole, signed in, once: ${page}\nBroker: ${target}  token for the command line: ${ready.operatorToken}\nHome: ${home}\n`,
    );
    const { seed } = await import('./dev-seed.mjs');
    client = await seed(home, node, ready.operatorToken).catch((error) => {
      console.log(`The home could not be filled: ${error.message}`);
      return null;
    });
  }

  async function go() {
    await client?.end();
    client = null;
    const old = broker;
    broker = null;
    if (old === null || old.exitCode !== null) return;
    const ended = new Promise((resolve) => old.on('exit', resolve));
    old.kill('SIGTERM');
    await ended;
  }

  let timer = null;
  let turn = Promise.resolve();
  const changed = (_event, name) => {
    if (!/\.(ts|sql)$/.test(name ?? '')) return;
    clearTimeout(timer);
    // Editors write more than once; the last write counts.
    timer = setTimeout(() => {
      console.log(`${name} changed: the broker starts again.`);
      turn = turn
        .then(go)
        .then(come)
        .catch((error) => console.error(error));
    }, 200);
  };
  for (const folder of ['broker', 'shared']) watch(join(root, folder), { recursive: true }, changed);
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, async () => {
      leaving = true;
      await go();
      await vite?.close();
      process.exit(0);
    });
  }
  if (process.argv.includes('--fresh'))
    for (const name of ['dev-home', 'dev-client.json', 'dev-files']) rmSync(join(root, '.cache', name), { recursive: true, force: true });
  await come();
  if (vite === null) process.exit(1);
}

function parse(line) {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

/**
 * The broker answers only to its own address. Vite's server stands before it here and asks in its own name, so Host and Origin are
 * the broker's: in development this opens the broker's API to whatever reaches vite's port, with the same credentials as ever.
 */
async function serveConsole(target) {
  const { createServer } = await import('vite');
  const proxied = { target, changeOrigin: true, headers: { origin: target } };
  const server = await createServer({
    configFile: join(root, 'vite.config.ts'),
    server: { host: '127.0.0.1', port: 5173, proxy: { '/api': proxied, '/mcp': proxied } },
  });
  await server.listen();
  return server;
}
