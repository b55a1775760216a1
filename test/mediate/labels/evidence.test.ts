// Labels from evidence: a name, a schema and a hint may raise what a capability is taken to touch, and only the operator takes anything away.
import { describe, expect, test } from 'vitest';
import { corrected, labelsOf } from '../../../broker/mediate/labels/evidence.ts';
import type { Nature } from '../../../shared/request-facts.ts';
import type { Label } from '../../../shared/vocabulary.ts';

const letters: Record<string, Label> = { p: 'private', u: 'untrusted', o: 'outward', d: 'destructive', s: 'controls-screen' };
const words = (touches: string) => [...touches].map((letter) => letters[letter]);
const definition = (properties: Record<string, object> = {}, annotations: object = {}) =>
  JSON.stringify({ annotations, inputSchema: { properties } });
const of = (capability: string, nature: Nature, text: string | null = null, identity: string | null = null) =>
  labelsOf({ capability, definition: text, identity, nature });

describe('tools by their names', () => {
  test.each<[string, Nature, string]>([
    ['tool:read_file', 'read', 'p'],
    ['tool:listFiles', 'read', 'p'],
    ['tool:get_weather', 'read', ''],
    ['tool:get_issue', 'read', 'u'],
    ['tool:list_emails', 'read', 'pu'],
    ['tool:search', 'read', 'u'],
    ['tool:searchWeb', 'read', 'u'],
    ['tool:GET_PAGE', 'read', 'u'],
    ['tool:profiles', 'read', ''],
    ['tool:write_file', 'change', ''],
    ['tool:update_issue', 'change', 'o'],
    ['tool:draft_message', 'change', 'o'],
    ['tool:send_it', 'send', 'o'],
    ['tool:delete_file', 'destroy', 'd'],
    ['tool:delete_issue', 'destroy', 'd'],
    ['tool:run_shell', 'run', 'puod'],
    ['tool:take_screenshot', 'read', 's'],
    ['tool:click', 'change', 'os'],
    ['tool:press_key', 'send', 'os'],
  ])('%s, which does %s: %s', (capability, nature, touches) => {
    expect(of(capability, nature)).toEqual(words(touches));
  });

  test.each([
    'files',
    'path',
    'folder',
    'doc',
    'notes',
    'inbox',
    'calendar',
    'contact',
    'database',
    'table',
    'rows',
    'memory',
    'node',
    'secret',
    'env',
    'clipboard',
    'history',
    'repository',
    'branches',
    'customer',
    'account',
    'invoice',
    'order',
    'transaction',
    'project',
    'bookmark',
    'photos',
    'log',
    'settings',
    'drive',
    'workspace',
    'graph',
    'commits',
    'sql',
    'password',
    'directory',
    'documents',
    'events',
  ])("%s is somebody's own", (word) => {
    expect(of(`tool:get_${word}`, 'read')).toContain('private');
  });
  test.each([
    'issues',
    'comments',
    'pull',
    'pr',
    'mail',
    'thread',
    'web',
    'website',
    'urls',
    'link',
    'fetch',
    'browse',
    'scrape',
    'crawl',
    'feed',
    'rss',
    'news',
    'reviews',
    'ticket',
    'posts',
    'tweet',
    'download',
    'snapshot',
    'article',
    'transcript',
    'discussion',
    'replies',
    'notification',
    'site',
    'html',
    'wiki',
    'forum',
    'messages',
  ])('%s is what strangers write', (word) => {
    expect(of(`tool:get_${word}`, 'read')).toContain('untrusted');
    expect(of(`tool:get_${word}`, 'change')).not.toContain('untrusted');
  });
  test.each([
    'issue',
    'comments',
    'pull',
    'pr',
    'thread',
    'message',
    'mail',
    'email',
    'post',
    'ticket',
    'review',
    'discussion',
    'article',
    'tweet',
    'invitation',
    'announcement',
  ])('what is put into a %s has left', (word) => {
    expect(of(`tool:update_${word}`, 'change')).toContain('outward');
    expect(of(`tool:get_${word}`, 'read')).not.toContain('outward');
  });
  test.each([
    'click',
    'screenshot',
    'mouse',
    'keyboard',
    'browser',
    'screen',
    'press',
    'tap',
    'hover',
    'scroll',
    'drag',
    'cursor',
    'desktop',
    'window',
    'puppeteer',
    'playwright',
    'selenium',
    'devtools',
  ])('%s is the screen', (word) => {
    expect(of(`tool:${word}_it`, 'read')).toEqual(['controls-screen']);
    expect(of(`tool:${word}_it`, 'change')).toEqual(['outward', 'controls-screen']);
  });
});

