// What common servers touch: only where the package is the pinned one, the longest beginning counts, and what is not named is not harmless.
import { describe, expect, test } from 'vitest';
import { catalogued } from '../../../broker/mediate/labels/catalogue.ts';
import type { Label } from '../../../shared/vocabulary.ts';

/** Package -> tool -> labels, first letters: private, untrusted, outward, destructive, screen. */
const expected: Record<string, Record<string, string>> = {
  'npm:@modelcontextprotocol/server-filesystem': {
    ...{ read_text_file: 'p', search_files: 'p', list_directory: 'p', list_allowed_directories: '', create_directory: '' },
    ...{ write_file: 'd', edit_file: '', move_file: 'd', something_new: 'p' },
  },
  'npm:@modelcontextprotocol/server-github': {
    ...{ get_issue: 'pu', search_code: 'pu', search_users: 'u', create_issue: 'o', create_or_update_file: 'o', add_issue_comment: 'o' },
    ...{ update_issue: 'o', push_files: 'o', fork_repository: 'o', merge_pull_request: 'do', delete_file: 'do' },
  },
  'npm:@modelcontextprotocol/server-gitlab': { get_file: 'pu', create_issue: 'o' },
  'npm:@modelcontextprotocol/server-slack': {
    ...{ slack_list_channels: 'pu', slack_post_message: 'o', slack_reply_to_thread: 'o', slack_add_reaction: 'o' },
    ...{ post_message: 'o', send_message: 'o', reply_in_thread: 'o', add_reaction: 'o' },
  },
  'npm:@gongrzhe/server-gmail-autoauth-mcp': {
    ...{ read_email: 'pu', send_email: 'o', draft_email: 'o', reply_email: 'o', delete_email: 'd', batch_delete_emails: 'd' },
    ...{ modify_email: '', batch_modify_emails: '', create_label: '', update_label: '' },
  },
  'npm:@modelcontextprotocol/server-postgres': { query: 'p' },
  'npm:mongodb-mcp-server': {
    ...{ find: 'p', '*': 'p', 'delete-many': 'd', 'drop-database': 'd', 'insert-many': '', 'update-many': '', 'create-index': '' },
    ...{ 'switch-connection': '', connect: '' },
  },
  'gatehouse:client-tools': {
    ...{ Bash: 'puod', other: 'puod', Read: 'p', Glob: 'p', Grep: 'p', WebFetch: 'uo', WebSearch: 'u' },
    ...{ Write: '', Edit: '', MultiEdit: '', NotebookEdit: '' },
  },
  'npm:@modelcontextprotocol/server-memory': { read_graph: 'p', create_entities: '', add_observations: '', delete_entities: 'd' },
  'npm:@modelcontextprotocol/server-sequential-thinking': { sequentialthinking: '' },
  'npm:@modelcontextprotocol/server-everything': { echo: '', printEnv: 'p', 'get-env': 'p', 'print-env': 'p' },
  'npm:@modelcontextprotocol/server-brave-search': { brave_web_search: 'u' },
  'npm:@modelcontextprotocol/server-google-maps': { maps_geocode: 'u' },
  'npm:tavily-mcp': {
    ...{ 'tavily-search': 'u', 'tavily-extract': 'uo', 'tavily-crawl': 'uo', 'tavily-map': 'uo' },
    ...{ tavily_search: 'u', tavily_extract: 'uo', tavily_crawl: 'uo', tavily_map: 'uo' },
  },
  'npm:@upstash/context7-mcp': { 'query-docs': 'u' },
  'npm:@notionhq/notion-mcp-server': {
    ...{ 'API-get-user': 'pu', 'API-post-search': 'pu', 'API-post-page': 'o', 'API-patch-page': 'o', 'API-create-a-comment': 'o' },
    ...{ 'API-update-a-block': 'o', 'API-move-page': 'o', 'API-delete-a-block': 'do' },
  },
  'npm:@playwright/mcp': {
    ...{ browser_close: 's', browser_navigate: 'suo', browser_navigate_back: 'suo', browser_tabs: 'suo', browser_snapshot: 'su' },
    ...{ browser_take_screenshot: 'su', browser_console_messages: 'su', browser_network_requests: 'su', browser_find: 'su' },
    ...{ browser_click: 'so', browser_type: 'so', browser_fill_form: 'so', browser_press_key: 'so', browser_select_option: 'so' },
    ...{ browser_file_upload: 'pso', browser_drop: 'pso', browser_evaluate: 'suo', browser_run_code: 'suo' },
  },
  'npm:chrome-devtools-mcp': {
    ...{ navigate_page: 'suo', new_page: 'suo', evaluate_script: 'suo', take_snapshot: 'su', list_pages: 'su', get_console_message: 'su' },
    ...{ click: 'so', fill: 'so', type_text: 'so', press_key: 'so', upload_file: 'pso', resize_page: 's' },
  },
  'npm:@modelcontextprotocol/server-puppeteer': {
    ...{ puppeteer_navigate: 'suo', puppeteer_evaluate: 'suo', puppeteer_screenshot: 'su', puppeteer_click: 'so' },
  },
  'npm:@wonderwhy-er/desktop-commander': { start_process: 'puod' },
  'pypi:mcp-server-fetch': { fetch: 'uo' },
  'pypi:mcp-server-git': { git_log: 'pu', git_commit: '', git_add: '', git_create_branch: '', git_reset: 'd', git_checkout: 'd' },
  'pypi:mcp-server-sqlite': { read_query: 'p', write_query: 'd', create_table: '', append_insight: '' },
  'pypi:mcp-server-time': { get_current_time: '' },
};
const letters: Record<string, Label> = { p: 'private', u: 'untrusted', o: 'outward', d: 'destructive', s: 'controls-screen' };

describe.each(Object.entries(expected))('%s', (identity, tools) => {
  test.each(Object.entries(tools))('%s: %s', (tool, touches) => {
    expect([...(catalogued(identity, `tool:${tool}`) ?? ['unknown'])].sort()).toEqual([...touches].map((letter) => letters[letter]).sort());
  });
});

test.each<[string, string | null, string]>([
  ['no package', null, 'tool:read_file'],
  ['an unknown one', 'npm:evil', 'tool:read_file'],
  ['one whose name begins like a known one', 'npm:@modelcontextprotocol/server-filesystem-evil', 'tool:read_file'],
  ['a word every object knows', 'constructor', 'tool:read_file'],
  ['what is no tool', 'npm:@modelcontextprotocol/server-filesystem', 'resource:file:///a'],
  ['a prompt', 'npm:@modelcontextprotocol/server-filesystem', 'prompt:tool:'],
])('nothing is known of %s', (_name, identity, capability) => {
  expect(catalogued(identity, capability)).toBe(null);
});
