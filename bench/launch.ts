// How long a program takes from its start to its first line of output, or to its end when it says nothing.
import { spawn } from 'node:child_process';

const initialize = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'bench', version: '1' } },
});

/** Milliseconds. `initialize` is written to its input at once. */
export function launch(command: string, args: readonly string[], env: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const inherited = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '' };
    const child = spawn(command, args, { env: { ...inherited, ...env }, stdio: ['pipe', 'pipe', 'ignore'] });
    const done = () => {
      resolve(performance.now() - began);
      child.stdin.end();
    };
    child.once('error', reject);
    child.stdout.once('data', done);
    child.once('exit', done);
    child.stdin.on('error', () => {});
    child.stdin.write(`${initialize}\n`);
  });
}
