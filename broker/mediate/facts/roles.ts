// What an argument is for, told from its name, its schema and the capability it belongs to. The names are those that real servers use.

/** How an argument is read. `neutral` says nothing of a place and carries nothing; `content` is carried; `unknown` nobody can judge. */
export type Role =
  | 'path'
  | 'address'
  | 'host'
  | 'owner'
  | 'repository'
  /** A path inside a repository that the request names. */
  | 'inside'
  | 'recipient'
  | 'sql'
  | 'command'
  | 'content'
  | 'words'
  | 'identifier'
  | 'neutral'
  | 'unknown';

/** What is known of one argument beside its value. */
export interface Setting {
  /** Name of the argument, or of the list or object it stands in where it has none of its own. */
  readonly name: string;
  /** Names of all other arguments of the request. */
  readonly beside: ReadonlySet<string>;
  /** Words of the capability's own name: `create`, `issue`. */
  readonly capability: readonly string[];
  readonly schema: { readonly type?: unknown; readonly format?: unknown; readonly enum?: unknown; readonly const?: unknown };
}

const set = (names: string) => new Set(names.trim().split(/\s+/));

/** `camelCase`, `kebab-case` and `Dotted.Names` as snake_case words. */
export function snake(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toLowerCase();
}

const byName: readonly (readonly [Role, ReadonlySet<string>])[] = [
  [
    'path',
    set(`path paths file files filename filenames file_name file_path file_paths filepath filepaths file_uri dir dirs directory directories
      dir_path directory_path folder folders folder_path source source_path src src_path destination destination_path dest dest_path dst
      from_path to_path old_path new_path target_path target_file target_directory root root_path roots root_dir base_path base_dir
      repo_path repo_dir repository_path project_path project_root project_dir workspace workspace_path workspace_root working_directory
      working_dir work_dir workdir cwd absolute_path absolute_file_path relative_path output_path output_file output_dir outfile save_path
      input_path input_file download_path upload_path local_path notebook_path config_path db_path database_path db_file include_paths
      attachments attachment_path image_path screenshot_path trace_path certificate_path key_file env_file`),
  ],
  [
    'address',
    set(`url urls uri uris href link links endpoint website site_url page_url base_url target_url image_url callback_url webhook
      webhook_url redirect_url source_url download_url git_url clone_url feed_url origin origins remote_url api_url server_url start_url`),
  ],
  ['host', set('host hosts hostname hostnames domain domains server_host allowed_domains include_domains exclude_domains')],
  [
    'recipient',
    set(`to cc bcc recipient recipients to_address to_email email emails email_address attendees channel channels channel_id channel_ids
      channel_name chat_id chat conversation_id conversation room room_id user_ids to_user phone phone_number mailbox share_with
      invitees reviewers assignee assignees team_reviewers group_id mailing_list`),
  ],
  ['sql', set('sql sql_query sql_statement statement statements select_query')],
  [
    'command',
    set(`command commands cmd script shell_command code javascript js expression function python program args argv arguments_list
      run_command bash powershell script_path interpreter`),
  ],
  [
    'content',
    set(`content contents text texts body body_text body_html html markdown message messages commit_message title subject summary description
      comment note notes data payload value values input prompt thought observation observations old_text new_text old_string new_string
      old_str new_str new_source find replace replacement diff patch json yaml csv caption label reason feedback answer question details
      blocks entity_name entity_type relation_type from_entity to_entity head_title commit_title response edit_text insert_text`),
  ],
  [
    'words',
    set(`query q search search_query search_term search_terms keyword keywords pattern patterns regex term terms search_string needle topic
      exclude_patterns exclude include include_pattern glob filter filters filter_text library_name question_text symbol`),
  ],
  [
    'identifier',
    set(`id ids ref refs branch branches base head sha commit commit_sha hash tag tag_name revision version key keys number name names
      issue_id issue_number pull_number pull_request_number merge_request_iid iid comment_id review_id thread_id thread_ts ts message_id
      event_id calendar_id page_id database_id block_id parent_id task_id job_id run_id workflow_id node_id element element_id selector
      uid user_id cell_id user member table table_name tables schema schema_name column columns index collection field fields property
      branch_name base_branch start_point target source_branch target_branch milestone labels reaction emoji timestamp_id tab_id
      context_id session_id library_id context7_compatible_library_id category entity entities line cursor_id draft_id note_id
      start_time end_time date datetime time after before since until due_date start_date end_date from_date to_date timestamp start_ref
      end_ref target_ref commit_id env environment`),
  ],
  [
    'neutral',
    set(`limit page per_page page_size pagesize size max_results max_count maxresults results count offset skip cursor next_cursor
      after_cursor before_cursor page_token encoding timeout timeout_ms wait delay duration retries head_lines tail tail_lines max_length
      max_chars max_tokens max_bytes start_index raw format output_format sort sort_by order order_by direction state states status type
      types kind depth max_depth width height scale quality full_page recursive dry_run verbose pretty include_hidden include_archived
      language locale timezone source_timezone target_timezone unit units context_lines lines line_number start_line end_line from_line
      to_line view view_range side mode level severity temperature top_k top_n ascending descending case_sensitive only_viewport
      button modifiers double_click slowly submit interval precision next_thought_needed thought_number total_thoughts is_revision
      revises_thought branch_from_thought branch_id needs_more_thoughts image_type media_type mime_type content_type visible_only
      exclude_archived limit_per_page a b steps output_mode edit_mode cell_type replace_all multiline pages allow_large
      run_in_background`),
  ],
];
const known = new Map(byName.flatMap(([role, names]) => [...names].map((name) => [name, role] as const)));

