// A program for tests: stops the secret service of its own session, sees the bounded wait, and leaves by `exitNow` or `process.exit`.
import { execFileSync, spawn } from 'node:child_process';
import { exitNow } from '../../broker/host/native.ts';
import { openVault } from '../../broker/vault/open.ts';
import { Sensitive } from '../../broker/vault/sensitive.ts';

const [home = '', leave = ''] = process.argv.slice(2);
const vault = await openVault({ home, homeId: 'hang', kind: 'keychain', create: true, waitMs: 1000 });
await vault.set('anchor', new Sensitive('1'));
const bus = ['call', '--session', '--dest', 'org.freedesktop.DBus', '--object-path', '/org/freedesktop/DBus'];
const method = 'org.freedesktop.DBus.GetConnectionUnixProcessID';
const said = execFileSync('gdbus', [...bus, '--method', method, 'org.freedesktop.secrets'], { encoding: 'utf8' });
const service = Number(/uint32 ([0-9]+)/.exec(said)?.[1]);
process.kill(service, 'SIGSTOP');
// The session ends only when its services do.
spawn('sh', ['-c', `sleep 4; kill -KILL ${service}`], { detached: true, stdio: 'ignore' }).unref();
const began = performance.now();
const errors = await Promise.all(
  [vault.get('anchor'), vault.set('anchor', new Sensitive('2')), vault.names()].map((work) =>
    work.then(
      () => 'answered',
      (error) => error.code,
    ),
  ),
);
console.log(JSON.stringify({ errors, waitedMs: performance.now() - began, leftAt: Date.now() }));
if (leave === 'exitNow') exitNow(7);
process.exit(7);