describe('tools by their schemas', () => {
  test.each<[Record<string, object>, Nature, string]>([
    [{ url: {} }, 'read', 'uo'],
    [{ URLS: {} }, 'read', 'uo'],
    [{ webhook_url: {} }, 'change', 'uo'],
    ...['url', 'uri', 'href', 'link', 'website', 'webhook', 'webhookurl', 'endpoint', 'domain', 'host', 'hostname', 'site', 'URL'].map(
      (name): [Record<string, object>, Nature, string] => [{ [name]: {} }, 'read', 'uo'],
    ),
    [{ where: { format: 'uri' } }, 'read', 'uo'],
    [{ where: { format: 'url' } }, 'read', 'uo'],
    [{ where: { format: 'email' } }, 'read', ''],
    [{ url_count: {} }, 'read', ''],
    [{ curl: {} }, 'read', ''],
    [{ path: {} }, 'read', 'p'],
    [{ filePath: {} }, 'read', 'p'],
    [{ sql: {} }, 'read', 'p'],
    [{ directory: {} }, 'read', 'p'],
    [{ path: {} }, 'change', ''],
    [{ xpath: {} }, 'read', ''],
    [{ paths_count: {} }, 'read', ''],
    [{ a: {}, path: {}, url: {} }, 'read', 'puo'],
  ])('%j, which does %s: %s', (properties, nature, touches) => {
    expect(of('tool:do_thing', nature, definition(properties))).toEqual(words(touches));
  });
  test('what is no schema names nothing', () => {
    expect(of('tool:do_thing', 'read', '{"inputSchema":{"properties":{"a":null}}}')).toEqual([]);
    expect(of('tool:do_thing', 'read', '{}')).toEqual([]);
  });
});

describe('hints raise, and never lower', () => {
  test.each<[object, Nature, string | null, string]>([
    [{ destructiveHint: true }, 'read', null, 'pd'],
    [{ destructiveHint: true, readOnlyHint: true }, 'read', null, 'p'],
    [{ destructiveHint: true, readOnlyHint: false }, 'read', null, 'pd'],
    [{ destructiveHint: false }, 'destroy', null, 'd'],
    [{ readOnlyHint: true }, 'destroy', null, 'd'],
    [{ openWorldHint: true }, 'read', null, 'pu'],
    [{ openWorldHint: true }, 'send', null, 'o'],
    [{ openWorldHint: false }, 'send', null, 'o'],
    [{ openWorldHint: 'true', destructiveHint: 'true' }, 'read', null, 'p'],
    // Of a package we know we know the world it reaches; what it says of destruction counts all the same.
    [{ openWorldHint: true, destructiveHint: true }, 'read', 'npm:@modelcontextprotocol/server-filesystem', 'pd'],
  ])('%j, %s, %s: %s', (annotations, nature, identity, touches) => {
    expect(of('tool:read_file', nature, definition({}, annotations), identity)).toEqual(words(touches));
  });
});

test.each<[string, string]>([
  ['resource:file:///a', 'p'],
  ['resource:https://a.b/', 'uo'],
  ['template:http://{host}/', 'uo'],
  ['resource:HTTPS://a.b/', 'uo'],
  ['resource:httpsx://a', 'p'],
  ['resource:memo:https://a', 'p'],
  ['template:file:///{a}', 'p'],
  ['prompt:read_file', ''],
  ['sampling:createMessage', ''],
])('%s: %s', (capability, touches) => {
  expect(of(capability, 'read')).toEqual(words(touches));
});

test("the operator's word is the last one", () => {
  const touched: Label[] = ['private', 'outward'];
  expect(corrected(touched, undefined)).toEqual(['private', 'outward']);
  expect(corrected(touched, { add: ['destructive'], remove: ['outward'] })).toEqual(['private', 'destructive']);
  expect(corrected([], { add: ['untrusted'], remove: ['untrusted'] })).toEqual([]);
  expect(corrected(['controls-screen', 'private'], { add: [], remove: [] }), 'in one order').toEqual(['private', 'controls-screen']);
});
