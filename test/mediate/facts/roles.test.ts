// What an argument is for: by its name, the schema and what stands beside it; and what changes how far a call reaches is never taken for granted.
import { describe, expect, test } from 'vitest';
import { type Role, roleOf, type Setting, snake } from '../../../broker/mediate/facts/roles.ts';

const role = (name: string, value: unknown = 'x', more: Partial<Setting> = {}) =>
  roleOf(value, { name, beside: new Set([snake(name)]), capability: ['do', 'thing'], schema: {}, ...more });

test.each([
  ['camelCase', 'camel_case'],
  ['kebab-case', 'kebab_case'],
  ['Dotted.Names', 'dotted_names'],
  ['XMLHttpRequest', 'xml_http_request'],
  ['fileURL', 'file_url'],
  ['a1B2', 'a1_b2'],
  ['already_snake', 'already_snake'],
  ['two  words', 'two_words'],
])('%s is %s', (name, expected) => {
  expect(snake(name)).toBe(expected);
});

describe('names of real servers', () => {
  test.each<[Role, string]>([
    ['path', 'path paths file_path filePath directory source destination root cwd workingDirectory output_path notebook_path attachments'],
    ['address', 'url urls uri href link endpoint website webhook_url redirectUrl'],
    ['host', 'host hostname domain allowed_domains'],
    ['recipient', 'to cc bcc email channel channel_id chatId room phone share_with assignees'],
    ['sql', 'sql sqlQuery statement'],
    ['command', 'command cmd script javascript function args argv bash'],
    ['content', 'content text body message title description prompt old_string newText diff json'],
    ['words', 'query q search pattern regex glob exclude_patterns'],
    ['identifier', 'id ref branch sha tag issue_number pull_number table column selector date since'],
    ['neutral', 'limit page per_page timeout sort order format depth recursive dryRun language width'],
    ['unknown', 'blob where thing frobnicate xyz'],
  ])('%s', (expected, names) => {
    for (const name of names.split(' ')) expect(role(name), name).toBe(expected);
  });
  test.each<[Role, string]>([
    ['path', 'entry_path my_paths log_file out_dir the_directory my_folder'],
    ['address', 'avatar_url image_urls my_uri a_href'],
    ['host', 'proxy_host my_hostname mail_domain'],
    ['recipient', 'reply_email sender_emails my_recipient to_recipients slack_channel'],
    ['sql', 'my_sql'],
    ['command', 'start_command my_cmd setup_script source_code'],
    ['neutral', 'row_limit my_count wait_timeout list_offset first_page page_size'],
    ['unknown', 'pathology curly ghost hostess emailed sqlish commander limitless accounting'],
  ])('%s, by its end', (expected, names) => {
    for (const name of names.split(' ')) expect(role(name), name).toBe(expected);
  });
});

test.each([
  'force',
  'sudo',
  'admin',
  'public',
  'visibility',
  'permissions',
  'role',
  'scopes',
  'bypass',
  'skipVerify',
  'insecure',
  'everyone',
  'shared',
  'publish',
])('%s decides how far it reaches, whatever it is', (name) => {
  for (const value of ['x', true, false, 7, null]) expect(role(name, value)).toBe('unknown');
});

describe('values that are no text', () => {
  test.each<[unknown, string, Role, Setting['schema']?]>([
    [null, 'blob', 'neutral'],
    [7, 'limit', 'neutral'],
    [true, 'recursive', 'neutral'],
    [7, 'channel_id', 'recipient'],
    [7, 'blob', 'unknown'],
    [7, 'blob', 'neutral', { type: 'number' }],
    [7, 'blob', 'neutral', { type: 'integer' }],
    [true, 'blob', 'neutral', { type: 'boolean' }],
    [true, 'blob', 'unknown', { type: 'string' }],
    [{}, 'path', 'unknown'],
  ])('%j as %s: %s', (value, name, expected, schema = {}) => {
    expect(role(name, value, { schema })).toBe(expected);
  });
});

describe('repositories', () => {
  const beside = (...names: string[]) => ({ beside: new Set(names) });
  test.each<[string, string, Partial<Setting>, Role]>([
    ['owner', 'acme', {}, 'owner'],
    ['organization', 'acme', {}, 'owner'],
    ['username', 'mia', { capability: ['list', 'repositories'] }, 'owner'],
    ['username', 'mia', { capability: ['get', 'user'] }, 'unknown'],
    ['repo', 'web', {}, 'repository'],
    ['full_name', 'acme/web', {}, 'repository'],
    ['project_id', '4711', {}, 'repository'],
    ['project', 'acme/web', {}, 'repository'],
    ['project', 'Home', {}, 'identifier'],
    ['path', 'src/a', beside('owner', 'repo'), 'inside'],
    ['path', 'src/a', beside('project_id'), 'inside'],
    ['path', 'src/a', beside('repository'), 'inside'],
    ['path', 'src/a', beside('owner'), 'path'],
    ['path', 'src/a', beside('repo'), 'path'],
    ['repo_path', '/w', beside('owner', 'repo'), 'path'],
    ['repository_path', '/w', beside('owner', 'repo'), 'path'],
    ['content', 'x', beside('owner', 'repo'), 'content'],
  ])('%s %s beside %j: %s', (name, value, more, expected) => {
    expect(role(name, value, more)).toBe(expected);
  });
});

describe('what the schema says', () => {
  test.each<[string, string, Setting['schema'], Role]>([
    ['where', 'x', { format: 'uri' }, 'address'],
    ['where', 'x', { format: 'url' }, 'address'],
    ['where', 'x', { format: 'uri-reference' }, 'address'],
    ['where', 'x', { format: 'iri' }, 'address'],
    ['who', 'x', { format: 'email' }, 'recipient'],
    ['who', 'x', { format: 'idn-email' }, 'recipient'],
    ['where', 'x', { format: 'hostname' }, 'host'],
    ['where', 'x', { format: 'idn-hostname' }, 'host'],
    ['when', 'x', { format: 'date' }, 'neutral'],
    ['when', 'x', { format: 'date-time' }, 'neutral'],
    ['when', 'x', { format: 'time' }, 'neutral'],
    ['path', 'x', { format: 'date' }, 'path'],
    ['color', 'red', { enum: ['red'] }, 'neutral'],
    ['color', 'blue', { enum: ['red'] }, 'unknown'],
    ['color', 'red', { enum: 'red' }, 'unknown'],
    ['path', '/a', { enum: ['/a'] }, 'path'],
    ['tag', 'v1', { enum: ['v1'] }, 'neutral'],
  ])('%s %s %j: %s', (name, value, schema, expected) => {
    expect(role(name, value, { schema })).toBe(expected);
  });
});

describe('queries', () => {
  test.each<[string, string, string[], Role]>([
    ['query', 'select 1', ['read', 'query'], 'sql'],
    ['query', 'who is Mia', ['execute', 'sql'], 'sql'],
    ['query', 'drop table x', ['query', 'orders'], 'sql'],
    ['query', 'calm words', ['query', 'docs'], 'words'],
    ['query', 'select 1', ['search', 'docs'], 'words'],
    ['pattern', 'select 1', ['query', 'db'], 'words'],
  ])('%s %j of %j: %s', (name, value, capability, expected) => {
    expect(role(name, value, { capability })).toBe(expected);
  });
});
