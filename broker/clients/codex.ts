// Codex, command line and editor extension: one TOML file for both.
import { type ClientFile, type ClientKind, usual } from './kind.ts';
import { at } from './machine.ts';

const file = (path: string, project: string | null): ClientFile => ({
  path,
  format: 'toml',
  places: () => [{ at: ['mcp_servers'], scope: project === null ? 'user' : 'project', project }],
  shared: project !== null,
});

export const codex: ClientKind = {
  name: 'codex',
  title: 'Codex',
  files: (machine) => [
    file(at(machine, machine.env.CODEX_HOME || at(machine, machine.home, '.codex'), 'config.toml'), null),
    file(at(machine, machine.cwd, '.codex', 'config.toml'), machine.cwd),
  ],
  dialect: {
    ...usual,
    headers: 'http_headers',
    more: ['bearer_token_env_var', 'env_http_headers', 'env_vars'],
    passing: { key: 'default_tools_approval_mode', value: 'approve' },
  },
};
