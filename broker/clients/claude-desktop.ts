// Claude Desktop. Installed as MSIX (Windows, since 2026) it reads a copy of its own below Packages, and not AppData.
import { type ClientFile, type ClientKind, jsonFile, usual } from './kind.ts';
import { at, type Machine, settingsFolder } from './machine.ts';

const file = 'claude_desktop_config.json';

function files(machine: Machine): ClientFile[] {
  const paths = [at(machine, settingsFolder(machine), 'Claude', file)];
  if (machine.platform === 'win32') {
    const local = machine.env.LOCALAPPDATA || at(machine, machine.home, 'AppData', 'Local');
    const packages = at(machine, local, 'Packages');
    const own = machine.list(packages).filter((name) => /^Claude_[a-z0-9]+$/i.test(name));
    // First, because that is the one a current installation reads.
    paths.unshift(...own.sort().map((name) => at(machine, packages, name, 'LocalCache', 'Roaming', 'Claude', file)));
  }
  return paths.map((path) => jsonFile(path, 'mcpServers'));
}

export const claudeDesktop: ClientKind = {
  name: 'claude-desktop',
  title: 'Claude Desktop',
  files,
  dialect: { ...usual, urls: [] },
};
