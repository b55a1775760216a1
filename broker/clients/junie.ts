// JetBrains Junie.
import { type ClientKind, jsonFile, usual } from './kind.ts';
import { at } from './machine.ts';

export const junie: ClientKind = {
  name: 'junie',
  title: 'Junie',
  files: (machine) => [
    jsonFile(at(machine, machine.home, '.junie', 'mcp', 'mcp.json'), 'mcpServers'),
    jsonFile(at(machine, machine.cwd, '.junie', 'mcp', 'mcp.json'), 'mcpServers', 'project', machine.cwd),
  ],
  dialect: usual,
};
