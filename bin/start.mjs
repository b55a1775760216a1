// `npm start`: the desktop app where it can run; otherwise the broker without a window, and why. Sets up what it needs by itself.
// Arguments go to `gatehouse serve`; `--headless` asks for no window.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline/promises';
import { buildConnector } from './build-connector.mjs';
import { buildConsole } from './build-console.mjs';
import { leaveOut } from './clean-environment.mjs';
import { desktop } from './desktop.mjs';
import { whyNoKeychain } from './keychain.mjs';
import { node24, root } from './node24.mjs';

const node = node24();
let args = process.argv.slice(2);
buildConsole(node);
buildConnector(node);

const found = whyHeadless() ?? desktop(node);
if (found.binary) startDesktop(found.binary);
else await startHeadless(found.reason);

/** A window cannot be asked for a passphrase yet, nor told to have no operator: what `serve` alone can do runs without a window. */
function whyHeadless() {
  if (args.includes('--headless')) {
    args = args.filter((word) => word !== '--headless');
    return { reason: 'you asked for no window' };
  }
  const option = args.find((word) => word.startsWith('--') && !word.startsWith('--home'));
  return option === undefined ? null : { reason: `${option} is for the broker without a window` };
}

function startDesktop(binary) {
  console.log('Starting the desktop app.');
  const home = args.findIndex((word) => word.startsWith('--home'));
  const folder = home === -1 ? undefined : (args[home].split('=')[1] ?? args[home + 1]);
  const child = spawn(binary, [root], { stdio: 'inherit', env: { ...process.env, ...(folder ? { GATEHOUSE_HOME: folder } : {}) } });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code) => process.exit(code ?? 1));
}

async function startHeadless(reason) {
  console.log(`Starting without a window: ${reason}.`);
  leaveOut();
  const chosen = args.some((word) => word.startsWith('--vault'));
  const missing = chosen ? null : whyNoKeychain(node);
  if (missing !== null) await offerSealedFile(missing);
  // Nothing of ours stays beside the broker: the launcher becomes it.
  process.argv.splice(2, process.argv.length, 'serve', ...args);
  await import('./gatehouse.mjs');
}

/** The sealed file is never a silent fallback: somebody chooses it, here or by its option. */
async function offerSealedFile(missing) {
  const command = 'npm start -- --vault sealed-file';
  console.log(`No keychain answers here (${missing}), and Gatehouse keeps secrets in one.`);
  console.log('A sealed file under a passphrase of yours can take its place.');
  if (process.stdin.isTTY && process.stdout.isTTY) {
    const terminal = createInterface({ input: process.stdin, output: process.stdout });
    const answer = await terminal.question('Use a sealed file? Type yes to choose it: ');
    terminal.close();
    if (answer.trim().toLowerCase() === 'yes') {
      args.push('--vault', 'sealed-file');
      return;
    }
  }
  console.log(`Either start and unlock a keychain (GNOME Keyring or KWallet) and come back, or choose the sealed file: ${command}`);
  console.log('(there its passphrase comes from GATEHOUSE_VAULT_PASSPHRASE, --passphrase-fd N or a prompt), or on the page below.');
  args.push('--vault', 'sealed-file', '--passphrase-page');
}
