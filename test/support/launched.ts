// A program for tests, put where the launcher looks for broker/cli/main.ts: says what it was started with, and obeys its last argument.
import { readFileSync } from 'node:fs';
import { watchLifeline } from '../../broker/host/lifeline.ts';
import { readPassphrase } from '../../broker/host/passphrase-fd.ts';

const args = process.argv.slice(2);
const at = args.indexOf('--passphrase-fd');
const passphrase = at < 0 ? null : readPassphrase(Number(args[at + 1]));
const lifeline = watchLifeline(() => {
  // An orderly stop that never comes to its end.
  if (!args.includes('stubborn')) process.exit(0);
});
const stdin = args.includes('stdin') ? readFileSync(0, 'utf8') : null;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    console.log(JSON.stringify({ signal }));
    setTimeout(() => process.exit(5), 100);
  });
}
const { pid, execArgv, execPath, env } = process;
console.log(JSON.stringify({ pid, args, execArgv, execPath, passphrase, lifeline, stdin, names: Object.keys(env) }));
if (args.includes('wait')) setInterval(() => {}, 1000);
if (args.includes('crash')) process.kill(process.pid, 'SIGKILL');
if (args.includes('code')) process.exit(9);
