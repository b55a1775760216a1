// `gatehouse serve`: runs the broker without a window, until a signal ends it.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GatehouseError } from '../../shared/errors.ts';
import { checkEnvironment } from '../host/environment.ts';
import { watchLifeline } from '../host/lifeline.ts';
import { readPassphrase } from '../host/passphrase-fd.ts';
import type { Broker } from '../start.ts';
import type { Errand, Register } from './errand.ts';
import { visible } from './visible.ts';

/** How long an orderly stop may take, in milliseconds; the promise is five seconds. */
const stopMs = 4800;
const sealedFile = 'vault.sealed';
const passphraseName = 'GATEHOUSE_VAULT_PASSPHRASE';

interface ServeOptions {
  readonly port?: number;
  readonly vault?: 'keychain' | 'sealed-file';
  readonly passphraseFd?: number;
  readonly passphrasePage?: boolean;
  readonly operator: boolean;
  readonly allowEnv?: boolean;
}

export const register: Register = (root, errand) => {
  root
    .command('serve')
    .description('Runs the broker of this home without a window. It listens on 127.0.0.1 only.')
    .option('--port <n>', 'the port to listen on; 0 picks a free one, which is kept', (text) => whole('--port', text, 65_535))
    .option('--vault <kind>', 'keychain, or sealed-file where there is none', vaultKind)
    .option('--passphrase-fd <n>', "read the sealed file's passphrase from this descriptor", (text) =>
      whole('--passphrase-fd', text, 999_999),
    )
    .option('--passphrase-page', "ask for the sealed file's passphrase on a page of this computer: for a start without a terminal")
    .option('--no-operator', 'nobody answers here: what would ask is denied at once')
    .option('--allow-env', 'start although the environment holds NODE_OPTIONS, LD_PRELOAD or the like')
    .addHelpText('after', '\nExamples:\n  gatehouse serve\n  gatehouse serve --vault sealed-file --passphrase-fd 3 --json 3< passphrase')
    .action((options: ServeOptions) => serve(errand, options));
};

