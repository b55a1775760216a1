// What a schema asks for that its work does not need, and what makes it unreadable (T02, T09).
import { describe, expect, test } from 'vitest';
import { lintSchema } from '../../../broker/mediate/findings/schema.ts';

const of = (...names: string[]) => ({ type: 'object', properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])) });
const rules = (name: string, schema: unknown) => lintSchema(name, schema).map(({ rule, place }) => `${rule} ${place}`);

describe('what the model knows', () => {
  test.each([
    ...[
      'conversation_history',
      'chat_log',
      'messageTranscript',
      'dialogue_history',
      'dialog_history',
      'interaction_context',
      'chat_so_far',
    ],
    ...[
      'conversation_summary',
      'full_conversation',
      'entire_context',
      'whole_messages',
      'previous_messages',
      'prior_prompt',
      'complete_chat',
    ],
    ...[
      'all_tool_results',
      'systemPrompt',
      'original_prompt',
      'initialInstructions',
      'user_prompt',
      'chain_of_thought',
      'sidenote',
      'side_notes',
    ],
    ...[
      'scratchpad',
      'available_tools',
      'tool_list',
      'other_tools',
      'tool_results',
      'function_history',
      'model_name',
      'model_id',
      'modelVersion',
    ],
    ...['agent_memory', 'agent_context', 'memory_dump', 'my_system_prompt_text'],
  ])('%s', (name) => {
    expect(rules('add', of(name))).toEqual([`asks-context ${name}`]);
  });
  test.each([
    'history',
    'conversation',
    'message',
    'chatter_logs',
    'fulltext',
    'model',
    'prompt',
    'context',
    'notes',
    'tools',
    'previous',
    'user',
    'ecosystem_prompts',
  ])('%s is no such thing', (name) => {
    expect(rules('add', of(name))).toEqual([]);
  });
  test('a tool that is about it may ask for it', () => {
    expect(rules('search_conversation', of('conversation_history'))).toEqual([]);
    expect(rules('list_chat', of('chat_history'))).toEqual([]);
    expect(rules('get_log', of('chat_log')), 'a short word is not what it is about').toEqual(['asks-context chat_log']);
  });
});

describe('secrets', () => {
  test.each([
    ...['api_key', 'apiKey', 'apikey', 'secret', 'secret_key', 'private_key', 'ssh-key', 'password', 'passwd', 'passphrase', 'accessToken'],
    ...['auth_token', 'bearer_token', 'refresh_token', 'credential', 'credentials', 'session_cookie', 'seed_phrase', 'mnemonic', 'cvv'],
    ...['card_number', 'credit_card', 'ssn', 'my_password_here'],
  ])('%s', (name) => {
    expect(rules('add', of(name))).toEqual([`asks-secret ${name}`]);
  });
  test.each(['key', 'token', 'token_count', 'passport', 'secretary', 'pass_words_count', 'cards', 'lessno'])('%s is none', (name) => {
    expect(rules('add', of(name))).toEqual([]);
  });
  test.each([
    'login',
    'log_in',
    'sign-in',
    'authenticate',
    'connect_database',
    'create_user',
    'store_secret',
    'get_account',
    'vault_read',
    'rotate_key',
    'set_password',
    'save_credentials',
    'get_token',
  ])('%s may ask for one', (name) => {
    expect(rules(name, of('password'))).toEqual([]);
  });
});

describe('references', () => {
  test.each<[string, unknown, string[]]>([
    ['elsewhere', { $ref: 'https://evil.test/x' }, ['outside-reference ']],
    ['a file', { properties: { a: { $ref: 'file:///etc/passwd' } } }, ['outside-reference a']],
    ['of another kind', { $dynamicRef: 'x', $recursiveRef: 'y' }, ['outside-reference ', 'outside-reference ']],
    ['inside', { $ref: '#/$defs/a', $dynamicRef: '#a' }, []],
    ['what is no text', { $ref: 7 }, []],
    ['in a list', { anyOf: [{ $ref: 'x' }, { allOf: [{ $ref: 'y' }] }] }, ['outside-reference ', 'outside-reference ']],
    ['in what is data', { default: { $ref: 'x' }, const: { $ref: 'x' }, enum: [{ $ref: 'x' }], examples: [{ $ref: 'x' }] }, []],
    ['in items', { properties: { a: { items: { properties: { b: { $ref: 'x' } } } } } }, ['outside-reference a.b']],
  ])('%s', (_name, schema, expected) => {
    expect(rules('add', schema)).toEqual(expected);
  });
  test('what it refers to is told', () => {
    expect(lintSchema('add', { $ref: 'https://evil.test/x' })).toEqual([
      { rule: 'outside-reference', place: '', value: 'https://evil.test/x' },
    ]);
  });
});

test('where it stands, at any depth that is read', () => {
  expect(rules('add', { properties: { a: { items: of('password') } } })).toEqual(['asks-secret a.password']);
  expect(rules('add', { $defs: { x: of('password') } })).toEqual(['asks-secret password']);
  expect(lintSchema('add', of('apiKey'))).toEqual([{ rule: 'asks-secret', place: 'apiKey', value: 'apiKey' }]);
  const deep = (levels: number): unknown => (levels === 0 ? of('password') : { not: deep(levels - 1) });
  expect(rules('add', deep(24))).toHaveLength(1);
  expect(rules('add', deep(25))).toEqual([]);
  for (const schema of [null, undefined, 7, 'x', { properties: 'x' }, { properties: ['password'] }])
    expect(rules('add', schema)).toEqual([]);
});
