// `gatehouse server`: MCP servers behind the broker.
import { resolve } from 'node:path';
import { GatehouseError } from '../../shared/errors.ts';
import type { Server } from '../../shared/vocabulary.ts';
import { agreedCandidate, type CandidateOptions, candidateOptions, registerUpdate } from './candidate.ts';
import { differenceInWords, findingLine } from './difference.ts';
import type { Register } from './errand.ts';
import { facts, table, when } from './table.ts';
import { visible } from './visible.ts';

interface AddOptions extends CandidateOptions {
  readonly env: Record<string, string>;
  readonly secretEnv: Record<string, string>;
  readonly cwd?: string;
  readonly share?: boolean;
  readonly accept?: boolean;
  readonly url?: string;
  readonly transport?: string;
  readonly header: Record<string, string>;
  readonly secretHeader: Record<string, string>;
  readonly clientCert?: string;
}

const transports = ['auto', 'http', 'sse'] as const;

export const register: Register = (root, errand) => {
  const server = root.command('server').description('MCP servers behind the broker.');
  candidateOptions(server.command('add <name>'))
    .usage('NAME [options] (-- COMMAND [ARG...] | --url URL | --bundle FILE | --registry ID)')
    .description(
      'Adds a server: starts it once, alone, and reports what it offers. Everything behind "--" is its command, untouched; no shell reads it. With --url it runs elsewhere and is reached over HTTP.',
    )
    .option('--env <K=V>', 'a variable of its environment; may be given again', pair('--env'), {})
    .option('--secret-env <K=SECRET>', 'a variable whose value is a secret of the vault, by name', pair('--secret-env'), {})
    .option('--cwd <dir>', 'the folder it runs in')
    .option('--share', 'one process for all clients')
    .option('--url <url>', 'the address of a server that runs elsewhere; https, or http on this computer')
    .option('--transport <http|sse>', 'how it is reached, where trying both is not wanted')
    .option('--header <K: V>', 'a header of every request to it; may be given again', headerPair('--header'), {})
    .option('--secret-header <K: SECRET>', 'a header whose value is a secret of the vault, by name', headerPair('--secret-header'), {})
    .option('--client-cert <secret>', 'a client certificate with its key (PEM), a secret of the vault by name')
    .option('--accept', 'accept what it offers at once; calls still ask')
    .addHelpText(
      'after',
      '\nExamples:\n  gatehouse server add files -- npx -y @modelcontextprotocol/server-filesystem ~/notes\n  gatehouse server add github --secret-env GITHUB_TOKEN=github-token --accept -- github-mcp-server stdio\n  gatehouse server add notes --url https://notes.example/mcp --secret-header "Authorization: notes-token"\n\nThe secret behind an Authorization header is the whole value, "Bearer ..." included.',
    )
    .action(async (name: string, options: AddOptions) => {
      const [command, ...args] = errand.rest ?? [];
      if (options.bundle !== undefined || options.registry !== undefined) {
        if (options.url !== undefined || command !== undefined)
          throw new GatehouseError(
            'usage',
            'A bundle or an entry of the registry brings its own command.',
            'Leave the command or --url out.',
          );
        const { api } = await errand.operator();
        const candidate = await agreedCandidate(errand, api, options);
        if (candidate !== null) show(await api.server.addCandidate({ name, digest: candidate.digest, accept: options.accept === true }));
        return;
      }
      if (options.url === undefined && (command === undefined || command === '')) {
        throw new GatehouseError(
          'usage',
          'The command of the server is missing.',
          'Write it behind "--": gatehouse server add NAME -- COMMAND [ARG...]. A server elsewhere has --url instead.',
        );
      }
      if (options.url !== undefined && command !== undefined)
        throw new GatehouseError('usage', 'A server has a command or a URL, not both.', 'Leave one of them out.');
      const transport = transports.find((one) => one === (options.transport ?? 'auto'));
      if (!transport) throw new GatehouseError('usage', `--transport does not take "${options.transport}".`, 'Write http or sse.');
      const { api } = await errand.operator();
      const added = await api.server.add({
        ...(transport === 'auto' ? {} : { transport }),
        ...(Object.keys(options.header).length === 0 ? {} : { headers: options.header }),
        ...(Object.keys(options.secretHeader).length === 0 ? {} : { secretHeaders: options.secretHeader }),
        ...(options.url === undefined ? {} : { url: options.url }),
        ...(options.clientCert === undefined ? {} : { clientCert: options.clientCert }),
        ...{
          name,
          command: command ?? '',
          args,
          env: options.env,
          secretEnv: options.secretEnv,
          share: options.share === true,
          accept: options.accept === true,
        },
        ...(options.cwd === undefined ? {} : { cwd: resolve(options.cwd) }),
      });
      show(added);
    });
  function show(added: Server): void {
    const waits = added.capabilities.some((one) => !one.accepted);
    errand.print(
      added,
      () => `${inWords(added)}${waits ? `\n\nWhat it offers waits for you: gatehouse server accept ${visible(added.name)}` : ''}`,
    );
  }
  registerUpdate(server, errand);
  server
    .command('list')
    .description('All servers.')
    .addHelpText('after', '\nExample:\n  gatehouse server list')
    .action(async () => {
      const { api } = await errand.operator();
      const list = await api.server.list();
      const row = (one: Server) => [
        one.name,
        one.state,
        one.capabilities.length,
        one.processes,
        one.remote?.url ?? [one.command, ...one.args].join(' '),
        one.reason,
      ];
      errand.print(list, () =>
        list.length === 0
          ? 'There is no server yet.'
          : table(['NAME', 'STATE', 'OFFERS', 'PROCESSES', 'COMMAND OR URL', 'BECAUSE'], list.map(row), errand.columns),
      );
    });
  const acts = [
    ['show', 'One server, and what it offers.'],
    ['enable', 'Lets it be used.'],
    ['disable', 'Stops it and denies its calls.'],
    ['restart', 'Ends its processes; the next call starts a new one.'],
  ] as const;
  for (const [act, says] of acts) {
    server
      .command(`${act} <name>`)
      .description(says)
      .addHelpText('after', `\nExample:\n  gatehouse server ${act} github`)
      .action(async (name: string) => {
        const { api } = await errand.operator();
        const one = await api.server[act]({ name });
        errand.print(one, () => inWords(one));
      });
  }
  const judgements = [
    ['accept', 'Accepts what it offers now, or of that only some capabilities.'],
    ['reject', 'Keeps what was accepted before, and refuses the change.'],
  ] as const;
  for (const [act, says] of judgements) {
    server
      .command(`${act} <name>`)
      .description(says)
      .option('--capability <kind:name...>', 'only these, of what the last review showed')
      .addHelpText(
        'after',
        `\nExamples:\n  gatehouse server ${act} github\n  gatehouse server ${act} github --capability tool:create_issue`,
      )
      .action(async (name: string, { capability }: { capability?: string[] }) => {
        const { api } = await errand.operator();
        const one = await api.server[act]({ name, ...(capability ? { capabilities: capability } : {}) });
        errand.print(one, () => inWords(one));
      });
  }
  server
    .command('remove <name>')
    .description('Removes it, with its grants.')
    .addHelpText('after', '\nExample:\n  gatehouse server remove github')
    .action(async (name: string) => {
      const { api } = await errand.operator();
      errand.print(await api.server.remove({ name }), () => `Removed ${visible(name)}.`);
    });
  server
    .command('review <name>')
    .description('Starts it once, alone, and shows what changed since it was accepted.')
    .addHelpText('after', '\nExample:\n  gatehouse server review github')
    .action(async (name: string) => {
      const { api } = await errand.operator();
      const review = await api.server.review({ name });
      errand.print(review, () => {
        if (review.differences.length === 0) return `${visible(review.name)} offers what was accepted.`;
        return `${review.differences.map(differenceInWords).join('\n')}\n\nTake it over with "gatehouse server accept ${visible(name)}", or keep the old with "gatehouse server reject ${visible(name)}".`;
      });
    });
  server
    .command('logs <name>')
    .description('What it last wrote to standard error.')
    .addHelpText('after', '\nExample:\n  gatehouse server logs github')
    .action(async (name: string) => {
      const { api } = await errand.operator();
      const logs = await api.server.logs({ name });
      errand.print(logs, () =>
        logs.lines.length === 0 ? 'It wrote nothing.' : logs.lines.map(({ at, text }) => `${when(at)}  ${visible(text)}`).join('\n'),
      );
    });
};

