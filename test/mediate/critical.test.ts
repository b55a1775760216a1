// Files that become code or rights when they are written (T39): each kind is found, whatever its spelling, and looking at it is no change.
import { describe, expect, test } from 'vitest';
import { criticalTarget } from '../../broker/mediate/critical.ts';
import type { Nature } from '../../shared/request-facts.ts';
import { noFacts } from '../support/facts.ts';

const program = { folders: ['/opt/other', '/opt/Gatehouse'] };
const onPaths = (nature: Nature, ...readings: string[]) =>
  criticalTarget(
    {
      ...noFacts,
      paths: readings.map((each) => ({ argument: 'path', path: each, readings: [each], isFolder: false, throughLink: false })),
    },
    nature,
    program,
  );
const onCommand = (command: string) => criticalTarget({ ...noFacts, commands: [{ argument: 'command', command }] }, 'run', program);

const servers = "an AI client's list of servers";
const client = "an AI client's configuration";
const git = 'something git runs';
const editor = 'something the editor runs';
const shell = 'shell start-up';
const system = 'something the system starts by itself';
const keys = 'keys, or who may sign in';

const critical: Record<string, readonly string[]> = {
  [servers]: ['/w/.mcp.json', '/w/mcp.json', '/h/.codeium/windsurf/mcp_config.json', '/x/mcp_settings.json', '/x/cline_mcp_settings.json'],
  [client]: [
    ...[
      '/h/library/claude_desktop_config.json',
      '/h/.claude.json',
      '/w/.claude/settings.json',
      '/w/.claude',
      '/w/CLAUDE.md',
      '/w/AGENTS.md',
    ],
    ...['/h/.cursor/rules/x', '/h/.windsurf/x', '/h/.codeium/x', '/h/.codex/config.toml', '/h/.gemini/settings.json', '/h/.junie/x'],
    ...['/h/.opencode/x', '/h/.goose/x', '/h/.cline/x', '/h/.zed/settings.json', '/h/.continue/x', '/h/.config/zed/settings.json'],
    ...['/h/.config/goose/config.yaml', '/h/.config/opencode/x', '/h/.config/codex/x', '/h/.config/cursor/x', '/w/opencode.json'],
    ...['/w/opencode.jsonc', '/w/.cursorrules'],
  ],
  [git]: [
    ...['/w/.git/hooks/pre-commit', '/w/.git/hooks', '/w/.git/config', '/w/.git/modules/sub/hooks/pre-push', '/w/.git/modules/a/b/config'],
    ...['/w/.githooks/x', '/w/.husky/pre-commit', '/h/.gitconfig', '/h/.config/git/config', '/w/.gitattributes'],
  ],
  [editor]: [
    ...['/w/.vscode/tasks.json', '/w/.vscode/settings.json', '/w/.vscode/launch.json', '/w/.vscode/extensions.json', '/w/.idea/x.xml'],
    ...['/w/.devcontainer/devcontainer.json', '/w/a.code-workspace', '/h/.config/Code/User/settings.json', '/h/code/user/tasks.json'],
    ...['/h/code/user/keybindings.json'],
  ],
  [shell]: [
    ...['bashrc', 'bash_profile', 'bash_login', 'bash_logout', 'bash_aliases', 'profile', 'zshrc', 'zprofile', 'zshenv', 'zlogin'].map(
      (name) => `/h/.${name}`,
    ),
    ...['zlogout', 'kshrc', 'cshrc', 'tcshrc', 'inputrc', 'xprofile', 'xinitrc', 'xsession', 'envrc'].map((name) => `/h/.${name}`),
    ...['/h/.config/fish/config.fish', '/h/profile.ps1', '/h/Microsoft.PowerShell_profile.ps1', '/h/powershell/modules/x.ps1'],
  ],
  [system]: [
    ...['/h/.config/autostart/x.desktop', '/h/.config/systemd/user/x.service', '/h/.local/share/applications/x.desktop'],
    ...[
      '/h/.local/share/systemd/user/x',
      '/h/.local/share/dbus-1/services/x',
      '/h/Library/LaunchAgents/x.plist',
      '/library/launchdaemons/x',
    ],
    ...['/u/start menu/programs/startup/x.lnk', '/etc/cron.d/x', '/etc/crontab', '/etc/profile', '/etc/systemd/x', '/etc/init.d/x'],
    ...['/etc/rc.local', '/etc/ld.so.preload', '/etc/sudoers', '/etc/pam.d/x', '/etc/environment', '/etc/bash.bashrc', '/etc/zshrc'],
    ...['/var/spool/cron/x'],
  ],
  [keys]: [
    ...[
      '/h/.ssh/authorized_keys',
      '/h/.ssh',
      '/h/.gnupg/x',
      '/h/.aws/credentials',
      '/h/.kube/config',
      '/h/.docker/config.json',
      '/h/.netrc',
    ],
    ...['/h/.npmrc', '/h/.pypirc', '/w/.yarnrc', '/w/.yarnrc.yml', '/h/pip/pip.conf'],
  ],
  'the program of Gatehouse': ['/opt/gatehouse', '/opt/Gatehouse/broker/start.ts', '/OPT/GATEHOUSE/x'],
};

