// What no grant opens (T36, T37), and what becomes code when it is written (T39): every spelling of it, and nothing that only looks alike.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { criticalTarget } from '../../broker/mediate/critical.ts';
import { deriveFacts } from '../../broker/mediate/facts/derive.ts';
import { natureOf } from '../../broker/mediate/facts/nature.ts';
import { holdsOurs, touchesOurs } from '../../broker/mediate/protect.ts';

const base = realpathSync(mkdtempSync(join(tmpdir(), 'gatehouse-protect-')));
const home = join(base, '.local', 'share', 'gatehouse');
mkdirSync(join(home, 'run'), { recursive: true });
mkdirSync(join(base, 'work'));
symlinkSync(home, join(base, 'work', 'innocent'));
afterAll(() => rmSync(base, { recursive: true, force: true }));

const factsOf = (given: unknown, capability = 'tool:read_file') =>
  deriveFacts({
    capability,
    argumentsText: JSON.stringify(given),
    definition: null,
    grounds: { bases: [join(base, 'work')], home: homedir(), platform: 'linux' },
    secretsIn: () => [],
  });
const own = { homes: [home], userHome: base, port: 45123 };
const touches = (given: unknown, text = JSON.stringify(given)) => touchesOurs(text, () => factsOf(given), own);

describe('the home of the broker', () => {
  test.each<[string, unknown]>([
    ['itself', { path: home }],
    ['a file in it', { path: `${home}/state.db` }],
    ['climbing to it', { path: `${base}/work/../.local/share/gatehouse/audit.db` }],
    ['relative', { path: '../.local/share/gatehouse/run/operate.sock' }],
    ['through a link', { path: `${base}/work/innocent/state.db` }],
    ['doubled slashes', { path: `${base}//.local///share/./gatehouse/state.db` }],
    ['in a command', { command: `cat ${home}/run/clients/cursor` }],
    ['with a tilde', { command: 'cat ~/.local/share/gatehouse/state.db' }],
    ['with $HOME', { script: 'cp $HOME/.local/share/gatehouse/state.db /tmp' }],
    ['with braces', { script: 'cp \u0024{HOME}/.local/share/gatehouse/state.db /tmp' }],
    ['as an address', { uri: `file://${home}/state.db` }],
    ['percent-encoded', { uri: `file://${base}/%2elocal/share/g%61tehouse/state.db` }],
    ['percent-encoded twice', { uri: `file://${base}/%252elocal/share/g%2561tehouse` }],
    ['in capitals', { path: home.toUpperCase() }],
    ['deep inside', { edits: [{ target: { where: [`${home}/policies/x.cedar`] } }] }],
    ['as the name of a member', { [`${home}/x`]: 1 }],
    ['with backslashes', { path: home.replaceAll('/', '\\') }],
  ])('%s', (_name, given) => {
    expect(touches(given)).not.toBe(null);
  });
  test('written with escapes of JSON', () => {
    const text = JSON.stringify({ path: home }).replace('gatehouse', '\\u0067atehouse').replaceAll('/', '\\/');
    expect(touches(JSON.parse(text), text)).not.toBe(null);
  });
  test('what holds it is not moved or removed either', () => {
    expect(holdsOurs(factsOf({ path: join(base, '.local') }, 'tool:delete_directory'), own)).toBe(true);
    expect(holdsOurs(factsOf({ path: join(base, 'work') }, 'tool:delete_directory'), own)).toBe(false);
  });
});

describe('the addresses of the broker', () => {
  test.each([
    'http://127.0.0.1:45123/api/approval/approve',
    'http://localhost:45123/',
    'HTTP://LOCALHOST:45123',
    'http://[::1]:45123/',
    'http://[::ffff:127.0.0.1]:45123/',
    'http://0.0.0.0:45123/',
    'http://127.1:45123/',
    'http://2130706433:45123/',
    'http://0x7f000001:45123/',
    'http://0:45123/',
    'http://user:pass@127.0.0.1:45123/',
    'http://anything.example.test:45123/',
    'http://127.0.0.1:045123/',
    'http://127.0.0.1%3A45123/',
    'http://１２７.0.0.1:４５１２３/',
    'ws://127.0.0.1:45123',
    'curl -X POST 127.0.0.1:45123/api/lock',
  ])('%s', (url) => {
    expect(touches({ url })).not.toBe(null);
    expect(touches({ deep: [{ code: `page.goto("${url}")` }] })).not.toBe(null);
  });
  test('host and port apart', () => {
    expect(touches({ host: '127.0.0.1', port: 45123 })).not.toBe(null);
    expect(touches({ host: 'localhost', port: '45123' })).not.toBe(null);
    expect(touches({ host: 'example.test', port: 45123 })).toBe(null);
  });
});

