// The written names of clients that set-up knows. A client's own name holds no space, so none of these can be taken by another.
const titles: ReadonlyMap<string, string> = new Map([
  ['claude-desktop', 'Claude Desktop'],
  ['claude-code', 'Claude Code'],
  ['cursor', 'Cursor'],
  ['vscode', 'VS Code'],
  ['windsurf', 'Windsurf'],
  ['zed', 'Zed'],
  ['codex', 'Codex'],
  ['gemini', 'Gemini CLI'],
  ['cline', 'Cline'],
  ['goose', 'Goose'],
  ['opencode', 'OpenCode'],
  ['junie', 'Junie'],
]);

/** How a client is called in a sentence; the name it was paired under where we know no better. */
export const clientTitle = (name: string): string => titles.get(name) ?? name;