async function serve(errand: Errand, options: ServeOptions): Promise<void> {
  if (options.allowEnv !== true) checkEnvironment(process.env);
  cleanEnvironment(options.passphraseFd !== undefined);
  const passphrase = await passphraseFor(errand, options.vault, options.passphraseFd);
  let leave = () => process.exit(0);
  // A launcher that dies while we start leaves nothing to stop.
  watchLifeline(() => leave());
  const onPage = options.passphrasePage === true && passphrase === undefined;
  const broker = onPage ? await startOnPage(errand, options) : await startWith(errand, options, passphrase);
  // The address works once, and the page has followed it already.
  const ready = onPage ? { ...broker.ready, console: null } : broker.ready;
  errand.close();
  const told = new Promise<void>((resolve) => {
    let before = false;
    leave = (() => {
      // The second signal is impatience.
      if (before) process.exit(1);
      before = true;
      resolve();
    }) as () => never;
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => leave());
  if (errand.json) errand.say(JSON.stringify(ready));
  else errand.say(welcome(ready));
  await told;
  setTimeout(() => process.exit(1), stopMs).unref();
  await broker.stop();
}

async function startWith(errand: Errand, options: ServeOptions, passphrase: string | undefined): Promise<Broker> {
  const { start } = await import('../start.ts');
  return await start({
    home: errand.home,
    operator: options.operator,
    ...(options.port === undefined ? {} : { port: options.port }),
    ...(options.vault === undefined ? {} : { vault: options.vault }),
    ...(passphrase === undefined ? {} : { passphrase }),
    prove: () => provePresence(errand),
  });
}

/** Waits for somebody to type the passphrase on the page; that is the explicit choice of the sealed file. A wrong one is asked again. */
async function startOnPage(errand: Errand, options: ServeOptions): Promise<Broker> {
  const { askOnPage } = await import('./passphrase-page/ask.ts');
  const exists = existsSync(join(errand.home, sealedFile));
  let broker: Broker | undefined;
  const { address, done } = await askOnPage(exists, async (passphrase) => {
    try {
      broker = await startWith(errand, { ...options, vault: 'sealed-file' }, passphrase);
      return { console: broker.ready.console };
    } catch (error) {
      if (error instanceof GatehouseError && error.code === 'refused') return { fault: `${error.message} ${error.hint}` };
      throw error;
    }
  });
  if (errand.json) errand.say(JSON.stringify({ event: 'passphrase', page: address }));
  else errand.say(`${exists ? 'Open the sealed file of this home' : 'Choose a passphrase'} here: ${address}`);
  await done;
  if (!broker) throw new GatehouseError('failed', 'Nothing was started.', 'Start it again.');
  return broker;
}

/** Asks for the PIN where a person started us by hand; a broker started by a program must not wait for one. */
async function provePresence(errand: Errand): Promise<string | null> {
  if (!process.stdin.isTTY) return null;
  const terminal = await errand.terminalOrNull();
  const pin = await terminal?.askHidden('Operator PIN, to print a console address and a token (Enter: without): ');
  return pin || null;
}

/** The sealed file's passphrase, where this home has one: from the descriptor, else asked for, twice for a new file. */
export async function passphraseFor(errand: Errand, vault: string | undefined, fd: number | undefined): Promise<string | undefined> {
  if (fd !== undefined) return readPassphrase(fd);
  const given = process.env[passphraseName];
  delete process.env[passphraseName];
  if (given) return given;
  const exists = existsSync(join(errand.home, sealedFile));
  if (!(exists || vault === 'sealed-file') || vault === 'keychain' || !process.stdin.isTTY) return undefined;
  const terminal = await errand.terminalOrNull();
  if (terminal === null) return undefined;
  const text = await terminal.askHidden(exists ? "Passphrase of this home's vault: " : 'New passphrase for the vault: ');
  if (!exists && (await terminal.askHidden('The same again: ')) !== text) {
    throw new GatehouseError('usage', 'The two passphrases differ, so nothing was made.', 'Run the command again.');
  }
  return text;
}

// Started past the launcher, this process would keep the passphrase in the environment it began with: become it by way of the launcher.
function cleanEnvironment(hasFd: boolean): void {
  if (!process.env[passphraseName] || hasFd || process.execve === undefined || process.platform === 'win32') return;
  const launcher = fileURLToPath(new URL('../../bin/gatehouse.mjs', import.meta.url));
  if (existsSync(launcher)) process.execve(process.execPath, [process.execPath, launcher, ...process.argv.slice(2)], process.env);
}

interface Ready {
  readonly version: string;
  readonly pid: number;
  readonly home: string;
  readonly mcp: string;
  readonly console?: string | null | undefined;
  readonly operatorToken?: string | null | undefined;
  readonly protected: boolean;
}

function welcome(ready: Ready): string {
  const lines = [
    `Gatehouse ${ready.version} runs (process ${ready.pid}).`,
    '',
    `  home     ${visible(ready.home)}`,
    `  MCP      ${ready.mcp}`,
    ...(ready.console ? [`  console  ${ready.console}`] : []),
    ...(ready.operatorToken ? [`  token    ${ready.operatorToken}`] : []),
    '',
  ];
  if (!ready.operatorToken) lines.push('Next: "gatehouse console" opens the console; it asks for your PIN.');
  else {
    lines.push(
      ready.console
        ? 'Next: open the console address in a browser; it signs you in, once.'
        : 'Next: go on in the page where you typed; it has become the console. ("gatehouse console" opens another.)',
    );
    lines.push('For commands in another shell: export GATEHOUSE_OPERATOR_TOKEN=<the token above>. It is shown only now.');
  }
  if (!ready.protected) lines.push('This home has NO PIN: set one in the console, or with "gatehouse operator pin set".');
  lines.push('Ctrl-C stops the broker.');
  return lines.join('\n');
}

function whole(option: string, text: string, most: number): number {
  if (/^[0-9]{1,6}$/.test(text) && Number(text) <= most) return Number(text);
  throw new GatehouseError('usage', `${option} does not take "${text}".`, `Give a number from 0 to ${most}.`);
}

/** For --vault. */
export function vaultKind(text: string): 'keychain' | 'sealed-file' {
  if (text === 'keychain' || text === 'sealed-file') return text;
  throw new GatehouseError('usage', `--vault does not take "${text}".`, 'Give keychain or sealed-file.');
}
