// `npm run conformance`: the official suite against the broker in front of fixtures of both eras, and one table of what it found.
// With words, only pairings whose title holds one of them are run.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Era, openBench, startFixture, type Transport } from './bench.ts';
import { client, type Revision, required, type Scenario, server, warmUp } from './suite.ts';

interface Pairing {
  readonly title: string;
  readonly revision: Revision;
  /** The server behind the broker; null: the fixture itself, without a broker. */
  readonly through: Transport | null;
  readonly era: Era;
}

const eraOf: Readonly<Record<Revision, Era>> = { '2025-11-25': 'handshake', '2026-07-28': 'stateless' };

const pairings: Pairing[] = (Object.keys(eraOf) as Revision[]).flatMap((revision) => {
  const other = eraOf[revision] === 'handshake' ? 'stateless' : 'handshake';
  const pairing = (era: Era, through: Transport | null): Pairing => ({
    title: `${revision} ${through === null ? 'direct' : `-> broker -> ${era} over ${through}`}`,
    revision,
    through,
    era,
  });
  return [
    pairing(eraOf[revision], null),
    pairing(eraOf[revision], 'http'),
    pairing(eraOf[revision], 'stdio'),
    pairing(other, 'http'),
    pairing(other, 'stdio'),
  ];
});

/** Checks that cannot pass (`scenario:check`), with the reason that docs/clients.md gives: by revision and era of the server. */
const expected = JSON.parse(readFileSync(join(import.meta.dirname, 'expected-failures.json'), 'utf8')) as Record<
  string,
  Record<string, string>
>;
const reasonsFor = ({ revision, era, through }: Pairing) => (through === null ? {} : (expected[`${revision} ${era}`] ?? {}));

const docs = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'clients.md'), 'utf8');

const rows: Row[] = [];

function report(row: Row): void {
  rows.push(row);
  console.log(`${row.problems.length === 0 ? 'ok    ' : 'failed'} ${row.pairing.title}: ${row.passed}/${row.needed}`);
  for (const problem of row.problems) console.log(`         ${problem.split('\n', 1)[0]?.slice(0, 300)}`);
}

interface Row {
  readonly pairing: Pairing;
  readonly needed: number;
  readonly passed: number;
  readonly checks: number;
  readonly problems: readonly string[];
}

function judge(pairing: Pairing, needed: readonly string[], found: readonly Scenario[]): Row {
  const reasons = reasonsFor(pairing);
  const problems: string[] = [];
  let passed = 0;
  for (const name of needed) {
    const scenario = found.find((each) => each.name === name);
    if (!scenario || (scenario.passed === 0 && scenario.failures.size === 0)) {
      problems.push(`${name} was not run`);
      continue;
    }
    if (scenario.failures.size === 0) passed++;
    for (const [id, why] of scenario.failures) if (!Object.hasOwn(reasons, `${name}:${id}`)) problems.push(`${name}:${id}: ${why}`);
  }
  for (const [line, reason] of Object.entries(reasons)) {
    if (!docs.includes(reason)) problems.push(`${line}: docs/clients.md does not say: ${reason}`);
    const [name = '', id = ''] = line.split(':');
    const failed = needed.includes(name) && found.find((each) => each.name === name)?.failures.has(id);
    if (!failed) problems.push(`${line} does not fail, so its line in expected-failures.json is stale`);
  }
  const checks = found.filter(({ name }) => needed.includes(name)).reduce((sum, each) => sum + each.passed, 0);
  return { pairing, needed: needed.length, passed, checks, problems };
}

const words = process.argv.slice(2);
const wanted = pairings.filter(({ title }) => words.length === 0 || words.some((word) => title.includes(word)));
const lists = new Map<Revision, readonly string[]>();
for (const revision of new Set(wanted.map((pairing) => pairing.revision))) lists.set(revision, (await required(revision)).server);

const behind = wanted.flatMap(({ era, through }) => (through === null ? [] : [{ era, transport: through }]));
const distinct = behind.filter(
  (each, at) => behind.findIndex(({ era, transport }) => era === each.era && transport === each.transport) === at,
);
const bench = distinct.length > 0 ? await openBench(distinct) : null;
try {
  for (const pairing of wanted) {
    const { revision, era, through } = pairing;
    const direct = through === null ? await startFixture(era) : null;
    const url = direct?.url ?? (bench?.endpoint(era, through as Transport) as string);
    await warmUp(url, revision);
    const row = judge(pairing, lists.get(revision) as readonly string[], await server(url, revision));
    direct?.child.kill();
    report(row);
  }
} finally {
  await bench?.close();
}

/** The broker as a client of the suite's own servers; scenarios of authorization are not these. */
for (const revision of Object.keys(eraOf) as Revision[]) {
  const title = `${revision} client side`;
  if (words.length > 0 && !words.some((word) => title.includes(word))) continue;
  const names = (await required(revision)).client.filter((name) => !name.startsWith('auth/'));
  const command = `${process.execPath} ${join(import.meta.dirname, 'client.ts')}`;
  const found: Scenario[] = [];
  for (const name of names) found.push(await client(command, name, revision));
  report(judge({ title, revision, through: null, era: eraOf[revision] }, names, found));
}

const width = Math.max(...rows.map(({ pairing }) => pairing.title.length));
console.log(`\n${'Official suite against'.padEnd(width)}  required  checks  expected failures`);
for (const row of rows) {
  const { title } = row.pairing;
  const allowed = Object.keys(reasonsFor(row.pairing)).length;
  console.log(`${title.padEnd(width)}  ${`${row.passed}/${row.needed}`.padStart(8)}  ${String(row.checks).padStart(6)}  ${allowed || ''}`);
}
const failed = rows.filter(({ problems }) => problems.length > 0).length;
console.log(`${rows.length - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
