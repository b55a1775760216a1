// Finds the command, loads its file alone, and turns whatever it throws into words and an exit code.
import { Command, CommanderError } from 'commander';
import { exitCodes, GatehouseError } from '../../shared/errors.ts';
import { resolveHome } from '../host/home.ts';
import { Errand, type Register } from './errand.ts';
import { failureOf, sayFailure } from './failure.ts';
import { sortWords } from './words.ts';

const families: Readonly<Record<string, { says: string; load: () => Promise<{ register: Register }> }>> = {
  serve: { says: 'run the broker without a window', load: () => import('./serve.ts') },
  connect: { says: 'the entry an AI client launches', load: () => import('./connect-help.ts') },
  console: { says: 'open the console, signed in', load: () => import('./console.ts') },
  status: { says: 'what the broker is doing', load: () => import('./status.ts') },
  doctor: { says: 'check this computer and this home', load: () => import('./doctor.ts') },
  pending: { says: 'requests that wait for you', load: () => import('./approval.ts') },
  approve: { says: 'say yes to one', load: () => import('./approval.ts') },
  deny: { says: 'say no to one', load: () => import('./approval.ts') },
  gathered: { says: 'what was asked while you were away', load: () => import('./gathered.ts') },
  finding: { says: 'what a scan noticed', load: () => import('./finding.ts') },
  grant: { says: 'remembered answers', load: () => import('./grant.ts') },
  label: { says: 'what a capability touches', load: () => import('./label.ts') },
  policy: { says: 'rules in Cedar', load: () => import('./policy.ts') },
  server: { says: 'MCP servers behind the broker', load: () => import('./server.ts') },
  registry: { says: 'look for servers in a registry', load: () => import('./registry.ts') },
  client: { says: 'AI clients that may ask', load: () => import('./client.ts') },
  import: { says: 'bring in what clients use today', load: () => import('./import.ts') },
  install: { says: 'put Gatehouse between a client and its servers', load: () => import('./install.ts') },
  uninstall: { says: 'put a client back as it was', load: () => import('./uninstall.ts') },
  secret: { says: 'secrets in the vault', load: () => import('./secret.ts') },
  session: { says: 'running clients', load: () => import('./session.ts') },
  log: { says: 'what happened, and whether the log is whole', load: () => import('./log.ts') },
  settings: { says: 'settings of the broker', load: () => import('./settings.ts') },
  operator: { says: 'your PIN, and a token for one shell', load: () => import('./operator.ts') },
  lock: { says: 'deny everything and stop every server', load: () => import('./lock.ts') },
  unlock: { says: 'lift the lockdown', load: () => import('./lock.ts') },
  recover: { says: 'new keys when the old ones are lost', load: () => import('./recover.ts') },
};

const everywhere = `
Every command takes:
  --home DIR  the broker's home; else GATEHOUSE_HOME, else the platform's data folder
  --json      one JSON value on standard output (one object a line where it streams)
  --help      what the command does, with examples`;

function overview(): string {
  const list = Object.entries(families).map(([name, { says }]) => `  ${name.padEnd(10)}${says}`);
  return `Usage: gatehouse COMMAND [options]\n\n${list.join('\n')}\n${everywhere}

Examples:
  gatehouse serve                     start the broker
  gatehouse pending                   what waits for an answer
  gatehouse server add files -- npx -y @modelcontextprotocol/server-filesystem ~/notes
Commands that decide need the operator: GATEHOUSE_OPERATOR_TOKEN, or your PIN at the terminal.`;
}

/** Runs one command. Resolves to its exit code; never rejects. */
export async function run(all: readonly string[]): Promise<number> {
  // A reader that has seen enough (`| head`) is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  let errand: Errand | null = null;
  const json = all.slice(0, all.includes('--') ? all.indexOf('--') : all.length).includes('--json');
  try {
    const { own, home, rest } = sortWords(all);
    const [name = ''] = own;
    if (name === '--help' || name === '-h' || name === 'help') {
      process.stdout.write(`${overview()}\n`);
      return 0;
    }
    if (name === '' && !json) {
      process.stderr.write(`${overview()}\n`);
      return exitCodes.usage;
    }
    const family = Object.hasOwn(families, name) ? families[name] : undefined;
    if (family === undefined)
      throw new GatehouseError(
        'usage',
        name === '' ? 'A command is missing.' : `There is no command "${name}".`,
        'See "gatehouse --help".',
      );
    errand = new Errand({ home: resolveHome(home), json, rest });
    const root = new Command('gatehouse')
      .exitOverride()
      .configureOutput({ writeErr: () => {}, getOutHelpWidth: () => process.stdout.columns || 100 });
    root.helpCommand(false).addHelpText('afterAll', everywhere);
    const { register } = await family.load();
    register(root, errand);
    if (rest !== null && !(name === 'server' && own[1] === 'add'))
      throw new GatehouseError('usage', 'Nothing may follow "--" here.', `See "gatehouse ${name} --help".`);
    await root.parseAsync(own, { from: 'user' });
    return errand.exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError) {
      if (thrown.exitCode === 0) return 0;
      return sayFailure(usage(thrown, all), json);
    }
    return sayFailure(failureOf(thrown), json);
  } finally {
    errand?.close();
  }
}

function usage(error: CommanderError, all: readonly string[]): GatehouseError {
  const name = all.find((word) => Object.hasOwn(families, word)) ?? '';
  const said = error.message.replace(/^error: /, '').replace(/\.?$/, '.');
  const message = error.code === 'commander.help' ? 'A command is missing.' : said.charAt(0).toUpperCase() + said.slice(1);
  return new GatehouseError('usage', message, `See "gatehouse ${name} --help".`);
}
