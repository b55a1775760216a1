// What clients say to their hook, read as uses of tools; and answers as each client reads them.
import { expect, test } from 'vitest';
import { answerFor, toolOutcome, toolUse } from '../../broker/cli/hook-events.ts';
import { deriveFacts } from '../../broker/mediate/facts/derive.ts';

const ours = {
  connect: ['/opt/node', '/opt/connect.mjs', 'connect', '--home', '/home/ada/.gh', '--client', 'cursor'],
  mcp: 'http://127.0.0.1:4000/mcp',
};
const cursor = (event: object) => toolUse('cursor', { workspace_roots: ['/w'], ...event }, ours);

test('events of Cursor', () => {
  expect(cursor({ hook_event_name: 'beforeShellExecution', command: 'ls', cwd: '/w/sub' })).toEqual({
    ...{ name: 'Bash', arguments: { command: 'ls' }, folder: '/w/sub' },
  });
  // What the file holds does not go further.
  expect(cursor({ hook_event_name: 'beforeReadFile', file_path: '/w/.env', content: 'KEY=1' })).toEqual({
    ...{ name: 'Read', arguments: { file_path: '/w/.env' }, folder: '/w' },
  });
  expect(cursor({ hook_event_name: 'preToolUse', tool_name: 'StrReplace', tool_input: { path: '/w/a' } })).toMatchObject({ name: 'Edit' });
  expect(cursor({ hook_event_name: 'preToolUse', tool_name: 'Delete', tool_input: { path: '/w/a' } })).toMatchObject({
    ...{ name: 'other', arguments: { tool: 'Delete', input: { path: '/w/a' } } },
  });
  for (const silent of [{}, { hook_event_name: 'stop' }, { hook_event_name: 'beforeShellExecution' }, { hook_event_name: 'preToolUse' }])
    expect(cursor(silent)).toBeNull();
  // Arguments as the model wrote them: what can be read in two ways is not read at all, what is no JSON is shown.
  const edit = (tool_input: string) => cursor({ hook_event_name: 'preToolUse', tool_name: 'Edit', tool_input });
  expect(() => edit('{"path":"/w/a","path":"/etc/passwd"}')).toThrow(/two ways: the key "path" stands twice/);
  expect(edit('{"path"')).toMatchObject({ arguments: { text: '{"path"' } });
});

test('an MCP call of Cursor to an entry of ours is not asked about twice; nothing else passes for one', () => {
  const mcp = (by: object) => cursor({ hook_event_name: 'beforeMCPExecution', tool_name: 'read', tool_input: '{"a":1}', ...by });
  const start = ours.connect.join(' ');
  for (const by of [{ command: start }, { command: `${start} --server files` }, { url: ours.mcp }, { url: `${ours.mcp}/s/files` }])
    expect(mcp(by)).toBe('ours');
  const others = [
    ...[`${start}; curl evil.example`, `${start} --server files; curl evil.example`, `evil ${start}`, `${start}x`].map((command) => ({
      command,
    })),
    ...['http://127.0.0.1:4001/mcp', `${ours.mcp}/s/../../x`, `${ours.mcp}.evil.example`, `${ours.mcp}/s/`].map((url) => ({ url })),
    { command: start, url: 'https://evil.example/mcp' },
    {},
  ];
  for (const by of others)
    expect(mcp(by), JSON.stringify(by)).toMatchObject({ name: 'other', arguments: { tool: 'MCP read', input: { a: 1 } } });
});

test('answers', () => {
  expect(JSON.parse(answerFor('cursor', { allow: true, reason: 'yes' }))).toEqual({ permission: 'allow' });
  expect(JSON.parse(answerFor('cursor', { allow: false, reason: 'no' }))).toEqual({
    ...{ permission: 'deny', user_message: 'no', agent_message: 'no' },
  });
  expect(JSON.parse(answerFor('claude-code', { allow: false, reason: 'no' }))).toMatchObject({
    hookSpecificOutput: { hookEventName: 'PreToolUse', permissionDecision: 'deny', permissionDecisionReason: 'no' },
  });
});

