// Our verbs: complete for every tool the catalogue speaks of, and for nothing else. What they make of a request is in sentence.test.ts.
import { describe, expect, test } from 'vitest';
import { type About, sayingOf } from '../../../broker/mediate/labels/verbs.ts';

const forge: Partial<Record<About, string>> = {
  repository: `get_file_contents get_issue issue_read list_issues list_commits list_branches get_pull_request pull_request_read
    get_pull_request_files get_pull_request_status get_pull_request_comments get_pull_request_reviews list_pull_requests create_issue
    update_issue add_issue_comment create_pull_request create_merge_request create_pull_request_review merge_pull_request
    update_pull_request_branch create_or_update_file push_files delete_file create_branch fork_repository`,
  nothing: 'search_repositories search_code search_issues search_users create_repository',
};
/** Package or origin -> what the sentence is about -> tools. */
const catalogue: Record<string, Partial<Record<About, string>>> = {
  'npm:@modelcontextprotocol/server-filesystem': {
    file: 'read_file read_text_file read_media_file read_multiple_files write_file edit_file get_file_info',
    folder: 'create_directory list_directory list_directory_with_sizes directory_tree search_files',
    move: 'move_file',
    nothing: 'list_allowed_directories',
  },
  'npm:@modelcontextprotocol/server-github': forge,
  'npm:@modelcontextprotocol/server-gitlab': forge,
  'https://api.githubcopilot.com': forge,
  'npm:@modelcontextprotocol/server-slack': {
    recipient: 'slack_get_channel_history slack_get_thread_replies slack_post_message slack_reply_to_thread slack_add_reaction',
    nothing: 'slack_list_channels slack_get_users',
  },
  'npm:@modelcontextprotocol/server-postgres': { sql: 'query' },
  'pypi:mcp-server-sqlite': { sql: 'read_query write_query create_table', nothing: 'list_tables describe_table' },
  'npm:@modelcontextprotocol/server-memory': {
    nothing: `read_graph search_nodes open_nodes create_entities create_relations add_observations delete_entities delete_observations
      delete_relations`,
  },
  'npm:@modelcontextprotocol/server-sequential-thinking': { nothing: 'sequentialthinking' },
  'npm:@modelcontextprotocol/server-brave-search': { nothing: 'brave_web_search brave_local_search' },
  'npm:tavily-mcp': { nothing: 'tavily_search tavily-search', page: 'tavily_extract tavily-extract tavily_crawl tavily-crawl' },
  'npm:@upstash/context7-mcp': { nothing: 'resolve-library-id query-docs' },
  'npm:@playwright/mcp': {
    page: 'browser_navigate',
    nothing: `browser_navigate_back browser_snapshot browser_take_screenshot browser_click browser_type browser_fill_form
      browser_press_key browser_select_option browser_console_messages browser_network_requests browser_close`,
  },
  'npm:chrome-devtools-mcp': {
    page: 'new_page navigate_page',
    nothing: 'list_pages take_snapshot take_screenshot click list_console_messages list_network_requests',
  },
  'npm:@modelcontextprotocol/server-puppeteer': { page: 'puppeteer_navigate', nothing: 'puppeteer_screenshot puppeteer_click' },
  'pypi:mcp-server-fetch': { page: 'fetch' },
  'pypi:mcp-server-git': {
    folder: `git_status git_diff git_diff_unstaged git_diff_staged git_log git_show git_commit git_checkout git_create_branch git_reset`,
  },
  'pypi:mcp-server-time': { nothing: 'get_current_time convert_time' },
};
const several: Partial<Record<About, string>> = { file: 'files', folder: 'folders' };

describe.each(Object.entries(catalogue))('%s', (identity, groups) => {
  const tools = Object.entries(groups).flatMap(([about, names]) => names.split(/\s+/).map((name) => [name, about as About] as const));
  test.each(tools)('%s speaks of %s', (name, about) => {
    const saying = sayingOf(identity, `tool:${name}`);
    expect(saying).toMatchObject({ about, verb: expect.stringMatching(/^[a-z][a-z ]+$/), past: expect.stringMatching(/^[a-z][a-z ]+$/) });
    expect(saying?.several).toBe(several[about]);
    if (several[about] === undefined) expect(saying).not.toHaveProperty('several');
    // `read` is its own past; nothing else is.
    expect(saying?.verb === saying?.past).toBe(/^read /.test(`${saying?.verb} `));
    expect(saying?.verb.split(' ').slice(1), 'the same is said before and after').toEqual(saying?.past.split(' ').slice(1));
  });
});

test.each<[string, string | null, string]>([
  ['no package', null, 'tool:read_file'],
  ['another package', 'npm:evil', 'tool:read_file'],
  ['a word every object knows', 'constructor', 'tool:read_file'],
  ['a tool every object has', 'npm:@modelcontextprotocol/server-filesystem', 'tool:constructor'],
  ['another tool', 'npm:@modelcontextprotocol/server-filesystem', 'tool:read'],
  ['a prompt of that name', 'npm:@modelcontextprotocol/server-filesystem', 'prompt:read_file'],
  ['a name alone', 'npm:@modelcontextprotocol/server-filesystem', 'read_file'],
])('there is no word for %s', (_name, identity, capability) => {
  expect(sayingOf(identity, capability)).toBe(null);
});
