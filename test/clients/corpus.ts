// Configuration files as people have them, for every client: written by us after the shapes in the clients' own documentation.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: clients write variables so.
import type { ClientKindName } from '../../broker/clients/kind.ts';

export interface Sample {
  readonly client: ClientKindName;
  readonly name: string;
  readonly bytes: Buffer;
  /** Names of its entries; for a broken file, words of the reason instead. */
  readonly entries: readonly string[] | null;
  readonly why?: RegExp;
}

const samples: Sample[] = [];
const good = (client: ClientKindName, name: string, text: string | Buffer, ...entries: string[]) =>
  samples.push({ client, name, bytes: Buffer.from(text as string), entries });
const broken = (client: ClientKindName, name: string, text: string | Buffer, why: RegExp) =>
  samples.push({ client, name, bytes: Buffer.from(text as string), entries: null, why });
const crlf = (text: string) => text.replace(/\n/g, '\r\n');

const desktop = `{
  "mcpServers": {
    "filesystem": {
      "command": "npx",
      "args": ["-y", "@modelcontextprotocol/server-filesystem", "/Users/ada/Desktop"]
    },
    "github": {
      "command": "npx",
      "args": ["-y", "@modelcontextprotocol/server-github"],
      "env": { "GITHUB_PERSONAL_ACCESS_TOKEN": "ghp_0123456789abcdefghij0123456789abcdef" }
    }
  }
}
`;
good('claude-desktop', 'two servers', desktop, 'filesystem', 'github');
good('claude-desktop', 'CRLF', crlf(desktop), 'filesystem', 'github');
good('claude-desktop', 'BOM', `\uFEFF${desktop}`, 'filesystem', 'github');
good('claude-desktop', 'BOM, CRLF and no end', `\uFEFF${crlf(desktop).trimEnd()}`, 'filesystem', 'github');
good('claude-desktop', 'one line', JSON.stringify(JSON.parse(desktop)), 'filesystem', 'github');
good('claude-desktop', 'tabs', JSON.stringify(JSON.parse(desktop), null, '\t'), 'filesystem', 'github');
good(
  'claude-desktop',
  'odd indentation',
  '{ "mcpServers" :\n\n   {"a":{\n "command":"x" ,"args":[ ]\n}\n  ,   "b" : {"command":"y"}}\n }\n\n\n',
  'a',
  'b',
);
good('claude-desktop', 'empty file', '');
good('claude-desktop', 'blank file', ' \n\n');
good('claude-desktop', 'empty object', '{}');
good('claude-desktop', 'no servers', '{\n  "mcpServers": {}\n}\n');
good('claude-desktop', 'other settings only', '{\n  "globalShortcut": "Ctrl+Space",\n  "scale": 1.10\n}');
good(
  'claude-desktop',
  'unknown keys and numbers as written',
  '{"mcpServers":{"n":{"command":"x","x-note":1e3,"big":12345678901234567890}},"later":[1.0,2]}',
  'n',
);
good(
  'claude-desktop',
  'names of other alphabets',
  '{"mcpServers":{"файлы 📁":{"command":"x"},"a.b/c":{"command":"y"},"":{"command":"z"}}}',
  'файлы 📁',
  'a.b/c',
  '',
);
good('claude-desktop', 'escapes', '{"mcpServers":{"a\\u0062c":{"command":"C:\\\\tools\\\\x.exe","args":["\\"q\\"","\\/"]}}}', 'abc');
broken('claude-desktop', 'cut off', desktop.slice(0, 120), /not JSON/);
broken('claude-desktop', 'missing comma', desktop.replace('],\n      "env"', ']\n      "env"'), /not JSON: comma expected in line \d/);
broken('claude-desktop', 'a list', '[]', /not an object/);
broken('claude-desktop', 'servers in a list', '{"mcpServers":[]}', /"mcpServers" is not a map/);
broken('claude-desktop', 'one name twice', '{"mcpServers":{"a":{"command":"x"},"a":{"command":"y"}}}', /"a" stands twice/);
broken('claude-desktop', 'the map twice', '{"mcpServers":{},"mcpServers":{"a":{"command":"y"}}}', /stands twice/);
broken('claude-desktop', 'UTF-16', Buffer.from(`\uFEFF${desktop}`, 'utf16le'), /UTF-16/);
broken('claude-desktop', 'Latin-1', Buffer.from('{"mcpServers":{"caf\xe9":{"command":"x"}}}', 'latin1'), /not text in UTF-8/);
broken('claude-desktop', 'very deep', `{"a":${'['.repeat(5000)}${']'.repeat(5000)}}`, /nested deeper/);

