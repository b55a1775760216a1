// `gatehouse doctor`: checks this computer and this home, and says how to mend what is wrong. Needs no broker; with --scan it reads the clients' files too.
import { existsSync, lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { ClientScan } from '../../shared/setup-contract.ts';
import type { Status } from '../../shared/vocabulary.ts';
import { keptHeads } from '../clients/kept-heads.ts';
import { checkTree } from '../host/home.ts';
import type { Errand, Register } from './errand.ts';
import { failureOf } from './failure.ts';
import { visible } from './visible.ts';

interface Check {
  readonly name: string;
  readonly state: 'ok' | 'warning' | 'failed';
  readonly says: string;
  /** What to do; null when nothing has to be done. */
  readonly mend: string | null;
}

/** How long the keychain may take, in milliseconds: a locked one asks a person. */
const keychainMs = 5000;

export const register: Register = (root, errand) => {
  root
    .command('doctor')
    .description('Checks this computer and this home. Exit code 1 when something failed.')
    .option('--scan', 'also look through the files of AI clients: which servers go past Gatehouse, and what leaks')
    .option('--restore', 'put the files of every client back as they were before "install", also while no broker runs')
    .option('--bundle <file>', 'what a maintainer needs to help, redacted: shown whole, then saved')
    .addHelpText(
      'after',
      '\nExamples:\n  gatehouse doctor\n  gatehouse doctor --bundle gatehouse.json\n  gatehouse doctor --scan --json | jq .scan.leaks',
    )
    .action(async (options: { scan?: boolean; restore?: boolean; bundle?: string }) => {
      if (options.restore === true) return await (await import('./uninstall.ts')).uninstall(errand, null, {});
      const running = await brokerStatus(errand);
      const sealed = running.status === null ? existsSync(join(errand.home, 'vault.sealed')) : running.status.vault === 'sealed-file';
      const checks = [
        node(),
        home(errand.home),
        await keychain(running.status, sealed),
        running.check,
        pin(running.status),
        secrets(sealed),
        installed(errand.home),
      ];
      const words = options.scan === true ? await import('./scan-words.ts') : null;
      const found = words ? await scanned() : null;
      if (found) checks.push(clientFiles(found));
      if (checks.some((check) => check.state === 'failed')) errand.exitCode = 1;
      if (options.bundle !== undefined) return await (await import('./bundle.ts')).bundle(errand, options.bundle, checks);
      const ok = checks.every((check) => check.state !== 'failed');
      errand.print({ ok, checks, ...(found ? { scan: found } : {}) }, () => {
        const lines = checks.map(
          ({ state, name, says, mend }) =>
            `${state.padEnd(8)}${name.padEnd(10)}${visible(says)}${mend === null ? '' : `\n${' '.repeat(18)}mend: ${visible(mend)}`}`,
        );
        return [...lines, ...(words && found ? ['', words.scanInWords(found)] : [])].join('\n');
      });
    });
};

async function scanned(): Promise<ClientScan> {
  const [{ scan }, { thisMachine }] = await Promise.all([import('../clients/scan.ts'), import('../clients/machine.ts')]);
  return scan(thisMachine());
}

function clientFiles({ files, leaks, unreadable }: ClientScan): Check {
  const name = 'clients';
  const past = files.flatMap(({ entries }) => entries).filter((entry) => !entry.managed).length;
  const keys = leaks.filter((leak) => leak.code === 'plaintext-key').length;
  const broken = unreadable.length === 0 ? '' : `, ${unreadable.length} not readable`;
  const says = `${files.length} ${files.length === 1 ? 'file' : 'files'} of AI clients${broken}: ${past} past Gatehouse, ${keys} with a key in plain text`;
  if (past === 0 && keys === 0 && unreadable.length === 0) return { name, state: 'ok', says, mend: null };
  const mend = past === 0 && keys === 0 ? 'Mend what is named below.' : 'Run "gatehouse import", then "gatehouse install CLIENT".';
  return { name, state: 'warning', says, mend };
}

function node(): Check {
  const [major = 0] = process.versions.node.split('.').map(Number);
  const name = 'node';
  if (major >= 24) return { name, state: 'ok', says: `Node ${process.versions.node}`, mend: null };
  return {
    name,
    state: 'failed',
    says: `Node ${process.versions.node} is too old`,
    mend: 'Run "npm ci" with install scripts allowed, or install Node 24.',
  };
}

function home(folder: string): Check {
  const name = 'home';
  if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) {
    return { name, state: 'warning', says: `${folder} is not there yet`, mend: 'Nothing: "gatehouse serve" makes it.' };
  }
  try {
    checkTree(folder);
    const says = process.platform === 'win32' ? `${folder} (its rights are those of your profile)` : `${folder}: nobody else can read it`;
    return { name, state: 'ok', says, mend: null };
  } catch (thrown) {
    const { message, hint } = failureOf(thrown);
    return { name, state: 'failed', says: message, mend: hint };
  }
}