describe.each(Object.entries(critical))('%s', (what, paths) => {
  test.each(paths.map((path) => [path]))('%s', (path) => {
    for (const nature of ['change', 'destroy', 'send', 'run'] as const) expect(onPaths(nature, path)).toBe(what);
    expect(onPaths('read', path)).toBe(null);
    expect(onPaths('change', path.toUpperCase()), 'on a disk that folds case').toBe(what);
    expect(onPaths('change', path.replaceAll('/', '\\')), 'written the Windows way').toBe(what);
    expect(onPaths('change', '/w/readme.md', path), 'behind another').toBe(what);
  });
});

test('full-width letters are read as a file system that folds them would', () => {
  expect(onPaths('change', '/w/.\uff4d\uff43\uff50.json')).toBe(servers);
});

describe('a name that goes on is another name', () => {
  const whole = [
    ...['.mcp.json', 'mcp.json', 'mcp_config.json', 'mcp_settings.json', 'cline_mcp_settings.json', 'claude_desktop_config.json'],
    ...['.claude.json', '.claude', 'claude.md', 'agents.md', 'opencode.json', 'opencode.jsonc', '.cursorrules', '.cursor', '.git/config'],
    ...['.git/hooks', '.git/modules/a/hooks', '.git/modules/a/config', '.githooks', '.husky', '.gitconfig', '.gitattributes'],
    ...['.vscode/tasks.json', '.vscode/settings.json', '.idea', '.devcontainer', 'a.code-workspace', 'code/user/settings.json'],
    ...['.bashrc', '.profile', '.zshrc', '.envrc', 'profile.ps1', 'x_profile.ps1', 'powershell/x.ps1', '.config/fish', '.config/autostart'],
    ...['.ssh', '.gnupg', '.aws', '.kube', '.docker/config.json', '.netrc', '.npmrc', '.pypirc', '.yarnrc', '.yarnrc.yml', 'pip.conf'],
  ];
  test.each(whole)('%s', (name) => {
    expect(onPaths('change', `/w/${name}`)).not.toBe(null);
    expect(onPaths('change', `/w/${name}x`)).toBe(null);
  });
});

describe('what only looks like it', () => {
  test.each([
    '/w/readme.md',
    '/w/mcp.json.txt',
    '/w/xmcp.json',
    '/w/claude.md.bak',
    '/w/my.claude.json',
    '/w/claude/settings.json',
    '/w/git/hooks/x',
    '/w/.git/index',
    '/w/.git/modules/sub/index',
    '/w/.gitconfig.d',
    '/w/.vscode/snippets.json',
    '/w/vscode/tasks.json',
    '/w/.bashrc.d.md',
    '/w/bashrc',
    '/w/opencode.jsonx',
    '/etc/hosts',
    '/h/.config/x',
    '/h/.docker/daemon.json',
    '/h/ssh/x',
    '/w/pip.config',
    '/opt/gatehouse-notes/x',
    '/opt/x',
    '/w/.yarnrcx',
  ])('%s', (path) => {
    expect(onPaths('change', path)).toBe(null);
  });
});

describe('in the text of a command', () => {
  test.each([
    ...['echo x >> ~/.bashrc', 'cat x > .mcp.json', 'tee ~/.claude.json', 'cp x .claude/settings.json', 'vi claude_desktop_config.json'],
    ...['cp x .git/hooks/pre-commit', 'git config core.hooksPath .githooks', 'mv x .vscode/tasks.json', 'cp x ~/.config/autostart/'],
    ...[
      'ln -s x ~/.config/systemd/user',
      'cp x ~/Library/LaunchAgents',
      'echo k >> authorized_keys',
      'crontab -',
      'cat k >> ~/.ssh/config',
    ],
    ...['echo x >> .bash_profile', 'echo x >> .profile', 'echo x>>~/.zshrc', 'echo x >> .zshenv', 'echo x >> .ZPROFILE'],
  ])('%s', (command) => {
    expect(onCommand(command)).toBe('something that runs by itself');
  });
  test.each(['git status', 'ls ~/notes', 'cat profiles.md', 'echo crontabs', 'cat .bashrcs'])('%s is not', (command) => {
    expect(onCommand(command)).toBe(null);
  });
});