const code = (projects: string, user = '{}') => `{
  "numStartups": 184,
  "installMethod": "npm-global",
  "tipsHistory": {"shift-enter": 12},
  "projects": ${projects},
  "mcpServers": ${user},
  "oauthAccount": {"emailAddress": "ada@example.com"}
}`;
good(
  'claude-code',
  'user entries',
  code(
    '{}',
    '{"github":{"type":"http","url":"https://api.githubcopilot.com/mcp/","headers":{"Authorization":"Bearer ghp_0123456789abcdefghij0123456789abcdef"}},"fs":{"type":"stdio","command":"npx","args":["-y","x"],"env":{}}}',
  ),
  'github',
  'fs',
);
good(
  'claude-code',
  'local entries',
  code(
    '{"/home/ada/a b":{"allowedTools":[],"mcpServers":{"db":{"command":"uvx","args":["postgres-mcp","postgresql://ada:pw@localhost/x"]}}},"/srv":{"mcpServers":{}}}',
  ),
  'db',
);
good(
  'claude-code',
  'the same name for user and project',
  code('{"/p":{"mcpServers":{"db":{"command":"b"}}}}', '{"db":{"command":"a"}}'),
  'db',
  'db',
);
good(
  'claude-code',
  'expansions',
  code(
    '{}',
    '{"api":{"type":"sse","url":"${API_BASE:-https://api.example.com}/sse","headers":{"Authorization":"Bearer ${API_KEY}"}},"l":{"command":"${CLAUDE_PROJECT_DIR}/bin/s","timeout":600000,"alwaysLoad":true}}',
  ),
  'api',
  'l',
);
good('claude-code', 'never used', '{}');
good(
  'claude-code',
  'huge',
  code(
    `{${Array.from({ length: 2000 }, (_, at) => `"/home/ada/p${at}":{"history":[{"display":"${'x'.repeat(200)}"}],"lastCost":0.${at}}`).join(',')}}`,
    '{"fs":{"command":"x"}}',
  ),
  'fs',
);
good(
  'claude-code',
  'headers from a helper',
  code('{}', '{"corp":{"type":"http","url":"https://mcp.corp.example","headersHelper":"/opt/h","oauth":{"clientId":"x"}}}'),
  'corp',
);
broken('claude-code', 'cut off while written', code('{}').slice(0, -20), /not JSON/);
broken('claude-code', 'projects hold text', code('{"/p":{"mcpServers":"none"}}'), /not a map of names/);

const cursorText = `{
    // team servers
    "mcpServers": {
        "linear": { "url": "https://mcp.linear.app/mcp" }, // signed in by OAuth
        /* local */
        "pg": {
            "command": "npx",
            "args": ["-y", "@modelcontextprotocol/server-postgres", "postgresql://ada:s3cret@localhost/app"],
            "envFile": "\${workspaceFolder}/.env",
        },
    },
}
`;
good('cursor', 'comments and trailing commas', cursorText, 'linear', 'pg');
good('cursor', 'comments, CRLF', crlf(cursorText), 'linear', 'pg');
good(
  'cursor',
  'variables',
  '{"mcpServers":{"x":{"command":"${userHome}/bin/x","args":["--root","${workspaceFolder}"],"env":{"T":"${env:T}"}}}}',
  'x',
);
good(
  'cursor',
  'an address with a key',
  '{"mcpServers":{"exa":{"url":"https://mcp.exa.ai/mcp?exaApiKey=abcd-efgh-1234","headers":{"X-K":"v"}}}}',
  'exa',
);
good('cursor', 'only a comment', '// nothing yet\n');
broken('cursor', 'a comment that never ends', '{"mcpServers":{} /* ', /not JSON/);

const vscodeText = `{
\t"inputs": [
\t\t{ "type": "promptString", "id": "perplexity-key", "description": "Perplexity API Key", "password": true }
\t],
\t"servers": {
\t\t"Perplexity": { "type": "stdio", "command": "docker", "args": ["run", "-i", "--rm", "-e", "PERPLEXITY_API_KEY", "mcp/perplexity-ask"], "env": { "PERPLEXITY_API_KEY": "\${input:perplexity-key}" } },
\t\t"fetch": { "type": "stdio", "command": "uvx", "args": ["mcp-server-fetch"], "sandboxEnabled": true },
\t\t"events": { "type": "sse", "url": "http://localhost:3001/sse" },
\t\t"pipe": { "type": "http", "url": "unix:///tmp/server.sock" }
\t}
}
`;
good('vscode', 'inputs', vscodeText, 'Perplexity', 'fetch', 'events', 'pipe');
good('vscode', 'inputs, CRLF and BOM', `\uFEFF${crlf(vscodeText)}`, 'Perplexity', 'fetch', 'events', 'pipe');
good(
  'vscode',
  'envFile and cwd',
  '{"servers":{"x":{"command":"node","args":["s.js"],"cwd":"${workspaceFolder}/srv","envFile":"${workspaceFolder}/.env","dev":{"watch":"**"}}}}',
  'x',
);
good('vscode', 'servers not there yet', '{\n\t"inputs": []\n}\n');
broken('vscode', 'two commas', '{"servers":{"a":{"command":"x"},,}}', /not JSON/);

