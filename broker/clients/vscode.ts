// VS Code and its Insiders build: the profile's file, and the project's.
import { type ClientKind, jsonFile, usual } from './kind.ts';
import { at, settingsFolder } from './machine.ts';

export const vscode: ClientKind = {
  name: 'vscode',
  title: 'VS Code',
  files: (machine) => [
    ...['Code', 'Code - Insiders'].map((build) => jsonFile(at(machine, settingsFolder(machine), build, 'User', 'mcp.json'), 'servers')),
    jsonFile(at(machine, machine.cwd, '.vscode', 'mcp.json'), 'servers', 'project', machine.cwd),
  ],
  dialect: {
    ...usual,
    envFile: 'envFile',
    urls: [
      { key: 'url', transport: 'http' },
      { key: 'url', transport: 'sse' },
    ],
    type: { key: 'type', stdio: 'stdio', http: 'http', sse: 'sse' },
    // Tool calls of a server that VS Code sandboxes pass without its dialog; ours is not sandboxed by it.
    more: ['sandboxEnabled', 'sandbox', 'oauth', 'dev'],
    expands: 'colon',
  },
};
