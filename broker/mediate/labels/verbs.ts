// Our own verbs for the tools of common servers, by the package or origin they come from (security.md 2, rule 2). As with labels,
// they count only where that package or origin is pinned: any server can call a tool `read_file`.

/** What stands after the verb, taken from the facts; `nothing`: the verb says it all. */
export type About = 'file' | 'folder' | 'move' | 'page' | 'repository' | 'recipient' | 'sql' | 'nothing';

export interface Saying {
  /** As it stands after "wants files to": `read`, `open a pull request in`. */
  readonly verb: string;
  readonly past: string;
  readonly about: About;
  /** What several of them are called: `files`. */
  readonly several?: string;
}

const say = (verb: string, past: string, about: About = 'nothing', several?: string): Saying => ({
  ...{ verb, past, about },
  ...(several === undefined ? {} : { several }),
});
type Sayings = Readonly<Record<string, Saying>>;

const read = say('read', 'read', 'file', 'files');
const write = say('write', 'wrote', 'file', 'files');
const searchWeb = say('search the web', 'searched the web');
const searchDocs = say('search documentation', 'searched documentation');
const readPages = say('read a page of', 'read a page of', 'page');
const open = say('open a page of', 'opened a page of', 'page');
const rows = say('run', 'ran', 'sql');

const files: Sayings = {
  read_file: read,
  read_text_file: read,
  read_media_file: read,
  read_multiple_files: read,
  write_file: write,
  edit_file: say('edit', 'edited', 'file', 'files'),
  create_directory: say('make the folder', 'made the folder', 'folder', 'folders'),
  list_directory: say('list', 'listed', 'folder', 'folders'),
  list_directory_with_sizes: say('list', 'listed', 'folder', 'folders'),
  directory_tree: say('list all of', 'listed all of', 'folder', 'folders'),
  search_files: say('search', 'searched', 'folder', 'folders'),
  get_file_info: say('look at', 'looked at', 'file', 'files'),
  move_file: say('move', 'moved', 'move'),
  list_allowed_directories: say('say which folders it may use', 'said which folders it may use'),
};

const inRepository = (verb: string, past: string) => say(verb, past, 'repository');
const forge: Sayings = {
  get_file_contents: inRepository('read a file of', 'read a file of'),
  search_repositories: say('search repositories', 'searched repositories'),
  search_code: say('search code', 'searched code'),
  search_issues: say('search issues', 'searched issues'),
  search_users: say('search people', 'searched people'),
  get_issue: inRepository('read an issue of', 'read an issue of'),
  issue_read: inRepository('read an issue of', 'read an issue of'),
  list_issues: inRepository('list the issues of', 'listed the issues of'),
  list_commits: inRepository('list the commits of', 'listed the commits of'),
  list_branches: inRepository('list the branches of', 'listed the branches of'),
  get_pull_request: inRepository('read a pull request of', 'read a pull request of'),
  pull_request_read: inRepository('read a pull request of', 'read a pull request of'),
  get_pull_request_files: inRepository('read a pull request of', 'read a pull request of'),
  get_pull_request_status: inRepository('read a pull request of', 'read a pull request of'),
  get_pull_request_comments: inRepository('read the comments on a pull request of', 'read the comments on a pull request of'),
  get_pull_request_reviews: inRepository('read the reviews of a pull request of', 'read the reviews of a pull request of'),
  list_pull_requests: inRepository('list the pull requests of', 'listed the pull requests of'),
  create_issue: inRepository('open an issue in', 'opened an issue in'),
  update_issue: inRepository('change an issue of', 'changed an issue of'),
  add_issue_comment: inRepository('post a comment on an issue of', 'posted a comment on an issue of'),
  create_pull_request: inRepository('create a pull request in', 'created a pull request in'),
  create_merge_request: inRepository('create a merge request in', 'created a merge request in'),
  create_pull_request_review: inRepository('review a pull request of', 'reviewed a pull request of'),
  merge_pull_request: inRepository('merge a pull request of', 'merged a pull request of'),
  update_pull_request_branch: inRepository('update a pull request of', 'updated a pull request of'),
  create_or_update_file: inRepository('write a file of', 'wrote a file of'),
  push_files: inRepository('push files to', 'pushed files to'),
  delete_file: inRepository('delete a file of', 'deleted a file of'),
  create_branch: inRepository('create a branch in', 'created a branch in'),
  fork_repository: inRepository('fork', 'forked'),
  create_repository: say('create a repository', 'created a repository'),
};

const toPlace = (verb: string, past: string) => say(verb, past, 'recipient');
const slack: Sayings = {
  slack_list_channels: say('list the channels', 'listed the channels'),
  slack_get_channel_history: toPlace('read messages in', 'read messages in'),
  slack_get_thread_replies: toPlace('read a thread in', 'read a thread in'),
  slack_get_users: say('list the people', 'listed the people'),
  slack_post_message: toPlace('post a message to', 'posted a message to'),
  slack_reply_to_thread: toPlace('reply to a thread in', 'replied to a thread in'),
  slack_add_reaction: toPlace('react to a message in', 'reacted to a message in'),
};