good(
  'windsurf',
  'both forms',
  '{\n  "mcpServers": {\n    "remote": {"serverUrl": "https://x.example/mcp", "headers": {"API_KEY": "${env:K}"}},\n    "local": {"command": "node", "args": ["s.js"], "disabled": true}\n  }\n}\n',
  'remote',
  'local',
);
good('windsurf', 'off tools', '{"mcpServers":{"g":{"command":"g","disabledTools":["rm"],"env":{"N":1,"B":true}}}}', 'g');
good('windsurf', 'address as url', '{"mcpServers":{"g":{"url":"https://x.example/sse"}}}', 'g');
broken('windsurf', 'text', 'mcpServers: {}', /not JSON/);

const zedText = `// Zed settings
//
// For information on how to configure Zed, see the docs.
{
  "theme": { "mode": "system" }, // follows
  "context_servers": {
    // by hand
    "postgres-context-server": { "settings": { "database_url": "postgresql://x" } },
    "mine": { "source": "custom", "command": "node", "args": ["/srv/s.js"], "env": {} },
    "old": { "command": { "path": "uvx", "args": ["mcp-server-git"], "env": { "A": "b" } } },
    "far": { "url": "https://x.example/mcp", "headers": { "Authorization": "Bearer abcdef123" } },
  },
  "vim_mode": true,
}
`;
good('zed', 'settings by hand', zedText, 'mine', 'old', 'far');
good('zed', 'settings, CRLF', crlf(zedText), 'mine', 'old', 'far');
good('zed', 'no servers', '{ "vim_mode": true }');
broken('zed', 'single quotes', "{ 'vim_mode': true }", /not JSON/);

const codexText = `model = "gpt-5-codex" # the big one
approval_policy = "on-request"

[mcp_servers.context7]
command = "npx"
args = ["-y", "@upstash/context7-mcp"]

# keys of the office
[mcp_servers.office] # paid
url = "https://office.example/mcp"
bearer_token_env_var = "OFFICE_TOKEN"
startup_timeout_sec = 20

[mcp_servers.gh]
command = "npx"
args = [
  "-y",
  "@modelcontextprotocol/server-github", # all of it
]

[mcp_servers.gh.env]
GITHUB_TOKEN = "ghp_0123456789abcdefghij0123456789abcdef"

[tui]
notifications = true
`;
good('codex', 'tables', codexText, 'context7', 'office', 'gh');
good('codex', 'tables, CRLF', crlf(codexText), 'context7', 'office', 'gh');
good('codex', 'BOM', `\uFEFF${codexText}`, 'context7', 'office', 'gh');
good(
  'codex',
  'inline tables',
  'x = 1\n[mcp_servers]\na = { command = "x", args = ["y"], env = { K = "v" } } # one\nb = { command = "z" }\n[other]\nq = 2\n',
  'a',
  'b',
);
good('codex', 'dotted keys', '[mcp_servers]\na.command = "x"\na.args = []\n\nb.command = "y"\n', 'a', 'b');
good('codex', 'dotted from the top', 'mcp_servers.a.command = "x"\nmcp_servers.a.env.K = "v"\nmodel = "m"\n', 'a');
good('codex', 'quoted names', '[mcp_servers."my server.v2"]\ncommand = \'C:\\x\\y.exe\'\n', 'my server.v2');
good('codex', 'tables apart', '[mcp_servers.a]\ncommand = "x"\n\n# between\n[tui]\nt = 1\n\n[mcp_servers.a.env]\nK = "v"\n', 'a');
good('codex', 'strings of several lines', '[mcp_servers.a]\ncommand = "x"\nargs = ["""\none\ntwo""", \'\'\'raw\'\'\']\n', 'a');
good('codex', 'no servers', 'model = "o3"');
good('codex', 'empty file', '');
broken('codex', 'a table twice', '[mcp_servers.a]\ncommand = "x"\n[mcp_servers.a]\ncommand = "y"\n', /not TOML/);
broken('codex', 'an open string', '[mcp_servers.a]\ncommand = "x\n', /not TOML.*line 2/);
broken('codex', 'servers as a list', 'mcp_servers = [1]\n', /not a map of names/);

