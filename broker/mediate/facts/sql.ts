// SQL as facts: the verbs of a text, and whether it only reads. What databases could read differently counts as unclear, never as reading.
import { computesOnly } from './sql-functions.ts';

/**
 * Words that change something wherever they stand outside strings: `WITH x AS (DELETE ...)`, `SELECT ... INTO`, `EXPLAIN ANALYZE`; and
 * statements that SQL Server starts without a semicolon before them.
 */
const changing = new Set(
  `INSERT UPDATE DELETE MERGE REPLACE UPSERT CREATE ALTER DROP TRUNCATE RENAME GRANT REVOKE DENY INTO OUTFILE DUMPFILE COPY CALL EXEC
   EXECUTE ATTACH DETACH VACUUM INSTALL IMPORT SHUTDOWN KILL BACKUP RESTORE DBCC WAITFOR RECONFIGURE BULK USE SET DECLARE TRIGGER CHECKPOINT
   SETUSER WRITETEXT UPDATETEXT RAISERROR RECEIVE`.split(/\s+/),
);
const reading = new Set(['SELECT', 'VALUES', 'SHOW', 'DESCRIBE', 'DESC', 'EXPLAIN', 'WITH', 'TABLE', 'PRAGMA']);
/** Settings of SQLite that only tell something when they are read; the second kind is set by what stands in brackets behind it. */
const quietPragma = /^(table_(info|xinfo|list)|index_(list|info|xinfo)|foreign_key_list|database_list|compile_options)$/i;
const quietAlone = /^(user_version|schema_version|page_count|page_size|encoding)$/i;

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
      // MySQL wants a blank behind the strokes (one of its own, no other space), others do not.
      if (!/[ \t\r\n]/.test(sql[at + 2] ?? '\n')) return null;
      const end = sql.indexOf('\n', at);
      // PostgreSQL ends the comment at a lone carriage return; whoever does not would hide from us what it runs.
      if (/\r(?!\n|$)|[\v\f\u0085\u2028\u2029]/.test(sql.slice(at, end === -1 ? sql.length : end + 1))) return null;
      at = end === -1 ? sql.length : end + 1;
    } else if (char === '#' || char === '\\') {
      // A comment for some; and the command-line programs of databases take what follows a stroke for their own command.
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
    onlyReads &&= reading.has(name) && statement.every((_, place) => harmless(statement, place)) && pragmaIsQuiet(name, statement);
    statement.forEach((token, at) => {
      if (changes(token, statement[at + 1])) verbs.add(token.text.toUpperCase());
    });
  }
  return { verbs: [...verbs], onlyReads: onlyReads && verbs.size > 0 };
}

const isSign = (token: Token | undefined, text: string) => token?.kind === 'sign' && token.text === text;
const isWord = (token: Token | undefined, words: RegExp) => token?.kind === 'word' && !token.quoted && words.test(token.text);

function harmless(statement: readonly Token[], at: number): boolean {
  const [before, token, next] = [statement[at - 1], statement[at], statement[at + 1]];
  if (token === undefined || changes(token, next)) return false;
  // `@x := 1`; and `FROM '/etc/passwd'`, FROM csv.`/etc/passwd`: DuckDB, Spark and Drill take a text for a file or an address.
  if (isSign(token, ':') && isSign(next, '=')) return false;
  const behindFrom = isWord(before, /^(from|join|table)$/i) || isSign(before, ',') || isSign(before, '.');
  if (isSign(token, "'") && isWord(before, /^(from|join|table)$/i)) return false;
  if (token.kind !== 'word') return true;
  if (token.quoted && behindFrom && /[/\\:]/.test(token.text)) return false;
  if (!isSign(next, '(')) return true;
  if (!token.quoted && !isSign(before, '.') && computesOnly(token.text)) return true;
  // Its name is judged by itself (pragmaIsQuiet).
  if (isWord(statement[0], /^pragma$/i)) return true;
  // Names of columns in brackets: behind `AS t`, and of a `WITH t(a, b) AS (SELECT ...`.
  return isWord(before, /^as$/i) || (isWord(statement[0], /^with$/i) && namesColumns(statement, at));
}

/** `x(a, b) AS [NOT] MATERIALIZED (SELECT`, behind WITH, RECURSIVE or a comma. */
function namesColumns(statement: readonly Token[], at: number): boolean {
  if (!isWord(statement[at - 1], /^(with|recursive)$/i) && !isSign(statement[at - 1], ',')) return false;
  let end = at + 2;
  while (end < statement.length && !isSign(statement[end], ')')) {
    if (isSign(statement[end], '(')) return false;
    end++;
  }
  if (!isWord(statement[++end], /^as$/i)) return false;
  while (isWord(statement[end + 1], /^(not|materialized)$/i)) end++;
  return isSign(statement[end + 1], '(') && isWord(statement[end + 2], /^(select|with|values|table)$/i);
}

/** `replace(x, 'a', 'b')` is a function; `REPLACE INTO` is not. */
function changes(token: Token, next: Token | undefined): boolean {
  if (token.kind !== 'word' || token.quoted || !changing.has(token.text.toUpperCase())) return false;
  return !(/^replace$/i.test(token.text) && next?.kind === 'sign' && next.text === '(');
}

function pragmaIsQuiet(verb: string, statement: readonly Token[]): boolean {
  if (verb !== 'PRAGMA') return true;
  const name = statement.slice(1).find((token) => token.kind === 'word')?.text ?? '';
  if (statement.some((token) => isSign(token, '='))) return false;
  return quietPragma.test(name) || (quietAlone.test(name) && statement.length === 2);
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
