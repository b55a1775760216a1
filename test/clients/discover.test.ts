// Where each client's files are on three systems, and what is found in them.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: clients write variables so.
import { expect, test } from 'vitest';
import { discover } from '../../broker/clients/discover.ts';
import { kinds } from '../../broker/clients/kinds.ts';
import { leaksOf, unpinned } from '../../broker/clients/leaks.ts';
import { plainSecrets } from '../../broker/clients/secrets.ts';
import { homes, paperMachine } from './paper.ts';

const paths = (platform: 'linux' | 'darwin' | 'win32', env: Record<string, string> = {}, files: Record<string, string> = {}) =>
  kinds.flatMap((kind) => kind.files(paperMachine(files, { platform, env })).map(({ path }) => `${kind.name} ${path}`));

test('Linux: home, XDG, and the names that clients take from the environment', () => {
  const found = paths('linux');
  expect(found).toContain('claude-desktop /home/ada/.config/Claude/claude_desktop_config.json');
  expect(found).toContain('claude-code /home/ada/.claude.json');
  expect(found).toContain('claude-code /home/ada/work/.mcp.json');
  expect(found).toContain('vscode /home/ada/.config/Code - Insiders/User/mcp.json');
  expect(found).toContain('zed /home/ada/.config/zed/settings.json');
  expect(found).toContain('goose /home/ada/.config/goose/config.yaml');
  expect(found).toContain('codex /home/ada/.codex/config.toml');
  const moved = paths('linux', { XDG_CONFIG_HOME: '/x', CODEX_HOME: '/c', CLAUDE_CONFIG_DIR: '/k', CLINE_MCP_SETTINGS_PATH: '/l.json' });
  expect(moved).toEqual(
    expect.arrayContaining(['zed /x/zed/settings.json', 'codex /c/config.toml', 'claude-code /k/.claude.json', 'cline /l.json']),
  );
});

test('macOS: Application Support for some, .config for others', () => {
  const found = paths('darwin');
  expect(found).toContain('claude-desktop /Users/ada/Library/Application Support/Claude/claude_desktop_config.json');
  expect(found).toContain('vscode /Users/ada/Library/Application Support/Code/User/mcp.json');
  expect(found).toContain('zed /Users/ada/.config/zed/settings.json');
  expect(found).toContain('windsurf /Users/ada/.codeium/windsurf/mcp_config.json');
});

test('Windows: AppData, and the copy below Packages that an MSIX installation reads first', () => {
  const env = { APPDATA: 'C:\\Users\\ada\\AppData\\Roaming', LOCALAPPDATA: 'C:\\Users\\ada\\AppData\\Local', USERPROFILE: homes.win32 };
  const packaged = `${env.LOCALAPPDATA}\\Packages\\Claude_pzs8sxrjxfjjc\\LocalCache\\Roaming\\Claude\\claude_desktop_config.json`;
  const found = paths('win32', env, { [packaged]: '{}', [`${env.LOCALAPPDATA}\\Packages\\Microsoft.X_1\\a`]: '' });
  const desktop = found.filter((line) => line.startsWith('claude-desktop'));
  expect(desktop).toEqual([`claude-desktop ${packaged}`, `claude-desktop ${env.APPDATA}\\Claude\\claude_desktop_config.json`]);
  expect(found).toContain('goose C:\\Users\\ada\\AppData\\Roaming\\Block\\goose\\config\\config.yaml');
  expect(found).toContain('zed C:\\Users\\ada\\AppData\\Roaming\\Zed\\settings.json');
  expect(found).toContain('cursor C:\\Users\\ada\\.cursor\\mcp.json');
});

const secret = 'ghp_0123456789abcdefghij0123456789abcdef';

