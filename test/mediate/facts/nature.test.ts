// What a capability does, judged by us: its verb, its schema, and what its server says only where that raises it.
import { describe, expect, test } from 'vitest';
import { natureOf, wordsOf } from '../../../broker/mediate/facts/nature.ts';

const definition = (properties: string[] = [], annotations: object = {}) =>
  JSON.stringify({ annotations, inputSchema: { properties: Object.fromEntries(properties.map((name) => [name, {}])) } });

test('words of its own name', () => {
  expect(wordsOf('tool:getUserByID')).toEqual(['get', 'user', 'by', 'id']);
  expect(wordsOf('tool:__a--b.c')).toEqual(['a', 'b', 'c']);
  expect(wordsOf('resource:file:///a')).toEqual(['file', 'a']);
});

describe('by its verb', () => {
  test.each<[string, string]>([
    ['run', 'exec execute run shell bash eval evaluate script spawn terminal invoke launch powershell cmd'],
    [
      'destroy',
      'delete remove drop purge destroy kill terminate wipe truncate erase reset uninstall unlink rm prune clear revoke deactivate disable ban overwrite',
    ],
    [
      'send',
      'send post publish reply share upload push email mail invite tweet notify forward submit sms call comment review transfer pay order subscribe',
    ],
    [
      'read',
      'read get list search find query describe show view fetch tree status log diff stat count snapshot lookup inspect explain preview compare help ping cat grep resolve history whoami wait echo',
    ],
    [
      'change',
      'write create update edit replace insert append save rename move modify set put add apply copy commit stage patch merge checkout fork frobnicate thing',
    ],
  ])('%s', (nature, verbs) => {
    for (const verb of verbs.split(' ')) {
      expect(natureOf(`tool:${verb}_it`, null), verb).toBe(nature);
      expect(natureOf(`tool:slack_${verb}_them`, null), `behind a prefix: ${verb}`).toBe(nature);
    }
  });
  test.each<[string, string]>([
    ['tool:issue_read', 'read'],
    ['tool:the_big_list', 'read'],
    ['tool:message_the_send', 'send'],
    ['tool:a_b_c', 'change'],
    ['tool:get_format', 'read'],
    ['tool:format_disk', 'destroy'],
    ['tool:get_and_delete', 'destroy'],
    ['tool:read_and_run', 'run'],
    ['tool:run_query', 'read'],
    ['tool:execute_sql', 'change'],
    ['tool:delete_and_run', 'destroy'],
    ['tool:find_and_replace', 'change'],
    ['tool:get_commit', 'read'],
    ['tool:git_commit', 'change'],
    ['tool:', 'change'],
  ])('%s: %s', (capability, nature) => {
    expect(natureOf(capability, null)).toBe(nature);
  });
});

test.each(['prompt:delete_all', 'resource:delete', 'template:run'])('%s is looked at', (capability) => {
  expect(natureOf(capability, definition(['to']))).toBe('read');
});

test.each([
  'owner',
  'repo',
  'repository',
  'project_id',
  'channel',
  'channelId',
  'to',
  'cc',
  'bcc',
  'recipient',
  'recipients',
  'chat_id',
  'url',
  'webhook',
  'webhook_url',
  'email',
])('what is changed with %s leaves the machine', (name) => {
  expect(natureOf('tool:create_it', definition([name]))).toBe('send');
  expect(natureOf('tool:get_it', definition([name]))).toBe('read');
  expect(natureOf('tool:delete_it', definition([name]))).toBe('destroy');
  expect(natureOf('tool:create_it', definition([`my_${name}_x`]))).toBe('change');
});

describe('hints raise it and never lower it', () => {
  test.each<[string, object, string]>([
    ['tool:get_it', {}, 'read'],
    ['tool:get_it', { readOnlyHint: true }, 'read'],
    ['tool:get_it', { readOnlyHint: false }, 'change'],
    ['tool:get_it', { readOnlyHint: 'false' }, 'read'],
    ['tool:get_it', { destructiveHint: true }, 'destroy'],
    ['tool:get_it', { destructiveHint: true, readOnlyHint: true }, 'read'],
    ['tool:get_it', { destructiveHint: true, readOnlyHint: false }, 'change'],
    ['tool:get_it', { destructiveHint: 'true' }, 'read'],
    ['tool:create_it', { destructiveHint: true }, 'change'],
    ['tool:create_it', { readOnlyHint: true }, 'change'],
    ['tool:send_it', { readOnlyHint: false }, 'send'],
    ['tool:delete_it', { readOnlyHint: true, destructiveHint: false }, 'destroy'],
    ['tool:run_it', { readOnlyHint: false }, 'run'],
  ])('%s %j: %s', (capability, annotations, nature) => {
    expect(natureOf(capability, definition([], annotations))).toBe(nature);
  });
  test('a definition without any of it says nothing', () => {
    expect(natureOf('tool:get_it', '{}')).toBe('read');
    expect(natureOf('tool:create_it', '{"inputSchema":{}}')).toBe('change');
  });
});