const git: Sayings = {
  git_status: say('look at the state of', 'looked at the state of', 'folder', 'folders'),
  git_diff: say('look at the changes in', 'looked at the changes in', 'folder', 'folders'),
  git_diff_unstaged: say('look at the changes in', 'looked at the changes in', 'folder', 'folders'),
  git_diff_staged: say('look at the changes in', 'looked at the changes in', 'folder', 'folders'),
  git_log: say('read the history of', 'read the history of', 'folder', 'folders'),
  git_show: say('read a commit of', 'read a commit of', 'folder', 'folders'),
  git_commit: say('commit to', 'committed to', 'folder', 'folders'),
  git_checkout: say('switch the branch of', 'switched the branch of', 'folder', 'folders'),
  git_create_branch: say('create a branch in', 'created a branch in', 'folder', 'folders'),
  git_reset: say('unstage everything in', 'unstaged everything in', 'folder', 'folders'),
};

const browser: Sayings = {
  browser_navigate: open,
  browser_navigate_back: say('go back a page', 'went back a page'),
  browser_snapshot: say('look at the open page', 'looked at the open page'),
  browser_take_screenshot: say('take a picture of the open page', 'took a picture of the open page'),
  browser_click: say('click on the open page', 'clicked on the open page'),
  browser_type: say('type into the open page', 'typed into the open page'),
  browser_fill_form: say('fill a form of the open page', 'filled a form of the open page'),
  browser_press_key: say('press a key on the open page', 'pressed a key on the open page'),
  browser_select_option: say('choose something on the open page', 'chose something on the open page'),
  browser_console_messages: say('read the console of the open page', 'read the console of the open page'),
  browser_network_requests: say('list what the open page loaded', 'listed what the open page loaded'),
  browser_close: say('close the open page', 'closed the open page'),
};
const devtools: Sayings = {
  new_page: open,
  navigate_page: open,
  list_pages: say('list the open pages', 'listed the open pages'),
  take_snapshot: say('look at the open page', 'looked at the open page'),
  take_screenshot: say('take a picture of the open page', 'took a picture of the open page'),
  click: say('click on the open page', 'clicked on the open page'),
  list_console_messages: say('read the console of the open page', 'read the console of the open page'),
  list_network_requests: say('list what the open page loaded', 'listed what the open page loaded'),
};

const memory: Sayings = {
  read_graph: say('read all it remembers', 'read all it remembers'),
  search_nodes: say('search what it remembers', 'searched what it remembers'),
  open_nodes: say('look up what it remembers', 'looked up what it remembers'),
  create_entities: say('remember something', 'remembered something'),
  create_relations: say('remember something', 'remembered something'),
  add_observations: say('remember something', 'remembered something'),
  delete_entities: say('forget something', 'forgot something'),
  delete_observations: say('forget something', 'forgot something'),
  delete_relations: say('forget something', 'forgot something'),
};

const sayings: Readonly<Record<string, Sayings>> = {
  'npm:@modelcontextprotocol/server-filesystem': files,
  'npm:@modelcontextprotocol/server-github': forge,
  'npm:@modelcontextprotocol/server-gitlab': forge,
  'https://api.githubcopilot.com': forge,
  'npm:@modelcontextprotocol/server-slack': slack,
  'npm:@modelcontextprotocol/server-postgres': { query: rows },
  'pypi:mcp-server-sqlite': {
    read_query: rows,
    write_query: rows,
    create_table: rows,
    list_tables: say('list the tables of its database', 'listed the tables of its database'),
    describe_table: say('look at a table of its database', 'looked at a table of its database'),
  },
  'npm:@modelcontextprotocol/server-memory': memory,
  'npm:@modelcontextprotocol/server-sequential-thinking': { sequentialthinking: say('write a thought down', 'wrote a thought down') },
  'npm:@modelcontextprotocol/server-brave-search': {
    brave_web_search: searchWeb,
    brave_local_search: say('search places', 'searched places'),
  },
  'npm:tavily-mcp': {
    ...{ tavily_search: searchWeb, 'tavily-search': searchWeb },
    ...{ tavily_extract: readPages, 'tavily-extract': readPages },
    ...{ tavily_crawl: say('read all of', 'read all of', 'page'), 'tavily-crawl': say('read all of', 'read all of', 'page') },
  },
  'npm:@upstash/context7-mcp': { 'resolve-library-id': searchDocs, 'query-docs': searchDocs },
  'npm:@playwright/mcp': browser,
  'npm:chrome-devtools-mcp': devtools,
  'npm:@modelcontextprotocol/server-puppeteer': {
    puppeteer_navigate: open,
    puppeteer_screenshot: say('take a picture of the open page', 'took a picture of the open page'),
    puppeteer_click: say('click on the open page', 'clicked on the open page'),
  },
  'pypi:mcp-server-fetch': { fetch: readPages },
  'pypi:mcp-server-git': git,
  'pypi:mcp-server-time': {
    get_current_time: say('say what time it is', 'said what time it is'),
    convert_time: say('convert a time', 'converted a time'),
  },
};

/** Our words for this tool; null for a package or origin that is not known here, or not pinned. */
export function sayingOf(identity: string | null, capability: string): Saying | null {
  if (identity === null || !capability.startsWith('tool:') || !Object.hasOwn(sayings, identity)) return null;
  const known = sayings[identity] ?? {};
  const tool = capability.slice('tool:'.length);
  return Object.hasOwn(known, tool) ? (known[tool] ?? null) : null;
}