test('what leaks is told by place, and no value is ever said', () => {
  const machine = paperMachine({
    '/home/ada/.cursor/mcp.json': {
      mode: 0o644,
      bytes: JSON.stringify({
        mcpServers: {
          gh: { command: 'npx', args: ['-y', '@x/gh'], env: { GITHUB_TOKEN: secret } },
          pg: { command: 'uvx', args: ['pg==1.2', 'postgresql://ada:hunter2@h/db'] },
          far: { url: 'http://x.example/mcp?api_key=abcd1234', headers: { Authorization: 'Bearer tok-987654' } },
          tidy: { command: '/opt/x', env: { KEY: '${env:KEY}' } },
          sh: { command: 'bash', args: ['-lc', 'npx x'] },
          here: {
            command: '/n/node',
            args: ['/g/dist/connector/connect.mjs', 'connect', '--home', '/h', '--client', 'cursor', '--server', 'a'],
          },
          there: { url: 'http://127.0.0.1:4000/mcp/s/b', headers: { Authorization: 'Bearer ght_x' } },
        },
      }),
    },
    '/home/ada/.mcp.json': { kind: 'link', bytes: '{}' },
    '/home/ada/work/.mcp.json': { kind: 'link', bytes: '{}' },
    '/home/ada/.codex/config.toml': { mode: 0o644, bytes: '[mcp_servers.a]\ncommand = "/opt/a"\n' },
  });
  const found = discover(machine);
  expect(found.unreadable.map(({ path, why }) => [path, why])).toEqual([['/home/ada/work/.mcp.json', expect.stringContaining('link')]]);
  const leaks = leaksOf(found, machine);
  const said = leaks.map(({ code, entry }) => `${entry ?? '*'} ${code}`).filter((line) => !line.endsWith('unmanaged'));
  expect(said.sort()).toEqual([
    '* wide-file',
    'far plain-http',
    'far plaintext-key',
    'far plaintext-key',
    'gh plaintext-key',
    'gh unpinned-package',
    'pg plaintext-key',
    'sh shell',
  ]);
  expect(leaks.filter(({ code }) => code === 'unmanaged').map(({ entry }) => entry)).toEqual(['gh', 'pg', 'far', 'tidy', 'sh', 'a']);
  const all = JSON.stringify(leaks);
  for (const value of [secret, 'hunter2', 'abcd1234', 'tok-987654']) expect(all).not.toContain(value);
});

test('keys are found by name, by shape and in addresses; what only looks like one is not', () => {
  const launch = (env: Record<string, string>, args: string[] = []) =>
    plainSecrets({ kind: 'command', command: 'x', args, env, cwd: null, envFile: null }).map(
      ({ key, value, called }) => `${key} ${value} ${called}`,
    );
  expect(launch({ apiKey: 'abcdefgh', ACCESSTOKEN: 'qwertyui', NOTE: `use ${secret}`, SENTRY_DSN: 'https://k@s.example/1' })).toEqual([
    'apiKey abcdefgh api-key',
    'ACCESSTOKEN qwertyui accesstoken',
    `NOTE ${secret} note`,
    'SENTRY_DSN https://k@s.example/1 sentry-dsn',
  ]);
  expect(
    launch({ MONKEY: 'banana', KEY_FILE: 'x/y', TOKEN: '<your token>', API_KEY: '${KEY}', MAX_TOKENS: '40960', PASSWORD: 'changeme' }),
  ).toEqual([]);
  expect(
    launch({}, ['--api-key', 'abcd', '--token=zz11', '-e', `T=${secret}`, '-H', 'X-Api-Key: k1k2', 'pg://u:p@h', '--port', '8080']),
  ).toEqual(['1 abcd api-key', '2 zz11 token', `4 ${secret} github-token`, '6 k1k2 x-api-key', '7 p pg-password']);
});

test('a package is fixed only by a whole version', () => {
  const rows: [string, string[], string | null][] = [
    ['npx', ['-y', '@a/b'], '@a/b'],
    ['npx', ['-y', '@a/b@latest'], '@a/b@latest'],
    ['npx', ['-y', '@a/b@1.2.3', '--x'], null],
    ['C:\\node\\npx.cmd', ['a@1'], 'a@1'],
    ['cmd', ['/c', 'npx', '-y', 'a'], 'a'],
    ['npm', ['exec', '--package=a@1.0.0', '--', 'a'], null],
    ['uvx', ['--from', 'a', 'tool'], 'a'],
    ['uvx', ['a==1.0'], null],
    ['docker', ['run', '-i', '--rm', '-e', 'K', 'img:1', 'x'], 'img:1'],
    ['docker', ['run', '--env', 'K', `img@sha256:${'a'.repeat(64)}`], null],
    ['node', ['s.js'], null],
  ];
  for (const [command, args, loose] of rows) expect([command, unpinned(command, args)]).toEqual([command, loose]);
});
