// SQL as facts: the verbs of a text, and whether it only reads. What databases could read differently counts as unclear, never as reading.

/**
 * Words that change something wherever they stand outside strings: `WITH x AS (DELETE ...)`, `SELECT ... INTO`, `EXPLAIN ANALYZE`; and
 * statements that SQL Server starts without a semicolon before them.
 */
const changing = new Set(
  `INSERT UPDATE DELETE MERGE REPLACE UPSERT CREATE ALTER DROP TRUNCATE RENAME GRANT REVOKE DENY INTO OUTFILE DUMPFILE COPY CALL EXEC
   EXECUTE ATTACH DETACH VACUUM INSTALL IMPORT SHUTDOWN KILL BACKUP RESTORE DBCC WAITFOR RECONFIGURE BULK`.split(/\s+/),
);
const reading = new Set(['SELECT', 'VALUES', 'SHOW', 'DESCRIBE', 'DESC', 'EXPLAIN', 'WITH', 'TABLE', 'PRAGMA']);
/** Functions that reach files, programs, other databases or the server itself. */
const reaching =
  /^(pg_(read|ls|stat_file|write|terminate|cancel|reload|rotate|switch|create|drop|logical|replication|advisory|sleep|promote|import)\w*|lo_\w+|dblink\w*|load_extension|load_file|readfile|writefile|fts3_tokenizer|edit|xp_\w+|sp_\w+|sys_exec|sys_eval|openrowset|opendatasource|query_to_xml\w*|database_to_xml\w*|table_to_xml\w*|set_config|nextval|setval|setseed|sleep|benchmark|get_lock|read_csv\w*|read_parquet|read_json\w*|read_text|read_blob|glob|sqlite_scan|postgres_scan|mysql_scan|iceberg_scan|parquet_scan|eval|system|url|file|remote\w*|s3|hdfs|mysql|postgresql|mongodb|jdbc|odbc|executable)$/i;
/** Settings of SQLite that only tell something when they are read. */
const quietPragma =
  /^(table_(info|xinfo|list)|index_(list|info|xinfo)|foreign_key_list|database_list|compile_options|user_version|schema_version|page_count|page_size|encoding)$/i;

type Token = { readonly kind: 'word'; readonly text: string; readonly quoted: boolean } | { readonly kind: 'sign'; readonly text: string };

/** The tokens outside strings and comments; null where databases disagree on where a string or comment ends. */
function tokensOf(sql: string): Token[] | null {
  const tokens: Token[] = [];
  for (let at = 0; at < sql.length; ) {
    const rest = sql.slice(at, at + 2);
    const char = sql[at] as string;
    if (/\s/.test(char)) {
      at++;
    } else if (rest === '--') {
      // MySQL wants a blank behind the strokes, others do not.
      if (!/[\s]/.test(sql[at + 2] ?? '\n')) return null;
      const end = sql.indexOf('\n', at);
      at = end === -1 ? sql.length : end + 1;
    } else if (char === '#') {
      return null;
    } else if (rest === '/*') {
      // MySQL executes what stands in /*! and /*+; PostgreSQL nests comments, others do not.
      const end = sql.indexOf('*/', at + 2);
      if (end === -1 || /^[!+M]/.test(sql.slice(at + 2)) || sql.slice(at + 2, end).includes('/*')) return null;
      at = end + 2;
    } else if (char === "'" || char === '"' || char === '`') {
      const end = closing(sql, at, char);
      // A stroke before a quote ends the string for some and not for others.
      if (end === -1 || sql.slice(at, end).includes('\\')) return null;
      if (char === "'") tokens.push({ kind: 'sign', text: "'" });
      else tokens.push({ kind: 'word', text: sql.slice(at + 1, end - 1), quoted: true });
      at = end;
    } else if (char === '[') {
      // A quoted name for some, an array for others; only where both mean the same kind of thing.
      const name = /^\[[A-Za-z0-9_ ,.]*\]/.exec(sql.slice(at, at + 200));
      if (!name) return null;
      tokens.push({ kind: 'sign', text: '[]' });
      at += name[0].length;
    } else if (char === '$') {
      const parameter = /^\$\d+(?![\w$])/.exec(sql.slice(at, at + 10));
      if (!parameter) return null;
      tokens.push({ kind: 'sign', text: '$' });
      at += parameter[0].length;
    } else if (/[\p{L}_@]/u.test(char)) {
      const word = /^[\p{L}\p{N}_@$]+/u.exec(sql.slice(at)) as RegExpExecArray;
      // E'..', U&'..', B'..' have escapes of their own.
      if (/^['"]/.test(sql.slice(at + word[0].length)) || /^&['"]/.test(sql.slice(at + word[0].length))) return null;
      tokens.push({ kind: 'word', text: word[0], quoted: false });
      at += word[0].length;
    } else {
      tokens.push({ kind: 'sign', text: char });
      at++;
    }
  }
  return tokens;
}

/** Index behind the closing quote; a doubled quote stands for itself. */
function closing(sql: string, start: number, quote: string): number {
  for (let at = start + 1; at < sql.length; at++) {
    if (sql[at] !== quote) continue;
    if (sql[at + 1] !== quote) return at + 1;
    at++;
  }
  return -1;
}

const longest = 100_000;

/** The verbs of `sql`, in capitals, and whether it only reads. `verbs` is empty where it is unclear. */
export function readSql(sql: string): { verbs: string[]; onlyReads: boolean } {
  const tokens = sql.length > longest ? null : tokensOf(sql);
  if (tokens === null) return { verbs: [], onlyReads: false };
  const verbs = new Set<string>();
  let onlyReads = true;
  for (const statement of statementsOf(tokens)) {
    const [first] = statement;
    const verb = first?.kind === 'word' && !first.quoted ? first.text.toUpperCase() : '(';
    const inner = verb === '(' ? statement.find((token) => token.kind === 'word') : first;
    const name = inner?.kind === 'word' && !inner.quoted ? inner.text.toUpperCase() : 'UNCLEAR';
    verbs.add(name);
    onlyReads &&= reading.has(name) && statement.every((token, at) => harmless(token, statement[at + 1])) && pragmaIsQuiet(name, statement);
    statement.forEach((token, at) => {
      if (changes(token, statement[at + 1])) verbs.add(token.text.toUpperCase());
    });
  }
  return { verbs: [...verbs], onlyReads: onlyReads && verbs.size > 0 };
}

function harmless(token: Token, next: Token | undefined): boolean {
  const calls = token.kind === 'word' && next?.kind === 'sign' && next.text === '(';
  return !(calls && reaching.test(token.text)) && !changes(token, next);
}

/** `replace(x, 'a', 'b')` is a function; `REPLACE INTO` is not. */
function changes(token: Token, next: Token | undefined): boolean {
  if (token.kind !== 'word' || token.quoted || !changing.has(token.text.toUpperCase())) return false;
  return !(/^replace$/i.test(token.text) && next?.kind === 'sign' && next.text === '(');
}

function pragmaIsQuiet(verb: string, statement: readonly Token[]): boolean {
  if (verb !== 'PRAGMA') return true;
  const words = statement.slice(1).filter((token) => token.kind === 'word');
  return statement.every((token) => token.text !== '=') && words[0] !== undefined && quietPragma.test(words[0].text);
}

function* statementsOf(tokens: readonly Token[]): Generator<Token[]> {
  let statement: Token[] = [];
  for (const token of tokens) {
    if (token.kind === 'sign' && token.text === ';') {
      if (statement.length > 0) yield statement;
      statement = [];
    } else statement.push(token);
  }
  if (statement.length > 0) yield statement;
}
