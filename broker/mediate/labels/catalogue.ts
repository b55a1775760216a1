// What the tools of common servers touch, by the package they come from. It counts only where that package is pinned: a name proves nothing.
import type { Label } from '../../../shared/vocabulary.ts';

/** Labels of the tools whose name starts so; the longest beginning counts, `*` is any other. */
type Tools = Readonly<Record<string, readonly Label[]>>;

const none: readonly Label[] = [];
const own: readonly Label[] = ['private'];
/** Written by others, kept where only we may look. */
const shared: readonly Label[] = ['private', 'untrusted'];
const found: readonly Label[] = ['untrusted'];
const out: readonly Label[] = ['outward'];
const web: readonly Label[] = ['untrusted', 'outward'];
const gone: readonly Label[] = ['destructive'];
const goneOut: readonly Label[] = ['destructive', 'outward'];
const screen: readonly Label[] = ['controls-screen'];
const screenOut: readonly Label[] = ['controls-screen', 'outward'];
const screenRead: readonly Label[] = ['controls-screen', 'untrusted'];
const screenWeb: readonly Label[] = ['controls-screen', 'untrusted', 'outward'];
const everything: readonly Label[] = ['private', 'untrusted', 'outward', 'destructive'];

const files: Tools = {
  '*': own,
  list_allowed: none,
  create_directory: none,
  write_file: gone,
  edit_file: none,
  move_file: gone,
};
const forge: Tools = {
  '*': shared,
  search_users: found,
  create_: out,
  add_: out,
  update_: out,
  push_: out,
  fork_: out,
  merge_: goneOut,
  delete_: goneOut,
};
const chat: Tools = { '*': shared, post: out, send: out, reply: out, add_reaction: out, slack_post: out, slack_reply: out, slack_add: out };
const mail: Tools = {
  '*': shared,
  send: out,
  draft: out,
  reply: out,
  delete: gone,
  batch_delete: gone,
  modify: none,
  batch_modify: none,
  create_: none,
  update_: none,
};
const database: Tools = {
  '*': own,
  delete: gone,
  drop: gone,
  insert: none,
  update: none,
  create: none,
  'switch-connection': none,
  connect: none,
};
const browser: Tools = {
  '*': screen,
  browser_navigate: screenWeb,
  browser_tabs: screenWeb,
  browser_snapshot: screenRead,
  browser_take: screenRead,
  browser_console: screenRead,
  browser_network: screenRead,
  browser_find: screenRead,
  browser_click: screenOut,
  browser_type: screenOut,
  browser_fill: screenOut,
  browser_press: screenOut,
  browser_select: screenOut,
  browser_file_upload: [...screenOut, 'private'],
  browser_drop: [...screenOut, 'private'],
  browser_evaluate: screenWeb,
  browser_run: screenWeb,
  puppeteer_navigate: screenWeb,
  puppeteer_evaluate: screenWeb,
  puppeteer_screenshot: screenRead,
  puppeteer_: screenOut,
  navigate: screenWeb,
  new_page: screenWeb,
  evaluate: screenWeb,
  take_: screenRead,
  list_: screenRead,
  get_: screenRead,
  click: screenOut,
  fill: screenOut,
  type: screenOut,
  press: screenOut,
  upload: [...screenOut, 'private'],
};
const shell: Tools = { '*': everything };

const catalogue: Readonly<Record<string, Tools>> = {
  'npm:@modelcontextprotocol/server-filesystem': files,
  'npm:@modelcontextprotocol/server-github': forge,
  'npm:@modelcontextprotocol/server-gitlab': forge,
  'npm:@modelcontextprotocol/server-slack': chat,
  'npm:@gongrzhe/server-gmail-autoauth-mcp': mail,
  'npm:@modelcontextprotocol/server-postgres': database,
  'npm:mongodb-mcp-server': database,
  'npm:@modelcontextprotocol/server-memory': { '*': own, create_: none, add_: none, delete_: gone },
  'npm:@modelcontextprotocol/server-sequential-thinking': { '*': none },
  'npm:@modelcontextprotocol/server-everything': { '*': none, 'get-env': own, 'print-env': own, printEnv: own },
  'npm:@modelcontextprotocol/server-brave-search': { '*': found },
  'npm:@modelcontextprotocol/server-google-maps': { '*': found },
  'npm:tavily-mcp': {
    '*': found,
    'tavily-extract': web,
    'tavily-crawl': web,
    'tavily-map': web,
    tavily_extract: web,
    tavily_crawl: web,
    tavily_map: web,
  },
  'npm:@upstash/context7-mcp': { '*': found },
  'npm:@notionhq/notion-mcp-server': {
    '*': shared,
    'API-post-search': shared,
    'API-post': out,
    'API-patch': out,
    'API-create': out,
    'API-update': out,
    'API-move': out,
    'API-delete': goneOut,
  },
  'npm:@playwright/mcp': browser,
  'npm:chrome-devtools-mcp': browser,
  'npm:@modelcontextprotocol/server-puppeteer': browser,
  'npm:@wonderwhy-er/desktop-commander': shell,
  'pypi:mcp-server-fetch': { '*': web },
  'pypi:mcp-server-git': { '*': shared, git_commit: none, git_add: none, git_reset: gone, git_checkout: gone, git_create: none },
  'pypi:mcp-server-sqlite': { '*': own, write_query: gone, create_table: none, append_insight: none },
  'pypi:mcp-server-time': { '*': none },
  // Tools of a client itself; `other` is any that has no name here.
  'gatehouse:client-tools': {
    '*': everything,
    Read: own,
    Glob: own,
    Grep: own,
    ...{ Write: none, Edit: none, MultiEdit: none, NotebookEdit: none },
    ...{ WebFetch: web, WebSearch: found },
  },
};

/** Labels the catalogue gives; null for a package or a capability it does not know. */
export function catalogued(identity: string | null, capability: string): readonly Label[] | null {
  const tools = identity === null || !Object.hasOwn(catalogue, identity) ? undefined : catalogue[identity];
  if (!tools || !capability.startsWith('tool:')) return null;
  const name = capability.slice('tool:'.length);
  const best = Object.keys(tools)
    .filter((start) => start !== '*' && name.startsWith(start))
    .sort((a, b) => b.length - a.length)[0];
  return tools[best ?? '*'] ?? null;
}
