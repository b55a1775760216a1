// `npm run bench`: measures one echo call, 16 in flight and 64 KiB payloads, each contestant in turn, and the connector's start; prints
// the tables and writes docs/benchmarks.md.
// `--calls N`: calls of each contestant (default 3000). `--dry`: writes nothing.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { type Contestant, direct, relay, secrets, us } from './contestants.ts';
import { figures } from './figures.ts';
import { launch } from './launch.ts';

const place = process.argv.indexOf('--calls');
const calls = place === -1 ? 3000 : Number(process.argv[place + 1]);
const warmUp = 200;
/** Calls in a row before the next contestant has its turn: short, so that a slow moment of the machine meets all of them. */
const turn = 25;
const inFlight = 16;
/** 64 KiB of words, as a file would be. */
const long = 'the quick brown fox jumps over "the" lazy dog;\n'.repeat(1500).slice(0, 64 * 1024);
const launches = 15;

async function echo({ client }: Contestant, message: string): Promise<void> {
  const result = await client.callTool({ name: 'echo', arguments: { message } });
  const [first] = result.content as { text?: string }[];
  if (result.isError || !first?.text?.includes(message)) throw new Error(`not an echo: ${JSON.stringify(result)}`);
}

async function oneByOne(contestant: Contestant, count: number, times: number[], said = 'hello'): Promise<void> {
  for (let i = 0; i < count; i += 1) {
    const began = performance.now();
    await echo(contestant, `${said} ${i}`);
    times.push(performance.now() - began);
  }
}

/** Calls a second with 16 in flight. */
async function throughput(contestant: Contestant, count: number): Promise<number> {
  let left = count;
  const lane = async (): Promise<void> => {
    while (left-- > 0) await echo(contestant, 'hello');
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: inFlight }, lane));
  return count / ((performance.now() - began) / 1000);
}

// A figure taken on a busy machine says so.
const load = loadavg()[0] ?? 0;
const contestants: Contestant[] = [await direct(), await relay()];
try {
  contestants.push(await us());
} catch (cause) {
  console.error(`Gatehouse is not in this run: ${cause instanceof Error ? cause.message : cause}`);
}

const times = contestants.map(() => [] as number[]);
const longTimes = contestants.map(() => [] as number[]);
const rates = contestants.map(() => [] as number[]);
async function inTurn(count: number, into: number[][], said?: string): Promise<void> {
  for (let done = 0; done < count; done += turn) {
    for (const [i, contestant] of contestants.entries()) await oneByOne(contestant, turn, into[i] ?? [], said);
  }
}
for (const contestant of contestants) await oneByOne(contestant, warmUp, []);
await inTurn(calls, times);
for (let round = 0; round < 5; round += 1) {
  for (const [i, contestant] of contestants.entries()) rates[i]?.push(await throughput(contestant, Math.ceil(calls / 5)));
}
for (const contestant of contestants) await oneByOne(contestant, turn, [], long);
await inTurn(calls / 5, longTimes, long);

const starts = { node: [] as number[], connector: [] as number[] };
const connector = contestants[2]?.connector;
for (let i = 0; i < launches && connector; i += 1) {
  starts.node.push(await launch(process.execPath, ['-e', '0']));
  starts.connector.push(await launch(connector.command, connector.args, connector.env));
}
for (const contestant of contestants) await contestant.stop();

const measured = contestants.map((contestant, i) => ({
  ...contestant,
  ...figures(times[i] ?? []),
  long: figures(longTimes[i] ?? []),
  rate: [...(rates[i] ?? [])].sort((a, b) => a - b)[2] ?? Number.NaN,
}));
const [base, floor] = measured;
if (base === undefined || floor === undefined) throw new Error('nobody was measured');
const number = (value: number, digits = 2): string => value.toFixed(digits);
const rows = measured.map((m) => [
  m.name,
  m.way,
  `${number(m.p50)} (${number(m.low)} to ${number(m.high)})`,
  number(m.p99),
  `${number(m.p50 / base.p50)}x`,
  `${number(m.p99 / base.p99)}x`,
  `${number(m.p50 / floor.p50)}x`,
  number(m.rate, 0),
  number(m.rate / base.rate),
]);
const heads = [
  '',
  'way',
  'p50 ms (spread)',
  'p99 ms',
  'p50 / direct',
  'p99 / direct',
  'p50 / bare relay',
  `calls/s, ${inFlight} in flight`,
  'of direct',
];
const table = [heads, heads.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
console.log(table);

const rowsOf = (lines: readonly (readonly string[])[]) => lines.map((line) => `| ${line.join(' | ')} |`).join('\n');
const longTable = rowsOf([
  ['64 KiB', 'p50 ms (spread)', 'p99 ms', 'p50 / direct', 'p50 / bare relay'],
  ['---', '---', '---', '---', '---'],
  ...measured.map(({ name, long: m }) => [
    name,
    `${number(m.p50)} (${number(m.low)} to ${number(m.high)})`,
    number(m.p99),
    `${number(m.p50 / base.long.p50)}x`,
    `${number(m.p50 / floor.long.p50)}x`,
  ]),
]);
console.log(longTable);
const [bare, full] = [figures(starts.node).p50, figures(starts.connector).p50];
const start = `From its launch to its answer to \`initialize\` the connector takes ${number(full, 0)} ms, \`node -e 0\` ${number(bare, 0)} ms: ${number(full / bare)}x (median of ${launches}, target 2x).`;
console.log(start);

/** What we aim at: p50 over direct, and over the bare relay of the same run. */
const targets = { direct: 2.0, relay: 1.3 };
const ours = measured[2];
const reached = ours !== undefined && ours.p50 / base.p50 <= targets.direct && ours.p50 / floor.p50 <= targets.relay;
const root = join(import.meta.dirname, '..');
const versionOf = (name: string): string =>
  (JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')) as { version: string }).version;
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim();
const text = `# Benchmarks

Written by \`npm run bench\`. The result is the ratio; the milliseconds are only for a feeling.

One client (the SDK's, over stdio) calls the tool \`echo\` of \`@modelcontextprotocol/server-everything\`, ${calls} times one by one and
${calls} times with ${inFlight} in flight, each contestant in turn for ${turn} calls in the same run. The spread is the smallest and largest p50 of a tenth of the run.
"Bare relay" is two processes of our own that pipe bytes and do nothing else: the floor for anything with a connector and a broker.
Gatehouse runs with what version 0.1 has switched on: challenge, strict gate, pin, grant, write-ahead chained log, sealed bodies.

${table}

The same one by one with a message of 64 KiB, which Gatehouse searches for ${secrets} stored secrets both ways and seals into its log:

${longTable}

${start}

The target for Gatehouse is ${number(targets.direct)}x direct and ${number(targets.relay)}x the bare relay, p50. This run ${reached ? 'reached' : 'did not reach'} it.

${new Date().toISOString().slice(0, 10)}, commit ${commit}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${release()},
load average ${number(load, 1)} before the run, Node ${process.versions.node}, SDK ${versionOf('@modelcontextprotocol/sdk')}, server-everything ${versionOf('@modelcontextprotocol/server-everything')}.

Not measured yet: HTTP, many grants, a long log, the broker's start and memory, and the peers.
`;
if (measured.length < 3) console.log('docs/benchmarks.md is left as it is: not everybody ran.');
else if (!process.argv.includes('--dry')) writeFileSync(join(root, 'docs', 'benchmarks.md'), text);
process.exit(measured.length < 3 ? 1 : 0);
