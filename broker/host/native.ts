// The few calls into libc that Node does not offer. Each says false or null where it cannot be had; none throws.
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';

type Call = (...values: unknown[]) => number;
interface Libc {
  func(prototype: string): Call;
}

let loaded: Libc | null | undefined;

/** koffi is optional: loaded when first needed, and a system without it works with less evidence. */
function libc(): Libc | null {
  if (loaded !== undefined) return loaded;
  try {
    const koffi = createRequire(import.meta.url)('koffi') as { load(path: null): Libc };
    loaded = process.platform === 'win32' ? null : koffi.load(null);
  } catch {
    loaded = null;
  }
  return loaded;
}

const declared = new Map<string, Call | null>();

function call(prototype: string): Call | null {
  let found = declared.get(prototype);
  if (found === undefined) {
    try {
      found = libc()?.func(prototype) ?? null;
    } catch {
      found = null;
    }
    declared.set(prototype, found);
  }
  return found;
}

/**
 * Closes this process's memory and environment to other programs of the same user, and to core dumps. True when it holds. Call it in
 * every process that holds secrets, first thing: `execve` opens it again. From then on /proc/self belongs to root: this process cannot
 * read its own environ or fd folder there either, nor can ours look at each other.
 */
export function undumpable(): boolean {
  try {
    if (process.platform === 'linux') {
      const prctl = call('int prctl(int, unsigned long, unsigned long, unsigned long, unsigned long)');
      // PR_SET_DUMPABLE = 4, PR_GET_DUMPABLE = 3 (prctl(2)).
      return prctl !== null && prctl(4, 0, 0, 0, 0) === 0 && prctl(3, 0, 0, 0, 0) === 0;
    }
    if (process.platform === 'darwin') {
      // PT_DENY_ATTACH = 31 (ptrace(2)).
      return call('int ptrace(int, int, void *, int)')?.(31, 0, null, 0) === 0;
    }
  } catch {}
  return false;
}

/**
 * Ends this process now (`_exit`). `process.exit` waits for threads, and one may sit for 25 s in a keychain that does not answer. Nothing is
 * flushed but what was written to pipes and files already; where there is no `_exit` this is `process.exit`.
 */
export function exitNow(code: number): never {
  try {
    call('void _exit(int)')?.(code);
  } catch {}
  process.exit(code);
}

/** The file descriptor of a socket that is open; Node keeps it on its handle and has no public name for it. */
function descriptor(socket: Socket): number | null {
  const fd = (socket as unknown as { _handle?: { fd?: number } })._handle?.fd;
  return fd !== undefined && fd >= 0 ? fd : null;
}

function option(socket: Socket, level: number, name: number, bytes: number): Buffer | null {
  try {
    const fd = descriptor(socket);
    const getsockopt = call('int getsockopt(int, int, int, void *, _Inout_ uint32_t *)');
    if (fd === null || getsockopt === null) return null;
    const value = Buffer.alloc(bytes);
    const length = [bytes];
    return getsockopt(fd, level, name, value, length) === 0 && (length[0] ?? 0) >= 4 ? value : null;
  } catch {
    return null;
  }
}

/**
 * The process at the other end of a unix socket as it was when it connected, or null. A proof of the moment only: the process may have
 * ended and its number been given away, so compare its start time before and after looking at it.
 */
export function peerPid(socket: Socket): number | null {
  // SOL_SOCKET = 1, SO_PEERCRED = 17, struct ucred { pid, uid, gid } (unix(7)); SOL_LOCAL = 0, LOCAL_PEERPID = 2 (sys/un.h).
  if (process.platform === 'linux') return positive(option(socket, 1, 17, 12)?.readInt32LE(0));
  if (process.platform === 'darwin') return positive(option(socket, 0, 2, 4)?.readInt32LE(0));
  return null;
}

/** The user at the other end of a unix socket, or null. */
export function peerUser(socket: Socket): number | null {
  if (process.platform === 'linux') return option(socket, 1, 17, 12)?.readUInt32LE(4) ?? null;
  // LOCAL_PEERCRED = 1, struct xucred { version, uid, ngroups, groups[16] }.
  if (process.platform === 'darwin') return option(socket, 0, 1, 76)?.readUInt32LE(4) ?? null;
  return null;
}

function positive(pid: number | undefined): number | null {
  return pid !== undefined && pid > 0 ? pid : null;
}