test('honest arguments pass', () => {
  for (const given of [
    { path: join(base, 'work', 'a.ts') },
    { path: `${home}-notes/x`, text: 'gatehouse' },
    { url: 'http://127.0.0.1:3000/' },
    { url: 'https://example.test/45123' },
    { count: 45123 },
    { text: '100% of 45123 people, \\n and é' },
    {},
  ])
    expect(touches(given), JSON.stringify(given)).toBe(null);
});

describe('critical targets', () => {
  const critical = (given: unknown, capability = 'tool:write_file') =>
    criticalTarget(factsOf(given, capability), natureOf(capability, null), { folders: ['/opt/gatehouse'] });
  test.each([
    ...[
      '/w/.mcp.json',
      '/w/.claude/settings.json',
      '/w/.claude/hooks/x.sh',
      '/home/a/.claude.json',
      '/w/.git/hooks/pre-commit',
      '/w/.git/config',
    ],
    ...[
      '/w/.vscode/tasks.json',
      '/w/.vscode/settings.json',
      '/w/.cursor/mcp.json',
      '/home/a/.bashrc',
      '/home/a/.zshenv',
      '/home/a/.profile',
    ],
    ...[
      '/home/a/.config/autostart/x.desktop',
      '/home/a/.config/systemd/user/x.service',
      '/home/a/Library/LaunchAgents/x.plist',
      '/etc/cron.d/x',
    ],
    ...['/home/a/.ssh/authorized_keys', '/home/a/.codex/config.toml', '/home/a/.gemini/settings.json', '/home/a/.config/zed/settings.json'],
    ...[
      '/w/.husky/pre-push',
      '/home/a/.config/fish/config.fish',
      '/home/a/.npmrc',
      '/opt/gatehouse/broker/start.ts',
      '/w/.envrc',
      '/home/a/.gitconfig',
    ],
    ...['/home/a/Library/Application Support/Claude/claude_desktop_config.json', '/w/sub/../.git/hooks/x', '/w/.GIT/hooks/x'],
    // A prepared folder moved into its place; and what programs of the operator run by themselves.
    ...['/w/.git', '/w/.vscode', '/home/a/.config', '/w/.github'],
    ...['/w/.github/workflows/x.yml', '/home/a/.local/bin/ls', '/home/a/.vimrc', '/home/a/.config/nvim/init.lua', '/v/site-packages/x.pth'],
    ...['/w/.pre-commit-config.yaml', '/home/a/.cargo/config.toml', '/w/GEMINI.md', '/w/.github/copilot-instructions.md'],
  ])('%s', (path) => {
    expect(critical({ path, content: 'x' })).not.toBe(null);
    expect(critical({ source: '/w/a', destination: path }, 'tool:move_file')).not.toBe(null);
    expect(critical({ path }, 'tool:read_file'), 'looking is not changing').toBe(null);
  });
  test('in the text of a command', () => {
    expect(critical({ command: 'echo x >> ~/.bashrc' }, 'tool:run_command')).not.toBe(null);
    expect(critical({ command: 'crontab -l' }, 'tool:run_command')).not.toBe(null);
    expect(critical({ command: 'npm test' }, 'tool:run_command')).toBe(null);
  });
  test('nothing else is', () => {
    for (const path of [
      '/w/src/a.ts',
      '/w/git/hooks.md',
      '/w/docs/bashrc.md',
      '/w/.gitignore',
      '/w/mcp/readme.json',
      '/w/claude/x',
      '/w/profile/x',
      '/w/.github/CODEOWNERS',
      '/w/vim/vimrc.md',
    ])
      expect(critical({ path, content: '.bashrc and .git/hooks' }), path).toBe(null);
  });
});
