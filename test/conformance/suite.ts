// Runs the official suite as a program of its own and reads what it found.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

export type Revision = '2025-11-25' | '2026-07-28';

export interface Scenario {
  readonly name: string;
  /** Checks. */
  readonly passed: number;
  /** What the suite says of those that failed, by the id of the check. */
  readonly failures: ReadonlyMap<string, string>;
}

const require = createRequire(import.meta.url);
const program = join(dirname(require.resolve('@modelcontextprotocol/conformance/package.json')), 'dist', 'index.js');

async function suite(args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  await new Promise<void>((resolve, reject) => child.once('error', reject).once('close', () => resolve()));
  return said;
}

/** Names of the scenarios that a revision requires: of a server, and of a client. */
export async function required(revision: Revision): Promise<{ server: string[]; client: string[] }> {
  const said = await suite(['list', '--requirements', revision]);
  const [listed = ''] = said.split(/^Run and reported, but never scored:/m);
  const [, server = '', client = ''] = listed.split(/^(?:Server|Client) scenarios .*$/m);
  const names = (text: string) => [...text.matchAll(/^ {2}- (\S+)$/gm)].map((match) => match[1] as string);
  return { server: names(server), client: names(client) };
}

/** Every scenario of the revision against the server at `url`. */
export async function server(url: string, revision: Revision): Promise<Scenario[]> {
  return run(['server', '--url', url, '--requirements', revision]);
}

/** Lets the broker start what it starts once: some checks wait 600 ms, less than a process takes to start on a busy machine. */
export async function warmUp(url: string, revision: Revision): Promise<void> {
  if (revision === '2026-07-28') await suite(['server', '--url', url, '--scenario', 'server-stateless', '--spec-version', revision]);
}

/** One scenario of the suite's client side: it starts a server of its own and `command` with its address. */
export async function client(command: string, scenario: string, revision: Revision): Promise<Scenario> {
  const found = await run(['client', '--command', command, '--scenario', scenario, '--spec-version', revision, '--timeout', '60000']);
  return (
    found.find(({ name }) => name === scenario) ?? {
      name: scenario,
      passed: 0,
      failures: new Map([['client', 'the suite said nothing of it']]),
    }
  );
}

async function run(args: readonly string[]): Promise<Scenario[]> {
  const out = mkdtempSync(join(tmpdir(), 'gatehouse-conformance-'));
  try {
    const said = await suite([...args, '-o', out]);
    return read(said, out);
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

interface Check {
  readonly id: string;
  readonly status: string;
  readonly errorMessage?: string;
}

/** Scenarios from the folders that the suite wrote, one `checks.json` each: what it prints is for people. */
function read(said: string, out: string): Scenario[] {
  const scenarios = readdirSync(out, { recursive: true, encoding: 'utf8' })
    .filter((path) => basename(path) === 'checks.json')
    .map((path) => {
      const checks = JSON.parse(readFileSync(join(out, path), 'utf8')) as Check[];
      const bad = checks.filter(({ status }) => status === 'FAILURE');
      return {
        // `server-tools-list-2026-11-25T14-29-27-234Z`
        name: dirname(path)
          .replace(/^(?:server|client)-/, '')
          .replace(/-\d{4}-\d\d-\d\dT[\d-]+Z$/, ''),
        passed: checks.filter(({ status }) => status === 'SUCCESS').length,
        failures: new Map(bad.map(({ id, errorMessage }) => [id, errorMessage ?? 'failed'])),
      };
    });
  if (scenarios.length === 0) throw new Error(`the suite ran nothing: ${said.slice(-2000)}`);
  return scenarios;
}
