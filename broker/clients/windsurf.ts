// Windsurf.
import { type ClientKind, jsonFile, usual } from './kind.ts';
import { at } from './machine.ts';

export const windsurf: ClientKind = {
  name: 'windsurf',
  title: 'Windsurf',
  files: (machine) => [jsonFile(at(machine, machine.home, '.codeium', 'windsurf', 'mcp_config.json'), 'mcpServers')],
  dialect: {
    ...usual,
    urls: [
      { key: 'serverUrl', transport: 'http' },
      { key: 'url', transport: 'http' },
    ],
    expands: 'colon',
  },
};