good(
  'gemini',
  'all three forms',
  '{\n  "theme": "GitHub",\n  "mcpServers": {\n    "h": {"httpUrl": "https://x.example/mcp", "headers": {"K": "$KEY"}, "timeout": 5000},\n    "s": {"url": "https://x.example/sse"},\n    "c": {"command": "python", "args": ["-m", "s"], "cwd": "./srv", "env": {"K": "$KEY"}, "trust": true, "includeTools": ["a"]}\n  }\n}\n',
  'h',
  's',
  'c',
);
good('gemini', 'no servers', '{"selectedAuthType":"oauth-personal"}');
broken('gemini', 'a number', '7', /not an object/);

good(
  'cline',
  'all forms',
  '{\n  "mcpServers": {\n    "c": {"command": "npx", "args": ["-y", "x"], "disabled": false, "autoApprove": ["read"]},\n    "h": {"type": "streamableHttp", "url": "https://x.example/mcp"},\n    "s": {"type": "sse", "url": "https://x.example/sse", "headers": {"Authorization": "Bearer abc12345"}}\n  }\n}',
  'c',
  'h',
  's',
);
good(
  'cline',
  'as its command line writes it',
  '{\n  "mcpServers": {\n    "c": {\n      "transport": {\n        "type": "stdio",\n        "command": "npx",\n        "args": ["-y", "x"],\n        "env": {"A_TOKEN": "abc12345"}\n      },\n      "disabled": true\n    },\n    "h": {\n      "transport": {\n        "type": "streamableHttp",\n        "url": "https://x.example/mcp",\n        "headers": {"Authorization": "Bearer x"}\n      }\n    }\n  }\n}\n',
  'c',
  'h',
);
good('cline', 'as it is made', '{\n  "mcpServers": {\n  }\n}');
broken('cline', 'NUL bytes after a crash', Buffer.alloc(64), /not JSON/);

const gooseText = `GOOSE_PROVIDER: anthropic
GOOSE_MODEL: claude-sonnet-4   # the usual
extensions:
  developer:
    enabled: true
    type: builtin
    name: developer
    timeout: 300
    bundled: true

  # what we wrote
  github:
    enabled: true
    type: stdio
    name: GitHub
    cmd: npx
    args:
    - -y
    - '@modelcontextprotocol/server-github'
    envs:
      GITHUB_PERSONAL_ACCESS_TOKEN: ghp_0123456789abcdefghij0123456789abcdef
    env_keys: []
    timeout: 300
  far: {type: streamable_http, uri: "https://x.example/mcp", enabled: false, headers: {A: b}}
other: |
  kept as
    it is
`;
good('goose', 'extensions', gooseText, 'github', 'far');
good('goose', 'extensions, CRLF', crlf(gooseText), 'github', 'far');
good(
  'goose',
  'four spaces',
  'extensions:\n    a:\n        type: stdio\n        cmd: x\n        args: []\n    b:\n        type: stdio\n        cmd: y',
  'a',
  'b',
);
good('goose', 'in braces', 'extensions: {a: {type: stdio, cmd: x}, b: {type: stdio, cmd: y}}\n', 'a', 'b');
good('goose', 'nothing below', 'GOOSE_MODEL: x\nextensions:\n');
good('goose', 'empty file', '');
good(
  'goose',
  'a text with hashes',
  'extensions:\n  "a # b":\n    type: stdio\n    cmd: x # y\n    args: ["# no comment"]\n# end\n',
  'a # b',
);
broken('goose', 'a key twice', 'extensions:\n  a: {cmd: x}\n  a: {cmd: y}\n', /not YAML.*unique/);
broken('goose', 'tabs', 'extensions:\n\ta: x\n', /not YAML/);
broken('goose', 'a name for nothing', 'extensions:\n  a: *gone\n', /not YAML: Unresolved alias/);
broken('goose', 'two documents', 'a: 1\n---\nb: 2\n', /not YAML/);

good(
  'opencode',
  'both forms',
  '{\n  "$schema": "https://opencode.ai/config.json",\n  "mcp": {\n    "l": {"type": "local", "command": ["bun", "x", "my-mcp"], "environment": {"K": "{env:K}"}, "enabled": true},\n    "r": {"type": "remote", "url": "https://x.example/mcp", "headers": {"Authorization": "Bearer {file:~/.k}"}}\n  }\n}\n',
  'l',
  'r',
);
good('opencode', 'comments', '{ // mine\n  "mcp": { "l": { "type": "local", "command": ["x"] } } }', 'l');
broken('opencode', 'HTML instead', '<html></html>', /not JSON/);

good('junie', 'usual', '{\n  "mcpServers": {\n    "x": {"command": "java", "args": ["-jar", "s.jar"]}\n  }\n}', 'x');
good('junie', 'empty object', '{ }\n');
broken('junie', 'Infinity', '{"mcpServers":{"x":{"command":"y","timeout":Infinity}}}', /not JSON/);

export const corpus: readonly Sample[] = samples;
