#!/usr/bin/env node
// The launcher: finds Node 24, cleans the environment, and becomes the program. Plain JavaScript, because any Node from 20 on may run it.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const entry = join(root, 'broker', 'cli', 'main.ts');
/** No debugger by signal (security.md T42), and no warning between the lines that scripts read. */
const flags = ['--disable-sigusr1', '--disable-warning=ExperimentalWarning'];
const passphraseName = 'GATEHOUSE_VAULT_PASSPHRASE';
/** Must stay the same as in broker/host/environment.ts; a test compares them. */
const refusedNames = /^(NODE_OPTIONS|NODE_EXTRA_CA_CERTS|NODE_TLS_REJECT_UNAUTHORIZED|LD_PRELOAD|LD_AUDIT|DYLD_.*)$/i;

const args = process.argv.slice(2);
const node = findNode();
const environment = { ...process.env };
delete environment[passphraseName];
delete environment.GATEHOUSE_LIFELINE_FD;
// Compiled code beside its sources, so that a start has no TypeScript to read; it is code, so whoever started us has no say in where it lies.
environment.NODE_COMPILE_CACHE = join(root, '.cache', 'compile');
const place = commandPlace(args);
const serves = args[place] === 'serve';
const givenFd = passphraseFd(args);
if (serves) checkEnvironment();
// An explicit descriptor wins; other commands have no use for the passphrase, so for them it only goes away.
const passphrase = serves && givenFd === null ? process.env[passphraseName] || null : null;
if (passphrase !== null && Buffer.byteLength(passphrase) > 4096) {
  fail('usage', 'The passphrase is longer than 4096 bytes.', 'Give a shorter one.');
}
// Returns only where a process cannot become another one.
become();
stayBeside();

