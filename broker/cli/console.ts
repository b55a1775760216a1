// `gatehouse console`: opens the console signed in. The secret stands in a file only we can read, never in a command line.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { GatehouseError } from '../../shared/errors.ts';
import type { Errand, Register } from './errand.ts';

/** As long as the secret lives, in milliseconds. */
const fileMs = 60_000;

export const register: Register = (root, errand) => {
  root
    .command('console')
    .description('Opens the console in your browser, signed in.')
    .option('--print', 'print the address instead, on a terminal only; it works once, within 60 seconds')
    .addHelpText('after', '\nExamples:\n  gatehouse console\n  gatehouse console --print')
    .action(async ({ print }: { print?: boolean }) => {
      const prints = print === true || !hasDisplay();
      // Before a secret is made that nobody may see.
      if (prints && !process.stdout.isTTY) {
        // No broker is the better answer than no terminal.
        await (await errand.anyone()).status();
        const why =
          print === true
            ? 'The address signs in whoever reads it, so it is printed on a terminal only'
            : 'There is no display to open the console on';
        throw new GatehouseError('refused', `${why}.`, 'Run "gatehouse console --print" at a terminal.');
      }
      const { api } = await errand.operator();
      const { url, expiresAt } = await api.operator.consoleAddress();
      if (prints) return errand.print({ url, expiresAt }, () => url);
      await open(errand, url);
      errand.print({ opened: true, expiresAt }, () => 'The console opens in your browser.');
    });
};

function hasDisplay(): boolean {
  if (process.platform === 'darwin' || process.platform === 'win32') return process.env.SSH_CONNECTION === undefined;
  return Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}

async function open(errand: Errand, url: string): Promise<void> {
  const run = join(errand.home, 'run');
  for (const name of readdirSync(run)) if (/^console-[0-9a-f]{16}\.html$/.test(name)) rmSync(join(run, name), { force: true });
  const file = join(run, `console-${randomBytes(8).toString('hex')}.html`);
  writeFileSync(file, redirect(url), { mode: 0o600, flag: 'wx' });
  // Unread until somebody reads it. Before the browser is told of it: a mark made later would hide a reader who was quick.
  utimesSync(file, 1, statSync(file).mtime);
  sweep(file);
  const address = pathToFileURL(file).href;
  const [program, ...args] =
    process.platform === 'darwin'
      ? ['/usr/bin/open', address]
      : process.platform === 'win32'
        ? ['rundll32.exe', 'url.dll,FileProtocolHandler', address]
        : ['xdg-open', address];
  try {
    await new Promise<void>((resolve, reject) => {
      // A browser has no use for our token, and neither have the pages it shows.
      const { GATEHOUSE_OPERATOR_TOKEN: _, ...env } = process.env;
      const child = spawn(program ?? '', args, { stdio: 'ignore', detached: true, env });
      child.once('error', reject).once('spawn', () => {
        child.unref();
        resolve();
      });
    });
  } catch (cause) {
    rmSync(file, { force: true });
    throw new GatehouseError(
      'failed',
      `No browser could be opened (${program} does not start).`,
      'Run "gatehouse console --print" and open the address yourself.',
      { cause },
    );
  }
}

function redirect(url: string): string {
  const safe = url.replace(/[&"<>]/g, (character) => `&#${character.charCodeAt(0)};`);
  return `<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer"><meta http-equiv="refresh" content="0;url=${safe}"><title>Gatehouse</title>\n`;
}

// We leave at once; a process of its own deletes the file when the secret is dead, or soon after a browser has read it.
function sweep(file: string): void {
  const script = `
    const { rmSync, statSync } = require('node:fs');
    const [file] = process.argv.slice(1);
    const end = Date.now() + ${fileMs};
    let gone = end;
    setInterval(() => {
      try { if (statSync(file).atimeMs > 1000 && gone === end) gone = Math.min(end, Date.now() + 10000); } catch { process.exit(); }
      if (Date.now() >= gone) { rmSync(file, { force: true }); process.exit(); }
    }, 500);`;
  spawn(process.execPath, ['-e', script, file], { stdio: 'ignore', detached: true, env: {} }).unref();
}
