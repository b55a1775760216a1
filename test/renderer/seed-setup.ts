// What a home of a busy person looks like to the first run: three clients, their servers, a key in plain text.
import type { ClientScan, ImportRow, InstallPreview, UndoPreview } from '../../shared/setup-contract.ts';

const home = '/home/ada';
const paths = {
  'claude-code': `${home}/.claude.json`,
  cursor: `${home}/.cursor/mcp.json`,
  'claude-desktop': `${home}/.config/Claude/claude_desktop_config.json`,
};
const entry = (name: string, managed = false) => ({ name, scope: 'user', project: null, managed, disabled: false });

export const look = (): ClientScan => ({
  files: [
    { client: 'claude-code', title: 'Claude Code', path: paths['claude-code'], entries: [entry('github'), entry('postgres')] },
    { client: 'cursor', title: 'Cursor', path: paths.cursor, entries: [entry('filesystem'), entry('github')] },
    { client: 'claude-desktop', title: 'Claude Desktop', path: paths['claude-desktop'], entries: [entry('notes')] },
  ],
  leaks: [
    {
      ...{ code: 'plaintext-key', severity: 'serious', client: 'claude-code', path: paths['claude-code'], entry: 'github' },
      says: 'A key lies in plain text in GITHUB_TOKEN.',
    },
  ],
  unreadable: [],
});

const row = (server: string, clients: (keyof typeof paths)[], starts: string, more: Partial<ImportRow> = {}): ImportRow => ({
  ...{ server, starts, state: 'new', why: null, tools: 0, waiting: 0, findings: [], secrets: [], visibleInPs: [] },
  entries: clients.map((client) => ({ client, path: paths[client], name: server })),
  ...more,
});

export const importRows = (): ImportRow[] => [
  row('github', ['claude-code', 'cursor'], 'npx -y @modelcontextprotocol/server-github with GITHUB_TOKEN from the vault', {
    secrets: ['github-token'],
  }),
  row('postgres', ['claude-code'], 'npx -y @modelcontextprotocol/server-postgres postgresql://localhost/acme'),
  row('filesystem', ['cursor'], `npx -y @modelcontextprotocol/server-filesystem ${home}/code`),
  row('notes', ['claude-desktop'], `${home}/.local/bin/notes-mcp --stdio`),
];

export const brought = (name: string): ImportRow | undefined => {
  const found = importRows().find((each) => each.server === name);
  return found && { ...found, state: 'added', tools: 9, waiting: name === 'notes' ? 1 : 0 };
};

export const installPreview = (client: string): InstallPreview => ({
  ...{ digest: 'shown', client, title: client, left: [], refused: [], can: { passDialogs: true, hooks: client === 'claude-code' } },
  changes: [
    {
      path: paths['claude-code'],
      made: false,
      difference: [
        '  "mcpServers": {',
        '    "github": {',
        '  -   "command": "npx",',
        '  -   "args": ["-y", "@modelcontextprotocol/server-github"],',
        '  -   "env": { "GITHUB_TOKEN": "…" }',
        '  +   "command": "/opt/gatehouse/gatehouse-connect",',
        '  +   "args": ["connect", "--client", "claude-code", "--server", "github"]',
        '    },',
      ],
    },
  ],
});

export const undoPreview = (): UndoPreview => ({
  ...{ digest: 'shown', refused: [] },
  files: [
    {
      client: 'claude-code',
      path: paths['claude-code'],
      exact: true,
      removed: false,
      difference: [],
      left: [],
      keys: [
        { where: 'github: GITHUB_TOKEN', rotated: true, current: 'github-token', why: null },
        { where: 'linear: LINEAR_KEY', rotated: true, current: null, why: 'the server linear is gone' },
        { where: 'notes: NOTES_KEY', rotated: false, current: null, why: null },
      ],
    },
  ],
});