test('reports of Claude Code, long answers cut, and nothing else taken for one', () => {
  const report = (event: object) => toolOutcome('claude-code', { tool_name: 'Bash', cwd: '/w', tool_use_id: 't1', ...event });
  const answer = { stdout: 'ä', stderr: '' };
  expect(report({ hook_event_name: 'PostToolUse', tool_response: answer, duration_ms: 12.5 })).toEqual({
    ...{ name: 'Bash', folder: '/w', ok: true, use: 't1', durationMs: 12.5, bytes: 27, answer },
  });
  expect(report({ hook_event_name: 'PostToolUseFailure', error: 'no such file', tool_use_id: 7 })).toEqual({
    ...{ name: 'Bash', folder: '/w', ok: false, use: null, durationMs: null, bytes: 14, answer: 'no such file' },
  });
  const long = report({ hook_event_name: 'PostToolUse', tool_response: `${'a'.repeat(900_000)}the end` });
  expect([long?.bytes, String(long?.answer).length]).toEqual([900_009, 112 * 1024 + 1]);
  expect(String(long?.answer)).toMatch(/^"aaa.*the end"$/s);
  expect(report({ hook_event_name: 'PostToolUse' })).toMatchObject({ answer: null, bytes: 4 });
  for (const other of [{}, { hook_event_name: 'PreToolUse' }, { hook_event_name: 'PostToolUse', tool_name: 3 }])
    expect(report(other)).toBeNull();
  expect(toolOutcome('cursor', { hook_event_name: 'PostToolUse', tool_name: 'Bash' })).toBeNull();
});

test('a use keeps the name that the client gave it', () => {
  const event = { hook_event_name: 'PreToolUse', tool_name: 'Bash', tool_input: { command: 'ls' }, tool_use_id: 't1' };
  expect(toolUse('claude-code', event, ours)).toEqual({ name: 'Bash', arguments: { command: 'ls' }, folder: null, id: 't1' });
});

test('PowerShell of Claude Code is its shell too, and another command than the same words in Bash', () => {
  const use = (name: string, input: unknown) => toolUse('claude-code', { tool_name: name, tool_input: input, cwd: 'C:\\w' }, ours);
  expect(use('PowerShell', { command: 'ls', shell: 'bash' })).toEqual({
    ...{ name: 'Bash', arguments: { command: 'ls', shell: 'PowerShell' }, folder: 'C:\\w' },
  });
  expect(use('PowerShell', 'ls')).toMatchObject({ name: 'Bash', arguments: { input: 'ls', shell: 'PowerShell' } });
  expect(use('Bash', { command: 'ls' })).toMatchObject({ name: 'Bash', arguments: { command: 'ls' } });
});

test('Monitor of Claude Code is its shell or its fetching, and not the plain use of either', () => {
  const use = (input: unknown) => toolUse('claude-code', { tool_name: 'Monitor', tool_input: input, cwd: '/w' }, ours);
  expect(use({ command: 'tail -f log', tool: 'Bash', timeout_ms: 5 })).toEqual({
    ...{ name: 'Bash', arguments: { command: 'tail -f log', timeout_ms: 5, tool: 'Monitor' }, folder: '/w' },
  });
  expect(use({ ws: { url: 'wss://docs.example/x', protocols: ['a'] }, url: 'https://harmless.example' })).toEqual({
    ...{ name: 'WebFetch', arguments: { url: 'wss://docs.example/x', protocols: ['a'], tool: 'Monitor' }, folder: '/w' },
  });
  // What says both, or neither, or says it in another way, is shown whole.
  for (const input of [{ command: 'ls', ws: { url: 'wss://x' } }, {}, { command: ['ls'] }, { ws: 'wss://x' }, 'ls', null])
    expect(use(input), JSON.stringify(input)).toMatchObject({ name: 'other', arguments: { tool: 'Monitor', input: input ?? {} } });
  // Its report goes by the name that was asked about.
  const ended = { hook_event_name: 'PostToolUse', tool_name: 'Monitor', tool_input: { command: 'ls' } };
  expect(toolOutcome('claude-code', ended)?.name).toBe('Bash');
});

