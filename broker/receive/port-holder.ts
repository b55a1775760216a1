// Who holds a TCP port of this machine, where the system tells without rights: a taken port is reported with its holder (T38).
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** A program and its process id, or null where they cannot be found. Linux only; other systems need rights or a slow program. */
export function portHolder(port: number): string | null {
  try {
    const inode = listeningInode(port);
    return inode === null ? null : holderOf(`socket:[${inode}]`);
  } catch {
    return null;
  }
}

function listeningInode(port: number): string | null {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readFileSync(table, 'utf8').split('\n')) {
      // proc_net_tcp(5): local address is the second field, state the fourth (0A listens), inode the tenth.
      const fields = line.trim().split(/\s+/);
      if (fields[1]?.endsWith(wanted) && fields[3] === '0A') return fields[9] ?? null;
    }
  }
  return null;
}

function holderOf(link: string): string | null {
  for (const pid of readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name))) {
    try {
      const holds = readdirSync(`/proc/${pid}/fd`).some((fd) => linkOf(`/proc/${pid}/fd/${fd}`) === link);
      if (holds) return `${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()} (process ${pid})`;
    } catch {
      // Another user's process, or one that has just ended.
    }
  }
  return null;
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
