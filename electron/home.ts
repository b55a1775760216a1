// Where the home folder is, for the desktop app. Must stay the same as resolveHome in broker/host/home.ts, so that the command line
// finds the app's broker; a test compares them.
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

export function homeFolder(
  environment: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
  userHome: string = homedir(),
): string {
  if (environment.GATEHOUSE_HOME) return resolve(environment.GATEHOUSE_HOME);
  if (platform === 'darwin') return join(userHome, 'Library', 'Application Support', 'Gatehouse');
  if (platform === 'win32') return join(environment.LOCALAPPDATA || join(userHome, 'AppData', 'Local'), 'Gatehouse');
  const data = environment.XDG_DATA_HOME?.startsWith('/') ? environment.XDG_DATA_HOME : join(userHome, '.local', 'share');
  return join(data, 'gatehouse');
}
