// The environment of a server: a few names of ours, PATH from the login shell, what was granted. Never a copy of our own.
import type { Host } from './needs.ts';

/** Carries home, broker run and process; how descendants are recognised wherever they went. */
export const markerName = 'GATEHOUSE_SERVER';

const unix = [
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'LANG',
  'LANGUAGE',
  'TZ',
  'TMPDIR',
  'XDG_CONFIG_HOME',
  'XDG_CONFIG_DIRS',
  'XDG_DATA_HOME',
  'XDG_DATA_DIRS',
  'XDG_CACHE_HOME',
  'XDG_STATE_HOME',
  'XDG_RUNTIME_DIR',
];

// Without these many Windows programs do not start at all.
const windows = [
  'APPDATA',
  'COMMONPROGRAMFILES',
  'COMPUTERNAME',
  'COMSPEC',
  'HOMEDRIVE',
  'HOMEPATH',
  'LOCALAPPDATA',
  'NUMBER_OF_PROCESSORS',
  'OS',
  'PATHEXT',
  'PROCESSOR_ARCHITECTURE',
  'PROGRAMDATA',
  'PROGRAMFILES',
  'PROGRAMFILES(X86)',
  'PUBLIC',
  'SYSTEMDRIVE',
  'SYSTEMROOT',
  'TEMP',
  'TMP',
  'USERDOMAIN',
  'USERNAME',
  'USERPROFILE',
  'WINDIR',
];

function passes(host: Host, name: string): boolean {
  if (host.platform === 'win32') return windows.includes(name.toUpperCase());
  return unix.includes(name) || /^LC_[A-Z]+$/.test(name);
}

/**
 * Everything but the secrets, which are added at the spawn itself. Later parts win over earlier ones.
 * @param path PATH of the login shell
 * @param granted names and values the operator gave this server
 */
export function environment(host: Host, path: string, granted: Readonly<Record<string, string>>): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(host.env)) {
    // A value that begins so is a function exported by bash.
    if (value !== undefined && !value.startsWith('()') && passes(host, name)) result[name] = value;
  }
  if (host.platform !== 'win32') result.TERM = 'dumb';
  result.PATH = path;
  for (const [name, value] of Object.entries(granted)) put(host, result, name, value);
  return result;
}

/** Sets a name; on Windows names differ by more than their case, so an equal one gives way. */
export function put(host: Host, target: Record<string, string>, name: string, value: string): void {
  if (host.platform === 'win32') {
    for (const other of Object.keys(target)) if (other.toUpperCase() === name.toUpperCase()) delete target[other];
  }
  target[name] = value;
}

/** Whether the operating system can carry this name. */
export function usableName(name: string): boolean {
  return name.length > 0 && !/[=\0]/.test(name) && name.toUpperCase() !== markerName;
}
