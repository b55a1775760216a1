// `server add --bundle|--registry` and `server update`: what would run is shown whole, and only what was shown is added.
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Candidate } from '../../shared/candidate.ts';
import { GatehouseError } from '../../shared/errors.ts';
import { differenceInWords } from './difference.ts';
import type { Errand } from './errand.ts';
import type { Api } from './operator-link.ts';
import { facts } from './table.ts';
import { hidesSomething, visible } from './visible.ts';

export interface CandidateOptions {
  readonly bundle?: string;
  readonly registry?: string;
  readonly release?: string;
  readonly way?: number;
  readonly config: Record<string, string[]>;
  readonly secretConfig: Record<string, string>;
  readonly digest?: string;
  readonly dryRun?: boolean;
}

/** The options that `server add` and `server update` have in common. */
export function candidateOptions(command: Command): Command {
  return command
    .option('--bundle <file>', 'from this MCP bundle (.mcpb)')
    .option('--registry <id>', 'from this entry of the registry, as "gatehouse registry search" names it')
    .option('--release <version>', 'of the registry, this version and not the latest')
    .option('--way <number>', 'of the registry, this way to run it, as "gatehouse registry show" counts them', whole)
    .option('--config <K=V>', 'what it asks for; may be given again, and more than once where it takes several', several, {})
    .option('--secret-config <K=SECRET>', 'what it asks for, as a secret of the vault by name', single, {})
    .option('--dry-run', 'show what would run, and add nothing')
    .option('--digest <hex>', 'add exactly the one that was shown with this digest, without asking');
}

/** Looks, shows, asks. Null after a dry run. @throws GatehouseError refused when nobody agreed to what was shown */
export async function agreedCandidate(errand: Errand, api: Api, options: CandidateOptions): Promise<Candidate | null> {
  const { config, secretConfig } = options;
  if ((options.bundle === undefined) === (options.registry === undefined))
    throw new GatehouseError('usage', 'A bundle or an entry of the registry, one of the two.', 'Give --bundle FILE or --registry ID.');
  const candidate =
    options.bundle === undefined
      ? await api.candidate.registry({
          id: options.registry ?? '',
          ...(options.release === undefined ? {} : { version: options.release }),
          ...(options.way === undefined ? {} : { way: options.way }),
          ...{ config, secretConfig },
        })
      : await api.candidate.bundle({ path: resolve(options.bundle), config, secretConfig });
  if (options.dryRun === true) {
    errand.print(candidate, () => candidateInWords(candidate));
    return null;
  }
  if (candidate.missing.length > 0)
    throw new GatehouseError(
      'usage',
      `It needs to be told ${candidate.missing.map(visible).join(', ')} first.`,
      'See them with --dry-run, then give each with --config KEY=VALUE, a secret with --secret-config KEY=SECRET.',
    );
  if (options.digest !== undefined) {
    if (options.digest === candidate.digest) return candidate;
    throw new GatehouseError(
      'refused',
      'The digest is not that of what would run now, so nothing was added.',
      'Look at it again with --dry-run: it changed since you saw it.',
    );
  }
  const terminal = errand.json ? null : await errand.terminalOrNull();
  if (terminal === null)
    throw new GatehouseError(
      'refused',
      'Nobody was shown what would run, so nothing was added.',
      'Look with --dry-run --json, then add with --digest DIGEST.',
    );
  terminal.write(`${candidateInWords(candidate)}\n\n`);
  const word = (await terminal.askWord('This will run on your computer. Type "add" to go on: ')).trim();
  if (word !== 'add') throw new GatehouseError('refused', 'Nothing was added.', 'Run the command again when you want it.');
  return candidate;
}

/** `gatehouse server update NAME`. */
export function registerUpdate(server: Command, errand: Errand): void {
  candidateOptions(server.command('update <name>'))
    .usage('NAME (--bundle FILE | --registry ID) [options]')
    .description('Puts another version of its program in its place, shows it first, and then what changed in what it offers.')
    .addHelpText('after', '\nExample:\n  gatehouse server update weather --registry io.example/weather')
    .action(async (name: string, options: CandidateOptions) => {
      const { api } = await errand.operator();
      const candidate = await agreedCandidate(errand, api, options);
      if (candidate === null) return;
      const updated = await api.server.update({ name, digest: candidate.digest });
      errand.print(updated, () => {
        const { differences } = updated.review;
        if (differences.length === 0) return `Updated ${visible(name)}. It offers what was accepted.`;
        return `Updated ${visible(name)}.\n${differences.map(differenceInWords).join('\n')}\n\nTake it over with "gatehouse server accept ${visible(name)}".`;
      });
    });
}

