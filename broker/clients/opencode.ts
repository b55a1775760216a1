// OpenCode: `command` is a list with the arguments in it.
import { type ClientKind, jsonFile, usual } from './kind.ts';
import { at, configFolder } from './machine.ts';

export const opencode: ClientKind = {
  name: 'opencode',
  title: 'OpenCode',
  files: (machine) => {
    const folder = at(machine, configFolder(machine), 'opencode');
    return [
      ...['opencode.json', 'opencode.jsonc'].map((file) => jsonFile(at(machine, folder, file), 'mcp')),
      ...['opencode.json', 'opencode.jsonc'].map((file) => jsonFile(at(machine, machine.cwd, file), 'mcp', 'project', machine.cwd)),
    ];
  },
  dialect: {
    ...usual,
    args: null,
    env: 'environment',
    type: { key: 'type', stdio: 'local', http: 'remote', sse: 'remote' },
    more: ['oauth'],
    expands: 'braces',
  },
};
