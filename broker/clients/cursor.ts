// Cursor, the editor and its agent.
import { type ClientKind, jsonFile, usual } from './kind.ts';
import { at } from './machine.ts';

export const cursor: ClientKind = {
  name: 'cursor',
  title: 'Cursor',
  files: (machine) => [
    jsonFile(at(machine, machine.home, '.cursor', 'mcp.json'), 'mcpServers'),
    jsonFile(at(machine, machine.cwd, '.cursor', 'mcp.json'), 'mcpServers', 'project', machine.cwd),
  ],
  dialect: { ...usual, envFile: 'envFile', more: ['auth'], expands: 'colon' },
};
