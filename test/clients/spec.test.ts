// An entry as a server: variables filled in as its client would, what cannot be known said, secrets taken out, names that fit.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: clients write variables so.
import { expect, test } from 'vitest';
import { discover } from '../../broker/clients/discover.ts';
import { kinds } from '../../broker/clients/kinds.ts';
import { isServer, serverNameFor, specOf, wantedOf } from '../../broker/clients/spec.ts';
import { paperMachine } from './paper.ts';

const files: Record<string, string> = {
  'claude-code': '/home/ada/.claude.json',
  project: '/home/ada/work/.mcp.json',
  cursor: '/home/ada/.cursor/mcp.json',
  vscode: '/home/ada/work/.vscode/mcp.json',
  opencode: '/home/ada/.config/opencode/opencode.json',
  goose: '/home/ada/.config/goose/config.yaml',
};
const keys: Record<string, string> = { vscode: 'servers', opencode: 'mcp', goose: 'extensions' };

/** What an entry becomes, or why it stays. */
function made(client: string, entry: object, env: Record<string, string> = {}) {
  const name = client === 'project' ? 'claude-code' : client;
  const machine = paperMachine(
    {
      [files[client] ?? '']: JSON.stringify({ [keys[client] ?? 'mcpServers']: { x: entry } }),
      '/home/ada/work/.env': 'A=1\nTOKEN="from-the-file"\n',
      '/home/ada/k': 'file-key\n',
    },
    { env },
  );
  const found = discover(
    machine,
    kinds.filter((kind) => kind.name === name),
  ).entries[0];
  if (!found) throw new Error('no entry');
  const wanted = wantedOf(found, machine, (secret) => secret === 'known-input');
  return 'why' in wanted ? wanted.why : specOf(wanted, (value) => `name-of-${value}`);
}

test('variables are filled in as each client does it', () => {
  expect(made('claude-code', { command: '${BIN:-/opt/x}', args: ['$BIN', '${ROOT}'] }, { ROOT: '/r' })).toMatchObject({
    command: '/opt/x',
    args: ['$BIN', '/r'],
  });
  expect(made('project', { command: '${CLAUDE_PROJECT_DIR}/s' })).toMatchObject({ command: '/home/ada/work/s', cwd: '/home/ada/work' });
  expect(made('cursor', { command: '${userHome}/x', args: ['a${/}b'] })).toMatchObject({
    command: '/home/ada/x',
    args: ['a/b'],
    cwd: null,
  });
  expect(
    made('vscode', { command: 'x', cwd: '${workspaceFolder}/srv', envFile: '${workspaceFolder}/.env', env: { B: '2' } }),
  ).toMatchObject({
    cwd: '/home/ada/work/srv',
    env: { A: '1', B: '2' },
    secretEnv: { TOKEN: 'name-of-from-the-file' },
  });
  expect(made('vscode', { command: 'x', env: { K: '${input:known-input}' } })).toMatchObject({ secretEnv: { K: 'known-input' }, env: {} });
  expect(made('opencode', { type: 'local', command: ['x', 'y'], environment: { API_KEY: '{file:~/k}' } })).toMatchObject({
    args: ['y'],
    secretEnv: { API_KEY: 'name-of-file-key' },
  });
  // A key that stands in the environment of the person goes to the vault like any other.
  expect(made('cursor', { command: 'x', env: { API_KEY: '${env:MY_KEY}' } }, { MY_KEY: 'abcdefgh' })).toMatchObject({
    secretEnv: { API_KEY: 'name-of-abcdefgh' },
  });
});

test('what only its client can know leaves the entry where it is, with the reason', () => {
  expect(made('claude-code', { command: '${CLAUDE_PROJECT_DIR}/s' })).toMatch(/depends on the project/);
  expect(made('claude-code', { command: 'x', args: ['${NOT_SET}'] })).toMatch(/takes NOT_SET from the environment/);
  expect(made('cursor', { command: 'x', args: ['${workspaceFolder}'] })).toMatch(/depends on the project/);
  expect(made('vscode', { command: 'x', env: { K: '${input:other}' } })).toMatch(/asks for "other".*secret set other/);
  expect(made('vscode', { command: 'x', args: ['${config:a.b}'] })).toMatch(/only its client can fill in/);
  expect(made('goose', { type: 'stdio', cmd: 'x', env_keys: ['K'] })).toMatch(/keychain of its own/);
  expect(made('claude-code', { type: 'http', url: 'https://x.example', headersHelper: '/h' })).toMatch(/signs in with headersHelper/);
  expect(made('cursor', { args: [] })).toMatch(/neither a program nor an address/);
});

test('secrets become references in their place, whole variables become secrets', () => {
  expect(
    made('cursor', {
      command: 'x',
      args: ['pg://u:pw@h/d', '--token=t0ken', '-H', 'Authorization: Bearer abcdef'],
      env: { TOKEN: 'abcd', URL: 'https://u:p4ss@h' },
    }),
  ).toEqual({
    kind: 'command',
    command: 'x',
    args: ['pg://u:${secret:name-of-pw}@h/d', '--token=${secret:name-of-t0ken}', '-H', 'Authorization: Bearer ${secret:name-of-abcdef}'],
    cwd: null,
    env: { URL: 'https://u:${secret:name-of-p4ss}@h' },
    secretEnv: { TOKEN: 'name-of-abcd' },
  });
});

test('a server is known again by what it is', () => {
  const spec = { kind: 'command', command: 'npx', args: ['-y', 'a'], cwd: null, env: { A: '1' }, secretEnv: {} } as const;
  const row = { name: 'a', command: '/usr/bin/npx', args: ['-y', 'a'], cwd: null, env: { A: '1' }, secretEnv: {} };
  expect(isServer(spec, row)).toBe(true);
  expect(isServer(spec, { ...row, command: 'C:\\node\\npx.cmd' })).toBe(true);
  expect(isServer({ ...spec, command: '/usr/local/bin/npx' }, row)).toBe(false);
  expect(isServer(spec, { ...row, args: ['-y', 'b'] })).toBe(false);
  expect(isServer(spec, { ...row, env: {} })).toBe(false);
  expect(isServer(spec, { ...row, secretEnv: { T: 't' } })).toBe(false);
  expect(
    isServer(
      { kind: 'url', url: 'https://x.example', transport: 'http', headers: {} },
      { ...row, remote: { url: 'https://x.example/', headers: {} } },
    ),
  ).toBe(true);
});

test("names fit, and are nobody else's", () => {
  expect(serverNameFor('My GitHub!', new Set())).toBe('my-github');
  expect(serverNameFor('файлы', new Set())).toBe('server');
  expect(serverNameFor('a'.repeat(40), new Set())).toBe('a'.repeat(24));
  expect(serverNameFor('a'.repeat(40), new Set(['a'.repeat(24)]))).toBe(`${'a'.repeat(22)}-2`);
});
