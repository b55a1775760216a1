// Zed: entries stand in its settings, which people write by hand, with comments.
import { type ClientKind, jsonFile, usual } from './kind.ts';
import { at, configFolder, settingsFolder } from './machine.ts';

export const zed: ClientKind = {
  name: 'zed',
  title: 'Zed',
  files: (machine) => {
    const folder = machine.platform === 'win32' ? at(machine, settingsFolder(machine), 'Zed') : at(machine, configFolder(machine), 'zed');
    return [
      jsonFile(at(machine, folder, 'settings.json'), 'context_servers'),
      jsonFile(at(machine, machine.cwd, '.zed', 'settings.json'), 'context_servers', 'project', machine.cwd),
    ];
  },
  // Entries of Zed's extensions name no command; they are Zed's own to start.
  dialect: { ...usual, more: ['settings'] },
};
