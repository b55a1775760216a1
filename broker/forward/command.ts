// What to hand to spawn: program and arguments as they are, except Windows batch files, which only cmd.exe can run.
import { win32 } from 'node:path';
import type { Host } from './needs.ts';

export interface CommandLine {
  readonly file: string;
  readonly args: readonly string[];
  /** Windows: the arguments are quoted already. */
  readonly verbatim: boolean;
}

// Escaping as in cross-spawn 7.0.6 (MIT) and https://qntm.org/cmd. That package looks up programs by PATH and ComSpec of our own
// environment and decides by process.platform, neither of which we may rely on here, so its two rules stand below.
const special = /([()\][%!^"`<>&|;, *?])/g;

function quoted(argument: string, twice: boolean): string {
  const inQuotes = `"${argument.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\*)$/, '$1$1')}"`;
  const once = inQuotes.replace(special, '^$1');
  return twice ? once.replace(special, '^$1') : once;
}

/**
 * @param command absolute path
 * @throws Error when a batch file is given an argument that cmd.exe cannot carry
 */
export function commandLine(host: Host, command: string, args: readonly string[]): CommandLine {
  if (host.platform !== 'win32' || !/\.(?:cmd|bat)$/i.test(command)) return { file: command, args, verbatim: false };
  if ([command, ...args].some((part) => /[\r\n\0]/.test(part))) {
    throw new Error('a batch file cannot be given an argument with a line break');
  }
  // npm's shims hand their arguments through cmd.exe a second time.
  const shim = /node_modules[\\/]\.bin[\\/][^\\/]+\.cmd$/i.test(command);
  const line = [win32.normalize(command).replace(special, '^$1'), ...args.map((argument) => quoted(argument, shim))].join(' ');
  return { file: system32(host, 'cmd.exe'), args: ['/d', '/s', '/c', `"${line}"`], verbatim: true };
}

/** A program of Windows itself, by its absolute path: never looked up. */
export function system32(host: Host, program: string): string {
  const root = Object.entries(host.env).find(([name]) => name.toUpperCase() === 'SYSTEMROOT')?.[1] ?? 'C:\\Windows';
  return win32.join(root, 'System32', program);
}