const signatures = {
  absent: 'none',
  unknown: 'of a kind that cannot be checked here',
  intact: 'holds; nobody vouches for who made it',
} as const;

/** Everything of it, nothing cut. */
export function candidateInWords(one: Candidate): string {
  const words = [one.command, ...one.args];
  const rows: [string, string | number | null][] = [
    ['says it is', one.title === one.name ? null : one.title],
    ['version', one.version],
    ['says it is by', one.author],
    ...(one.remote
      ? ([['url', one.remote.url], ...pairs('header', one.remote.headers, ': '), ...secrets('header', one.remote.secretHeaders)] as [
          string,
          string,
        ][])
      : ([
          ['command', JSON.stringify(words)],
          ['folder', one.cwd ?? 'where the client works'],
          ...pairs('environment', one.env, '='),
          ...secrets('environment', one.secretEnv),
        ] as [string, string][])),
    [
      'package',
      one.package && [one.package.registry, one.package.identifier, one.package.version].filter((part) => part !== null).join(' '),
    ],
    [
      'its hash',
      one.package && one.bundle === null
        ? one.package.sha256
          ? `${one.package.sha256} (not checked by its runner)`
          : 'the registry gives none'
        : null,
    ],
    ['its contents', one.package?.integrity ? `${one.package.integrity} (by npm; nothing else will run)` : null],
    ...(one.bundle ? bundleRows(one.bundle) : []),
    ['registry', one.registry && `${one.registry.address} ${one.registry.id}`],
    ['said on', one.registry && `${one.registry.at}${one.registry.offline ? ', and it cannot be reached now' : ''}`],
    ['status', one.registry?.status ?? null],
    ['digest', one.digest],
  ];
  const fields = one.fields.map(
    (field) =>
      `  ${field.required ? 'must' : 'may '}  ${visible(field.key)}${field.secret ? ' (a secret)' : ''}: ${visible(field.title)}. ${visible(field.description)}${
        field.usual.length > 0 ? ` Without it: ${visible(field.usual.join(', '))}` : ''
      }`,
  );
  const hides = [one.title, one.description, ...words].some(hidesSomething);
  return [
    facts(rows),
    ...(one.description === '' ? [] : ['', `It says: ${visible(one.description)}`]),
    ...(fields.length > 0 ? ['', 'It asks for:', ...fields] : []),
    ...(one.warnings.length > 0 || hides ? [''] : []),
    ...one.warnings.map((text) => `Mind: ${visible(text)}`),
    ...(hides ? ['Mind: it holds characters that do not show; they are written as \\u{..} above.'] : []),
  ].join('\n');
}

const bundleRows = ({ sha256, bytes, unpackedBytes, files, signature }: NonNullable<Candidate['bundle']>): [string, string | null][] => [
  ['sha-256', sha256],
  ['size', `${bytes} bytes, ${files} files, ${unpackedBytes} bytes unpacked`],
  ['signature', signatures[signature.state]],
  ['certificate', signature.signer && `"${signature.signer}" by "${signature.issuer ?? ''}", until ${signature.validUntil ?? ''}`],
  ['its sha-256', signature.fingerprint],
];

const pairs = (title: string, from: Record<string, string>, between: string): [string, string][] =>
  Object.entries(from).map(([key, value]) => [title, `${key}${between}${value}`]);
const secrets = (title: string, from: Record<string, string>): [string, string][] =>
  Object.entries(from).map(([key, name]) => [title, `${key} from the secret ${name}`]);

function cut(option: string, text: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new GatehouseError('usage', `${option} does not take "${text}".`, `Write ${option} KEY=VALUE.`);
  return [text.slice(0, at), text.slice(at + 1)];
}

function several(text: string, before: Record<string, string[]>): Record<string, string[]> {
  const [key, value] = cut('--config', text);
  return { ...before, [key]: [...(Object.hasOwn(before, key) ? (before[key] ?? []) : []), value] };
}

function single(text: string, before: Record<string, string>): Record<string, string> {
  const [key, value] = cut('--secret-config', text);
  return { ...before, [key]: value };
}

function whole(text: string): number {
  if (/^[0-9]{1,2}$/.test(text)) return Number(text);
  throw new GatehouseError('usage', `--way does not take "${text}".`, 'Give the number that "gatehouse registry show" shows.');
}
