// Claude Code: one file for the user and for each project's private entries, one in the project, one of the organisation.
import { claudeCodeHooks, claudeToolName } from './hooks.ts';
import { type ClientFile, type ClientKind, type Dialogs, jsonFile, type Place, usual } from './kind.ts';
import { at, type Machine } from './machine.ts';
import { isRecord } from './tree.ts';

function places(value: unknown): Place[] {
  const projects = isRecord(value) && isRecord(value.projects) ? value.projects : {};
  const local = Object.entries(projects).flatMap(([project, own]): Place[] =>
    isRecord(own) && own.mcpServers !== undefined ? [{ at: ['projects', project, 'mcpServers'], scope: 'local', project }] : [],
  );
  return [{ at: ['mcpServers'], scope: 'user', project: null }, ...local];
}

function managed(machine: Machine): string {
  if (machine.platform === 'win32') return 'C:\\Program Files\\ClaudeCode\\managed-mcp.json';
  if (machine.platform === 'darwin') return '/Library/Application Support/ClaudeCode/managed-mcp.json';
  return '/etc/claude-code/managed-mcp.json';
}

function files(machine: Machine): ClientFile[] {
  const folder = machine.env.CLAUDE_CONFIG_DIR;
  const user = at(machine, folder || machine.home, '.claude.json');
  return [
    { path: user, format: 'json', places, shared: false },
    jsonFile(at(machine, machine.cwd, '.mcp.json'), 'mcpServers', 'project', machine.cwd),
    jsonFile(managed(machine), 'mcpServers', 'managed'),
  ];
}

/** Rules of Claude Code's own dialog: `mcp__NAME` stands for every tool of that entry. */
function dialogs(machine: Machine): Dialogs {
  const folder = machine.env.CLAUDE_CONFIG_DIR || at(machine, machine.home, '.claude');
  return {
    file: { path: at(machine, folder, 'settings.json'), format: 'json', places: () => [], shared: false },
    at: ['permissions'],
    name: 'allow',
    rule: (entry) => `mcp__${claudeToolName(entry)}`,
  };
}

export const claudeCode: ClientKind = {
  name: 'claude-code',
  title: 'Claude Code',
  files,
  dialogs,
  hooks: (machine) => ({
    file: dialogs(machine).file,
    version: null,
    items: (connect, _mcp, own) => claudeCodeHooks(connect, machine.platform, own),
  }),
  hooksOff: 'disableAllHooks',
  dialect: {
    ...usual,
    urls: [
      { key: 'url', transport: 'http' },
      { key: 'url', transport: 'sse' },
    ],
    type: { key: 'type', stdio: 'stdio', http: 'http', sse: 'sse' },
    more: ['headersHelper', 'oauth'],
    expands: 'shell',
  },
};
