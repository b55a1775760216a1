// Ends what a client leaves running when it is done (Cline: a daemon of its own), told by the home it was given: a temporary folder of one test.
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Pids of the processes whose HOME is this folder. Linux only; elsewhere none are found. */
function processesOf(home: string): number[] {
  let names: string[];
  try {
    names = readdirSync('/proc');
  } catch {
    return [];
  }
  return names.filter((name) => /^\d+$/.test(name) && environmentOf(name).includes(`HOME=${home}`)).map(Number);
}

function environmentOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    // Another user's, or gone.
    return [];
  }
}

/** Resolves when nothing of this home runs any more. */
export async function endLeftBehind(home: string): Promise<void> {
  for (let tries = 0; tries < 50; tries++) {
    const left = processesOf(home);
    if (left.length === 0) return;
    for (const pid of left) {
      try {
        process.kill(pid, tries < 20 ? 'SIGTERM' : 'SIGKILL');
      } catch {}
    }
    await sleep(100);
  }
}