/** Arguments of Claude Code's tools, as its sdk-tools.d.ts names them, and what is read out of them. */
test.each<[string, object, string[]]>([
  ['Monitor', { command: 'tail -f x', description: 'd', timeout_ms: 1 }, ['runs tail -f x']],
  ['Monitor', { ws: { url: 'wss://e.example/x' }, description: 'd', timeout_ms: 1 }, ['at e.example']],
  ['PowerShell', { command: 'dir' }, ['runs dir']],
  ['Workflow', { script: 'x()' }, ['runs x()']],
  ['Workflow', { scriptPath: '/w/s.js' }, ['runs /w/s.js']],
  ['REPL', { code: 'x()' }, ['runs x()']],
  ['mcp__ide__executeCode', { code: '1' }, ['runs 1']],
  ['Artifact', { file_path: '/w/a.html', url: 'https://e.example/a', out_dir: '/o' }, ['on /w/a.html', 'on /o', 'at e.example']],
  ['Artifact', { action: 'upload_asset', file_paths: ['/w/a', '/w/b'] }, ['on /w/a', 'on /w/b']],
  ['Projects', { method: 'project_write', local_path: '/w/secret' }, ['on /w/secret']],
  ['SendUserFile', { files: ['/w/a'] }, ['on /w/a']],
  ['LSP', { operation: 'hover', filePath: '/w/a.ts', line: 1 }, ['on /w/a.ts']],
  ['EnterWorktree', { path: '/w/tree' }, ['on /w/tree']],
  [
    'NotebookEdit',
    { notebook_path: '/w/n.ipynb', new_source: '1', cell_id: 'c', cell_type: 'code', edit_mode: 'insert' },
    ['on /w/n.ipynb'],
  ],
  ['Edit', { file_path: '/w/a', old_string: 'a', new_string: 'b', replace_all: true }, ['on /w/a']],
  ['Read', { file_path: '/w/a', offset: 1, limit: 2, pages: '1-5', allow_large: true }, ['on /w/a']],
  ['Grep', { pattern: 'x', path: '/w', glob: '*.ts', output_mode: 'content', multiline: true, head_limit: 3 }, ['on /w']],
  ['WebFetch', { url: 'https://e.example/', prompt: 'p', offset: 3 }, ['at e.example']],
])('facts of %s %j', (tool_name, tool_input, expected) => {
  const use = toolUse('claude-code', { tool_name, tool_input, cwd: '/w' }, ours);
  if (use === null || use === 'ours') throw new Error('no use');
  const facts = deriveFacts({
    capability: `tool:${use.name}`,
    argumentsText: JSON.stringify(use.arguments),
    definition: '{"inputSchema":{"type":"object"}}',
    grounds: { bases: ['/w'], home: '/home/ada', platform: 'linux' },
    secretsIn: () => [],
  });
  expect([
    ...facts.commands.map(({ command }) => `runs ${command}`),
    ...facts.paths.map(({ path }) => `on ${path}`),
    ...facts.hosts.map(({ host }) => `at ${host}`),
  ]).toEqual(expected);
  // A tool with a name of its own here is read to the end.
  if (tool_name === use.name) expect(facts.unread).toEqual([]);
});

test('an answer is ASCII, so that a code page on the way changes nothing', () => {
  for (const client of ['claude-code', 'cursor']) {
    const text = answerFor(client, { allow: false, reason: 'nicht erlaubt: \u00e9 \u65e5 \u{1f511} "' });
    expect(text).toMatch(/^[ -~]*\n$/);
    expect(JSON.stringify(JSON.parse(text))).toContain('\u00e9 \u65e5 \u{1f511}');
  }
});