async function keychain(status: Status | null, sealed: boolean): Promise<Check> {
  const name = 'keychain';
  if (sealed) return { name, state: 'ok', says: 'not used: this home keeps its secrets in the sealed file', mend: null };
  let late: NodeJS.Timeout | undefined;
  try {
    const asked = import('keytar').then((library) => (library.default ?? library).findCredentials('gatehouse-doctor'));
    asked.catch(() => {});
    const limit = new Promise<never>((_, reject) => {
      late = setTimeout(() => reject(new Error(`no answer within ${keychainMs / 1000} s; it may be locked`)), keychainMs);
    });
    await Promise.race([asked, limit]);
    return { name, state: 'ok', says: 'the keychain of this system answers', mend: null };
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    return {
      name,
      state: status === null ? 'warning' : 'failed',
      says: `the keychain of this system does not answer: ${why}`,
      mend: 'Unlock it; or, where there is none, choose "gatehouse serve --vault sealed-file".',
    };
  } finally {
    clearTimeout(late);
  }
}

async function brokerStatus(errand: Errand): Promise<{ status: Status | null; check: Check }> {
  const name = 'broker';
  try {
    const status = await (await errand.anyone()).status();
    const says = `version ${status.version} runs as process ${status.pid}`;
    if (!status.locked) return { status, check: { name, state: 'ok', says, mend: null } };
    return {
      status,
      check: {
        name,
        state: 'warning',
        says: `${says}, LOCKED: ${status.lockedReason ?? 'by the operator'}`,
        mend: 'See "gatehouse log verify", then "gatehouse unlock".',
      },
    };
  } catch (thrown) {
    const { code, message, hint } = failureOf(thrown);
    return { status: null, check: { name, state: code === 'no-broker' ? 'warning' : 'failed', says: message, mend: hint } };
  }
}

function pin(status: Status | null): Check {
  const name = 'PIN';
  if (status === null) return { name, state: 'warning', says: 'not known while no broker runs', mend: 'Start the broker, then ask again.' };
  if (status.protected) return { name, state: 'ok', says: 'set: the operator proves presence', mend: null };
  return {
    name,
    state: 'warning',
    says: 'NOT set: this home is open',
    mend: 'Set one with "gatehouse operator pin set", or in the console.',
  };
}

/** By the names of the copies alone: what is in them needs the vault. */
function installed(folder: string): Check {
  const name = 'installed';
  const clients = keptHeads(folder);
  if (clients.length === 0) return { name, state: 'ok', says: 'no client file was changed by Gatehouse', mend: null };
  const says = `${clients.length} ${clients.length === 1 ? 'file' : 'files'} of ${[...new Set(clients.map(({ client }) => client))].join(', ')} lead here; their old bytes are kept`;
  return { name, state: 'ok', says: `${says}. "gatehouse uninstall --all" puts them back, also while no broker runs`, mend: null };
}

function secrets(sealed: boolean): Check {
  const name = 'secrets';
  if (sealed) {
    return {
      name,
      state: 'ok',
      says: 'sealed under your passphrase: they hold against other programs of yours while nobody reads this process',
      mend: null,
    };
  }
  if (process.platform === 'darwin') {
    return { name, state: 'ok', says: 'macOS gives a keychain item to the program that made it, once that program is signed', mend: null };
  }
  return {
    name,
    state: 'warning',
    says: `on ${process.platform === 'win32' ? 'Windows' : 'this system'} the keychain answers every program of yours: secrets and PIN do not hold against an agent with a shell of its own`,
    mend: 'Where agents have a shell, use "gatehouse serve --vault sealed-file" with a typed passphrase.',
  };
}