/** Flags whose value changes how far a call reaches: never taken for granted. */
const weighty = set(`force forced sudo unsafe admin public private visibility permission permissions access role scope scopes privileged
  allow_all bypass skip_verify no_verify insecure trusted everyone anyone shared publish`);

const naming: ReadonlySet<Role> = new Set(['path', 'address', 'host', 'sql', 'command']);

/** Words of a capability's name that make its `query` a database's and not a search's. */
const databaseWords = set(
  'sql query queries execute database db select postgres postgresql mysql sqlite mariadb duckdb bigquery snowflake statement',
);

const plainDatabase = new Set([...databaseWords, ...set('read write run raw list get tool')]);
const sqlVerb =
  /\b(select|with|insert|update|delete|merge|replace|create|alter|drop|truncate|grant|revoke|exec|execute|call|copy|attach|pragma|show|describe|explain|values|table|set|do|load)\b/i;

const wholeStatement =
  /^\s*(?:(?:--[^\n]*\n|\/\*[^*]*\*\/)\s*)*(?:insert\s+into\s|update\s+\S+\s+set\s|delete\s+from\s|merge\s+into\s|(?:drop|alter|truncate|create(?:\s+or\s+replace)?)\s+(?:temp(?:orary)?\s+)?(?:table|database|schema|view|index|user|role|function|procedure|trigger|extension)\s|copy\s.+\s(?:from|to)\s|attach\s+(?:database\s+)?['"]|pragma\s+\w+\s*[=(])/is;

/** The role of an argument with this value. */
export function roleOf(value: unknown, { name, beside, capability, schema }: Setting): Role {
  const own = snake(name);
  if (weighty.has(own)) return 'unknown';
  if (value === null || value === undefined) return 'neutral';
  const role = known.get(own) ?? bySuffix(own);
  // A number or a switch names no place, unless it stands where a place should: `path: 3` is an open file for some. What it means stands
  // in its name.
  if (typeof value === 'number' || typeof value === 'boolean') {
    if (role === 'recipient') return 'recipient';
    const declared = [schema.type].flat().some((type) => type === 'number' || type === 'integer' || type === 'boolean');
    return declared || (role !== undefined && !naming.has(role)) ? 'neutral' : 'unknown';
  }
  if (typeof value !== 'string') return 'unknown';
  if (own === 'owner' || own === 'org' || own === 'organization' || own === 'organisation') return 'owner';
  if (own === 'username' && capability.some((word) => word === 'repositories' || word === 'repos')) return 'owner';
  if (['repo', 'repository', 'repo_name', 'repo_full_name', 'full_name', 'project_id', 'project', 'namespace'].includes(own)) {
    return own !== 'project' || /^[^/\s]+\/[^\s]+$/.test(value) ? 'repository' : 'identifier';
  }
  if (isInRepository(own, beside)) return 'inside';
  if (schema.format === 'uri' || schema.format === 'url' || schema.format === 'uri-reference' || schema.format === 'iri') return 'address';
  if (schema.format === 'email' || schema.format === 'idn-email') return 'recipient';
  if (schema.format === 'hostname' || schema.format === 'idn-hostname') return 'host';
  if (role === 'words' && own !== 'pattern' && capability.some((word) => databaseWords.has(word)) && isSql(value, capability)) return 'sql';
  // Whatever it is called: a text that is a whole statement is taken for one, where it is not looked for or written down.
  if (role === 'words' && !capability.includes('search') && wholeStatement.test(value)) return 'sql';
  if (Array.isArray(schema.enum) && schema.enum.includes(value) && (role === undefined || role === 'neutral' || role === 'identifier'))
    return 'neutral';
  if (role === undefined && (schema.format === 'date' || schema.format === 'date-time' || schema.format === 'time')) return 'neutral';
  return role ?? 'unknown';
}

/** `query-docs` searches documentation: where a name leaves it open, a verb of SQL anywhere in the text decides. */
function isSql(text: string, capability: readonly string[]): boolean {
  return capability.every((word) => plainDatabase.has(word)) || sqlVerb.test(text);
}

/** `path` and `files` of a request that names a repository are places inside that repository, not on this machine. */
function isInRepository(own: string, beside: ReadonlySet<string>): boolean {
  if (known.get(own) !== 'path' || own.startsWith('repo_') || own === 'repository_path') return false;
  return (beside.has('owner') && beside.has('repo')) || beside.has('project_id') || beside.has('repository');
}

/** `entry_path`, `avatar_url`, `reply_to_email`: names nobody listed, with an end that tells. */
function bySuffix(own: string): Role | undefined {
  if (/(^|_)(path|paths|file|dir|directory|folder|filename)$/.test(own)) return 'path';
  if (/(^|_)(url|urls|uri|href)$/.test(own)) return 'address';
  if (/(^|_)(host|hostname|domain)$/.test(own)) return 'host';
  if (/(^|_)(email|emails|recipient|recipients|channel)$/.test(own)) return 'recipient';
  if (/(^|_)(sql)$/.test(own)) return 'sql';
  if (/(^|_)(command|cmd|script|code)$/.test(own)) return 'command';
  if (/(^|_)(limit|count|timeout|offset|page|size)$/.test(own)) return 'neutral';
  return undefined;
}
