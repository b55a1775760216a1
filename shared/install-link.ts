// Links that offer our connector to a client which takes such links. They carry a command and never a token: the credential stays in the home.

export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
}

export interface InstallLink {
  readonly title: string;
  readonly url: string;
}

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Base64 of UTF-8, by the language alone: this file is read by the console and by Node. */
function base64(text: string): string {
  const bytes = encodeURIComponent(text).match(/%[0-9A-F]{2}|[^%]/g) ?? [];
  const values = bytes.map((byte) => (byte.length === 3 ? Number.parseInt(byte.slice(1), 16) : (byte.codePointAt(0) ?? 0)));
  let out = '';
  for (let at = 0; at < values.length; at += 3) {
    const three = ((values[at] ?? 0) << 16) | ((values[at + 1] ?? 0) << 8) | (values[at + 2] ?? 0);
    for (let place = 0; place < 4; place++) out += at + place > values.length ? '=' : digits[(three >> (18 - 6 * place)) & 63];
  }
  return out;
}

/**
 * Cursor: `cursor://anysphere.cursor-deeplink/mcp/install?name=&config=` with base64 of the entry (docs of Cursor, "MCP install links").
 * VS Code: `vscode:mcp/install?` with the entry and its name as JSON, percent-encoded (docs of VS Code, "MCP developer guide").
 */
export function installLinks({ command, args }: Launch, name = 'gatehouse'): InstallLink[] {
  const entry = { command, args };
  const inCursor = `name=${encodeURIComponent(name)}&config=${encodeURIComponent(base64(JSON.stringify(entry)))}`;
  const inCode = encodeURIComponent(JSON.stringify({ name, type: 'stdio', ...entry }));
  return [
    { title: 'Cursor', url: `cursor://anysphere.cursor-deeplink/mcp/install?${inCursor}` },
    { title: 'VS Code', url: `vscode:mcp/install?${inCode}` },
    { title: 'VS Code Insiders', url: `vscode-insiders:mcp/install?${inCode}` },
  ];
}
