// Installs or uninstalls one client as the command does (`uninstall-current`: with the current values of rotated keys), and dies by SIGKILL at the step whose number it is given. Steps are what changes
// something: each writing call to the broker, before it is sent and after it was answered, and each change of a file, before and after.
// Says how many steps there were when it comes to its end.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { failureOf } from '../../broker/cli/failure.ts';
import { operatorLink } from '../../broker/cli/operator-link.ts';

const [, , act, client = '', home = '', stepText] = process.argv;
const last = Number(stepText);
let steps = 0;

function step(): void {
  steps += 1;
  if (steps === last) process.kill(process.pid, 'SIGKILL');
}

for (const name of ['openSync', 'writeSync', 'fchmodSync', 'fsyncSync', 'renameSync', 'linkSync', 'rmSync', 'closeSync'] as const) {
  const real = fs[name] as (...given: unknown[]) => unknown;
  Object.assign(fs, {
    [name](...given: unknown[]) {
      step();
      const result = real.apply(fs, given);
      step();
      return result;
    },
  });
}
syncBuiltinESMExports();

const reading = /^(?:list|show|match|connection|status|open)$/;
function counted<T extends object>(of: T): T {
  return new Proxy(of, {
    get(target, key, receiver) {
      const value = Reflect.get(target, key, receiver) as unknown;
      if (typeof key !== 'string' || (typeof value !== 'function' && typeof value !== 'object')) return value;
      return new Proxy(counted(value as object), {
        async apply(call, self, given) {
          if (!reading.test(key)) step();
          const answer: unknown = await Reflect.apply(call as (...all: unknown[]) => unknown, self, given);
          if (!reading.test(key)) step();
          return answer;
        },
      });
    },
  });
}

const { thisMachine } = await import('../../broker/clients/machine.ts');
const { planBetween, writeBetween } = await import('../../broker/clients/put-between.ts');
const { keeperOf, planBack, putBack } = await import('../../broker/clients/put-back.ts');
const link = { api: counted(operatorLink(home, process.env.GATEHOUSE_OPERATOR_TOKEN ?? null)), home, told: failureOf };
steps = 0;
if (act === 'install') {
  const wish = { client, combined: false, passDialogs: true, hooks: false, over: 'fitting' as const, also: [] };
  const machine = thisMachine();
  await writeBetween(link, machine, await planBetween(link, machine, wish, false));
} else {
  const plan = await planBack(keeperOf(link), client);
  const current = act === 'uninstall-current' ? plan.preview.files.map(({ path }) => path) : [];
  await putBack(keeperOf(link), plan, current);
}
process.stdout.write(String(steps));
