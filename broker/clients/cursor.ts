// Cursor, the editor and its agent.
import { cursorHooks } from './hooks.ts';
import { type ClientKind, jsonFile, usual } from './kind.ts';
import { at } from './machine.ts';

export const cursor: ClientKind = {
  name: 'cursor',
  title: 'Cursor',
  files: (machine) => [
    jsonFile(at(machine, machine.home, '.cursor', 'mcp.json'), 'mcpServers'),
    jsonFile(at(machine, machine.cwd, '.cursor', 'mcp.json'), 'mcpServers', 'project', machine.cwd),
  ],
  hooks: (machine) => {
    // Which shell reads the command on Windows is not in Cursor's documentation, and a line for the wrong one would be no hook.
    if (machine.platform === 'win32') return null;
    const file = { path: at(machine, machine.home, '.cursor', 'hooks.json'), format: 'json' as const, places: () => [], shared: false };
    return { file, version: 1, items: cursorHooks };
  },
  dialect: { ...usual, envFile: 'envFile', more: ['auth'], expands: 'colon' },
};
