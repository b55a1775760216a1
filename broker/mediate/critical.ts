// Files that become code or rights when they are written: client configurations, hooks, shell start-up, autostart, our own program (T39).
import type { Nature, RequestFacts } from '../../shared/request-facts.ts';

const kinds: readonly (readonly [RegExp, string])[] = [
  [/\/\.mcp\.json$|\/mcp\.json$|\/mcp_config\.json$|\/mcp_settings\.json$|\/cline_mcp_settings\.json$/, "an AI client's list of servers"],
  [/\/claude_desktop_config\.json$|\/\.claude\.json$|\/\.claude\/|\/claude\.md$|\/agents\.md$/, "an AI client's configuration"],
  [
    /\/\.(?:cursor|windsurf|codeium|codex|gemini|junie|opencode|goose|cline|zed|continue)\/|\/\.config\/(?:zed|goose|opencode|codex|cursor)\/|\/opencode\.jsonc?$|\/\.cursorrules$/,
    "an AI client's configuration",
  ],
  [
    /\/\.git\/(?:hooks\/|config$|modules\/.*\/(?:hooks\/|config$))|\/\.githooks\/|\/\.husky\/|\/\.gitconfig$|\/\.config\/git\/|\/\.gitattributes$/,
    'something git runs',
  ],
  [
    /\/\.vscode\/(?:tasks|settings|launch|mcp|extensions)\.json$|\/\.idea\/|\/\.devcontainer\/|\.code-workspace$|\/code\/user\/(?:settings|tasks|keybindings|mcp)\.json$/,
    'something the editor runs',
  ],
  [
    /\/\.(?:bashrc|bash_profile|bash_login|bash_logout|bash_aliases|profile|zshrc|zprofile|zshenv|zlogin|zlogout|kshrc|cshrc|tcshrc|inputrc|xprofile|xinitrc|xsession|envrc)$|\/\.config\/fish\/|\/profile\.ps1$|_profile\.ps1$|\/powershell\/.*\.ps1$/,
    'shell start-up',
  ],
  [
    /\/\.config\/(?:autostart|systemd)\/|\/\.local\/share\/(?:applications|systemd|dbus-1)\/|\/launch(?:agents|daemons)\/|\/start menu\/programs\/startup\/|\/etc\/(?:cron|profile|systemd|init|rc|ld\.so|sudoers|pam\.d|environment|bash\.|zsh)|\/var\/spool\/cron\//,
    'something the system starts by itself',
  ],
  [
    /\/\.ssh\/|\/\.gnupg\/|\/\.aws\/|\/\.kube\/|\/\.docker\/config\.json$|\/\.netrc$|\/\.npmrc$|\/\.pypirc$|\/\.yarnrc(?:\.yml)?$|\/pip\.conf$/,
    'keys, or who may sign in',
  ],
  [
    /\/\.(?:vimrc|exrc|nvimrc|emacs|gdbinit|lldbinit|pythonrc|irbrc|pryrc|rprofile|tmux\.conf|screenrc|pam_environment|xinputrc)$|\/\.(?:vim|emacs\.d|git-templates)\/|\/\.config\/(?:nvim|environment\.d|direnv|tmux)\/|\/(?:site|user)customize\.py$|\/site-packages\/[^/]*\.pth$|\/\.cargo\/config(?:\.toml)?$|\/\.gradle\/init|\/\.local\/bin\/|\/\.pre-commit-config\.ya?ml$|\/lefthook\.ya?ml$|\/\.github\/workflows\/|\/\.gitlab-ci\.yml$/,
    'something a program of yours runs by itself',
  ],
  [/\/(?:gemini|copilot-instructions|\.windsurfrules|\.clinerules)(?:\.md)?$|\/\.(?:clinerules|roo)\//, "an AI client's instructions"],
  // The whole folder: a prepared one moved to this place brings all of the above with it.
  [/\/\.(?:git|vscode|config|github|local)$|\/\.(?:local\/share|git\/modules)$/, 'a folder whose files run by themselves'],
];
/** The same in the text of a command, where it is no argument of its own. */
const inCommand =
  /\.(?:bashrc|bash_profile|profile|zshrc|zshenv|zprofile)\b|\.mcp\.json|\.claude(?:\.json|\/)|claude_desktop_config|\.git\/hooks|\.githooks|\.vscode\/|\.config\/(?:autostart|systemd)|launchagents|authorized_keys|\bcrontab\b|\.ssh\//i;

export interface Program {
  /** Folders our own program lies in, resolved. */
  readonly folders: readonly string[];
}

/** What critical thing a request would change; null when it only looks, or at nothing of the kind. */
export function criticalTarget(facts: RequestFacts, nature: Nature, program: Program): string | null {
  if (nature === 'read') return null;
  for (const { readings } of facts.paths) {
    for (const reading of readings) {
      const path = reading.normalize('NFKC').replaceAll('\\', '/').toLowerCase();
      for (const [pattern, what] of kinds) if (pattern.test(path) || pattern.test(`${path}/`)) return what;
      if (program.folders.some((folder) => path === folder.toLowerCase() || path.startsWith(`${folder.toLowerCase()}/`)))
        return 'the program of Gatehouse';
    }
  }
  for (const { command } of facts.commands) if (inCommand.test(command)) return 'something that runs by itself';
  return null;
}
