import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { StandInUtility } from './stand-in/utility.ts';

it('loses what is posted to a process that was just killed, as Electron does, and says nothing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-stand-in-'));
  const program = join(folder, 'child.mjs');
  writeFileSync(program, "process.parentPort.postMessage('here'); setInterval(() => {}, 1000);");
  const utility = new StandInUtility(program, [], { env: { PATH: process.env.PATH ?? '' }, execArgv: [] });
  const faults: unknown[] = [];
  utility.process.on('error', (error) => faults.push(error));
  try {
    await once(utility, 'message');
    const exited = once(utility, 'exit');
    process.kill(utility.process.pid as number, 'SIGKILL');
    // Held still until it is dead and not yet heard of: the moment in which a write meets a closed pipe.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
    expect(utility.process.connected).toBe(true);
    utility.postMessage('lost');
    await exited;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(faults).toEqual([]);
  } finally {
    utility.kill();
    rmSync(folder, { recursive: true, force: true });
  }
});
