// Leaves when the launcher has died: where the launcher could not become the broker, a pipe between the two says so.
import { Socket } from 'node:net';

/** How long an orderly stop may take before the process goes anyway, in milliseconds. The promise is one second. */
const graceMs = 700;

/**
 * Watches the pipe named by GATEHOUSE_LIFELINE_FD, and takes that name out of the environment. Calls `leave` once when the launcher is
 * gone, and ends this process after a grace whatever `leave` does. False when there is no such pipe: then the launcher is this process.
 */
export function watchLifeline(leave: () => void, env: Record<string, string | undefined> = process.env): boolean {
  const text = env.GATEHOUSE_LIFELINE_FD;
  delete env.GATEHOUSE_LIFELINE_FD;
  const fd = Number(text);
  if (text === undefined || !Number.isSafeInteger(fd) || fd < 3) return false;
  let left = false;
  const gone = () => {
    if (left) return;
    left = true;
    // A kill, not an exit: exit waits for threads, and one may hang in a keychain that does not answer.
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), graceMs);
    leave();
  };
  try {
    const pipe = new Socket({ fd, readable: true, writable: false });
    pipe.on('end', gone).on('close', gone).on('error', gone).resume();
    pipe.unref();
  } catch {
    // The number was given and the pipe is not there: nobody holds the other end.
    setImmediate(gone);
  }
  return true;
}