function pair(option: string) {
  return (text: string, before: Record<string, string>): Record<string, string> => {
    const at = text.indexOf('=');
    if (at < 1) throw new GatehouseError('usage', `${option} does not take "${text}".`, `Write ${option} KEY=VALUE.`);
    return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
  };
}

function headerPair(option: string) {
  return (text: string, before: Record<string, string>): Record<string, string> => {
    const at = text.indexOf(':');
    const value = text.slice(at + 1).trim();
    if (at < 1 || value === '') throw new GatehouseError('usage', `${option} does not take "${text}".`, `Write ${option} 'Name: value'.`);
    return { ...before, [text.slice(0, at).trim()]: value };
  };
}

function inWords(one: Server): string {
  const heading = facts([
    ['server', one.name],
    ['state', one.reason === null ? one.state : `${one.state}: ${one.reason}`],
    ['protocol', one.era === undefined ? null : `${one.era} era`],
    ...(one.remote ? elsewhere(one.remote) : here(one)),
    [one.remote ? 'connections' : 'processes', `${one.processes}${one.share ? ', shared between clients' : ''}`],
  ]);
  const offers = one.capabilities.map((each) => {
    const labels = each.labels.length === 0 ? '' : `  [${each.labels.map(visible).join(', ')}]`;
    const findings = each.findings.map((finding) => `\n    ${findingLine(finding)}`);
    return `  ${each.accepted ? 'accepted' : 'waits   '}  ${visible(each.capability)}${labels}${findings.join('')}`;
  });
  return [heading, ...(one.findings ?? []).map(findingLine), '', offers.length === 0 ? 'It offers nothing.' : 'It offers:', ...offers].join(
    '\n',
  );
}