/** The project's own Node, else this one where it is new enough. */
function findNode() {
  try {
    const manifest = require.resolve('node/package.json');
    const program = join(dirname(manifest), 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
    // The binary comes by an install script: with scripts off the package is there and the program is not.
    if (major(JSON.parse(readFileSync(manifest, 'utf8')).version) >= 24 && existsSync(program)) return program;
  } catch {}
  if (major(process.versions.node) >= 24) return process.execPath;
  return fail(
    'failed',
    `Gatehouse needs Node 24; this is Node ${process.versions.node}, and the project's own Node is not installed.`,
    'Run "npm ci" in the project with install scripts allowed, or install Node 24.',
  );
}

function major(version) {
  return Number(version.split('.')[0]);
}

/** Index of the command in the arguments: the first that is neither an option nor the value of one. */
function commandPlace(list) {
  for (let at = 0; at < list.length; at++) {
    if (list[at] === '--') return at + 1;
    if (list[at] === '--home') at++;
    else if (!list[at].startsWith('-')) return at;
  }
  return list.length;
}

/** The descriptor the caller opened for us, or null. */
function passphraseFd(list) {
  for (const [at, word] of list.entries()) {
    const text = word === '--passphrase-fd' ? list[at + 1] : /^--passphrase-fd=(.*)$/.exec(word)?.[1];
    if (text !== undefined && /^[0-9]{1,6}$/.test(text)) return Number(text);
  }
  return null;
}

function checkEnvironment() {
  if (args.includes('--allow-env')) return;
  const names = Object.keys(process.env).filter((name) => refusedNames.test(name) && process.env[name] !== '');
  if (names.length === 0) return;
  const off = names.sort().map((name) => `-u ${name}`);
  fail(
    'refused',
    `The environment holds ${names.join(', ')}, which can put other code or other trust into the broker.`,
    `Start it with: env ${off.join(' ')} gatehouse serve - or, if you mean it, add --allow-env.`,
  );
}

/** The program's arguments; `fd` is where it reads the passphrase. */
function command(fd) {
  const with_ = fd === null ? args : [...args.slice(0, place + 1), '--passphrase-fd', String(fd), ...args.slice(place + 1)];
  return [...flags, entry, ...with_];
}

/**
 * Replaces this process (execve): one process, one pid, signals arrive where they should, and nothing is left behind. The passphrase
 * goes through a pipe, so that the environment the program starts with never held it.
 */
function become() {
  if (process.platform === 'win32') return;
  let calls;
  try {
    const libc = require('koffi').load(null);
    calls = {
      execve: libc.func('int execve(const char *, const char **, const char **)'),
      fcntl: libc.func('int fcntl(int, int, int)'),
      pipe: libc.func('int pipe(_Out_ int *)'),
      write: libc.func('intptr_t write(int, const void *, size_t)'),
      close: libc.func('int close(int)'),
    };
  } catch {
    return;
  }
  let fd = null;
  if (passphrase !== null) {
    const ends = [0, 0];
    const bytes = Buffer.from(passphrase);
    if (calls.pipe(ends) !== 0) return;
    // At most 4,096 bytes: an empty pipe takes them at once, and nobody has to read yet.
    const written = calls.write(ends[1], bytes, bytes.length);
    // The end that writes must be gone before, or the reader would never come to the end.
    calls.close(ends[1]);
    if (Number(written) !== bytes.length) {
      calls.close(ends[0]);
      return;
    }
    fd = ends[0];
  }
  // F_SETFD = 2, FD_CLOEXEC = 1. Node marks the low descriptors it starts with as close-on-exec, the standard ones too; a higher one
  // that somebody left open would pass through the broker to every server.
  const wanted = [0, 1, 2, givenFd, fd];
  for (const open of openDescriptors()) if (!wanted.includes(open)) calls.fcntl(open, 2, 1);
  for (const kept of wanted) if (kept !== null) calls.fcntl(kept, 2, 0);
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  calls.execve(node, [node, ...command(fd), null], [...variables, null]);
  // Still here: it was refused. The pipe is only ours to close.
  if (fd !== null) calls.close(fd);
}

function openDescriptors() {
  try {
    return readdirSync(process.platform === 'linux' ? '/proc/self/fd' : '/dev/fd').map(Number);
  } catch {
    return [];
  }
}

/**
 * Starts the program beside us, where we cannot become it (Windows, or no koffi). It watches a pipe of ours and leaves when we die.
 * What remains: on Windows the variable is taken out of this process as well, by the delete below. On other systems a process cannot
 * unsay the environment it was started with, so the passphrase stands in ours as long as we run: hence the warning.
 */
function stayBeside() {
  delete process.env[passphraseName];
  if (passphrase !== null && process.platform !== 'win32') {
    console.error(
      `Warning: koffi does not load here, so ${passphraseName} stays in the launcher's environment. Use --passphrase-fd N or the prompt.`,
    );
  }
  const stdio = ['inherit', 'inherit', 'inherit'];
  if (givenFd !== null && givenFd > 2) stdio[givenFd] = givenFd;
  const pipe = () => {
    let at = 3;
    while (stdio[at] !== undefined) at++;
    stdio[at] = 'pipe';
    return at;
  };
  const lifeline = pipe();
  const fd = passphrase === null ? null : pipe();
  const filled = Array.from(stdio, (one) => one ?? 'ignore');
  const child = spawn(node, command(fd), { stdio: filled, env: { ...environment, GATEHOUSE_LIFELINE_FD: String(lifeline) } });
  child.stdio[lifeline]?.on('error', () => {});
  if (fd !== null) child.stdio[fd]?.on('error', () => {}).end(passphrase);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to both of us; a second one would be heard as impatience.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on('error', (error) => fail('failed', `The program could not be started: ${error.message}.`, 'Run "npm ci" again.'));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    for (const one of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(one);
    process.kill(process.pid, signal);
    // Windows has no such end for a process.
    setTimeout(() => process.exit(1), 100);
  });
}

/** Says it as the program would, and leaves. */
function fail(code, message, hint) {
  if (args.includes('--json')) console.error(JSON.stringify({ error: { code, message, hint } }));
  else console.error(`${message} ${hint}`);
  process.exit({ usage: 2, refused: 4 }[code] ?? 1);
}
