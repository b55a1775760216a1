// Cline: its command line, and the extension inside VS Code.
import { type ClientKind, jsonFile, usual } from './kind.ts';
import { at, settingsFolder } from './machine.ts';

const file = 'cline_mcp_settings.json';

export const cline: ClientKind = {
  name: 'cline',
  title: 'Cline',
  files: (machine) => {
    const extension = (build: string) =>
      at(machine, settingsFolder(machine), build, 'User', 'globalStorage', 'saoudrizwan.claude-dev', 'settings', file);
    return [
      machine.env.CLINE_MCP_SETTINGS_PATH || at(machine, machine.home, '.cline', 'data', 'settings', file),
      extension('Code'),
      extension('Code - Insiders'),
    ].map((path) => jsonFile(path, 'mcpServers'));
  },
  dialect: {
    ...usual,
    // Its command line writes `transport: { type, command, ... }` (3.0.65), its extension the same without.
    inside: 'transport',
    urls: [
      { key: 'url', transport: 'http' },
      { key: 'url', transport: 'sse' },
    ],
    type: { key: 'type', stdio: 'stdio', http: 'streamableHttp', sse: 'sse' },
    expands: 'colon',
  },
};
