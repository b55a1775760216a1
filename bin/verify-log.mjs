#!/usr/bin/env node
// Verifies a Gatehouse log without Gatehouse: shares no code with it, needs only Node >= 22 and the file. Nothing is changed.
//
//   node verify-log.mjs FILE [--head HASH] [--at-least SEQ]
//
// What it holds the file to: the table `entry` has seq 1, 2, 3, ... without a gap; the first `prev` is 64 zeros, every other
// `prev` is the `hash` before it; `hash` is SHA-256 over "gatehouse.log.v1\n" + prev + body, in hex; the columns beside them say
// what the body says. `--head` and `--at-least` say what is known from elsewhere, so that a cut end is found too.
// Prints {"ok","entries","head","problems":[{"seq","problem"}]}; exit 0 when ok, 4 when not, 2 when used wrongly.
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const silenced = process.emitWarning;
process.emitWarning = (warning, ...rest) => {
  if (!String(warning).includes('SQLite is an experimental')) silenced.call(process, warning, ...rest);
};
const { DatabaseSync } = await import('node:sqlite').catch(() => stop(2, 'Node 22 or newer is needed.'));

function stop(code, words) {
  process.stderr.write(`${words}\n`);
  process.exit(code);
}

const words = process.argv.slice(2);
const options = { head: null, atLeast: 0, file: null };
while (words.length > 0) {
  const word = words.shift();
  if (word === '--head') options.head = words.shift() ?? '';
  else if (word === '--at-least') options.atLeast = Number(words.shift());
  else if (options.file === null && !word.startsWith('--')) options.file = word;
  else stop(2, `What is ${word}? Usage: verify-log.mjs FILE [--head HASH] [--at-least SEQ]`);
}
if (options.file === null || !Number.isInteger(options.atLeast)) stop(2, 'Usage: verify-log.mjs FILE [--head HASH] [--at-least SEQ]');
if (!existsSync(options.file)) stop(2, `There is no file ${options.file}.`);

let folder = null;
let database;
try {
  try {
    database = read(options.file);
  } catch {
    // A crash left side files where they cannot be used: work on a copy.
    folder = mkdtempSync(join(tmpdir(), 'verify-log-'));
    const copy = join(folder, 'audit.db');
    copyFileSync(options.file, copy);
    if (existsSync(`${options.file}-wal`)) copyFileSync(`${options.file}-wal`, `${copy}-wal`);
    database = read(copy);
  }
  const result = follow(database);
  process.stdout.write(`${JSON.stringify(result)}\n`);
  process.exitCode = result.ok ? 0 : 4;
} catch (error) {
  const result = { ok: false, entries: 0, head: '', problems: [{ seq: 0, problem: `not readable as a log: ${error.message}` }] };
  process.stdout.write(`${JSON.stringify(result)}\n`);
  process.exitCode = 4;
} finally {
  database?.close();
  if (folder !== null) rmSync(folder, { recursive: true, force: true });
}

function read(file) {
  const address = pathToFileURL(file);
  // Without side files nobody writes it: then it is read as it lies, and SQLite makes none.
  if (!existsSync(`${file}-wal`) && !existsSync(`${file}-shm`)) address.searchParams.set('immutable', '1');
  const db = new DatabaseSync(address, { readOnly: true });
  db.prepare('SELECT seq FROM entry LIMIT 1').get();
  return db;
}

function sha256(text) {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

function follow(db) {
  const problems = [];

  // `entry` is the log; `shelf` repeats what entries are found by, and may lag behind for the newest.
  const columns = ['client', 'server', 'capability', 'verdict', 'approval', 'asked'];
  const shelved = db.prepare('SELECT max(seq) AS seq FROM shelf').get().seq ?? 0;
  const query = `SELECT e.seq, prev, hash, body, type, ${columns.join(', ')} FROM entry e LEFT JOIN shelf s ON s.seq = e.seq ORDER BY e.seq`;

  let [entries, due, before] = [0, 1, '0'.repeat(64)];
  let headSeen = options.head === null;
  for (const row of db.prepare(query).iterate()) {
    entries += 1;
    if (row.seq !== due)
      problems.push({ seq: due, problem: row.seq - due > 1 ? `entries ${due} to ${row.seq - 1} are missing` : 'is missing' });
    else if (row.prev !== before) problems.push({ seq: row.seq, problem: 'prev is not the hash of the entry before' });
    if (sha256(`gatehouse.log.v1\n${row.prev}${row.body}`) !== row.hash)
      problems.push({ seq: row.seq, problem: 'hash does not fit prev and body' });
    for (const problem of differing(row, row.seq <= shelved ? ['type', ...columns] : ['type'])) problems.push({ seq: row.seq, problem });
    if (row.hash === options.head) headSeen = true;
    before = row.hash;
    due = row.seq + 1;
  }
  if (due <= options.atLeast) problems.push({ seq: due, problem: `entries ${due} to ${options.atLeast} are missing at the end` });
  if (!headSeen) problems.push({ seq: due - 1, problem: `no entry has the hash ${options.head}` });
  return { ok: problems.length === 0, entries, head: before, problems };
}

function differing(row, columns) {
  let body;
  try {
    body = JSON.parse(row.body);
  } catch {
    return ['body is not JSON'];
  }
  return columns.filter((name) => (body[name] ?? null) !== row[name]).map((name) => `column ${name} differs from body`);
}