function here(one: Server): [string, string | null][] {
  const env = Object.entries(one.env).map(([key, value]) => `${key}=${value}`);
  const secrets = Object.entries(one.secretEnv).map(([key, name]) => `${key} from ${name}`);
  return [
    ['command', JSON.stringify([one.command, ...one.args])],
    ['folder', one.cwd],
    ['environment', env.join(' ') || 'nothing of its own'],
    ['secrets', secrets.join(', ') || 'none'],
    ['bundle', one.origin?.bundle ? `${one.origin.bundle.name} ${one.origin.bundle.version}, sha-256 ${one.origin.bundle.sha256}` : null],
    ['npm', one.origin?.npm ? `${one.origin.npm.name} ${one.origin.npm.version}, ${one.origin.npm.integrity}` : null],
    ['registry', one.origin?.registry ? `${one.origin.registry.id} of ${one.origin.registry.address}` : null],
  ];
}

const reaches = { loopback: 'on this computer', private: 'in a private network', public: 'on the internet' } as const;

function elsewhere({
  url,
  transport,
  headers,
  secretHeaders,
  clientCert,
  reach,
}: NonNullable<Server['remote']>): [string, string | null][] {
  const plain = Object.entries(headers).map(([key, value]) => `${key}: ${value}`);
  const secrets = Object.entries(secretHeaders).map(([key, name]) => `${key} from ${name}`);
  return [
    ['url', url],
    ['where', reaches[reach]],
    [
      'transport',
      { auto: 'Streamable HTTP, or HTTP+SSE where that is not understood', http: 'Streamable HTTP', sse: 'HTTP+SSE' }[transport],
    ],
    ['headers', plain.join(', ') || 'none of its own'],
    ['secrets', [...secrets, ...(clientCert === null ? [] : [`client certificate from ${clientCert}`])].join(', ') || 'none'],
  ];
}
