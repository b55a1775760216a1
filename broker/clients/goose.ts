// Goose: extensions in YAML, of which some are its own and no MCP servers.
import { type ClientFile, type ClientKind, usual } from './kind.ts';
import { at, configFolder, type Machine, settingsFolder } from './machine.ts';

function files(machine: Machine): ClientFile[] {
  const folder =
    machine.platform === 'win32'
      ? at(machine, settingsFolder(machine), 'Block', 'goose', 'config')
      : at(machine, configFolder(machine), 'goose');
  return [
    {
      path: at(machine, folder, 'config.yaml'),
      format: 'yaml',
      places: () => [{ at: ['extensions'], scope: 'user', project: null }],
      shared: false,
    },
  ];
}

export const goose: ClientKind = {
  name: 'goose',
  title: 'Goose',
  files,
  dialect: {
    ...usual,
    command: 'cmd',
    env: 'envs',
    cwd: null,
    urls: [
      { key: 'uri', transport: 'http' },
      { key: 'uri', transport: 'sse' },
    ],
    type: { key: 'type', stdio: 'stdio', http: 'streamable_http', sse: 'sse' },
    ownTypes: ['builtin', 'platform', 'frontend', 'inline_python'],
    more: ['env_keys'],
  },
};
