// What `server add` was given, checked, as the part of a server's row that says how it is started or reached.
import { GatehouseError } from '../../shared/errors.ts';
import { remoteSecretsOf, secretsOf } from '../../shared/secret-reference.ts';
import type { Desk, RemoteRow, ServerRow } from './desk.ts';

export interface ServerSpec {
  name: string;
  command: string;
  args: string[];
  cwd?: string | undefined;
  env: Record<string, string>;
  secretEnv: Record<string, string>;
  share: boolean;
  accept: boolean;
  url?: string | undefined;
  transport: RemoteRow['transport'];
  headers: Record<string, string>;
  secretHeaders: Record<string, string>;
  clientCert?: string | undefined;
}

type Launch = Pick<ServerRow, 'command' | 'args' | 'cwd' | 'env' | 'secretEnv' | 'share' | 'remote'>;

/** Environment keys that change what a program does before its own code runs (security.md T27). */
const dangerousKeys =
  /^(NODE_OPTIONS|NODE_EXTRA_CA_CERTS|NODE_TLS_REJECT_UNAUTHORIZED|LD_PRELOAD|LD_LIBRARY_PATH|LD_AUDIT|DYLD_.*|PYTHONSTARTUP|PERL5OPT|RUBYOPT|BASH_ENV|ENV|GATEHOUSE_.*)$/i;

/** Headers that the transport writes, and those that a proxy must not make up. */
const ownHeaders =
  /^(host|connection|content-length|content-type|content-encoding|transfer-encoding|te|trailer|upgrade|keep-alive|expect|accept|origin|cookie|last-event-id|mcp-.*|proxy-.*|x-forwarded-.*|forwarded)$/i;

/** @throws GatehouseError */
export async function launchOfSpec(desk: Desk, spec: ServerSpec): Promise<Launch> {
  if ((spec.url === undefined) === (spec.command === ''))
    throw new GatehouseError('usage', 'A server has a command or a URL, one of the two.', 'See: gatehouse server add --help');
  return spec.url === undefined ? await processOf(desk, spec) : await remoteOf(desk, spec, spec.url);
}

async function processOf(desk: Desk, spec: ServerSpec): Promise<Launch> {
  for (const key of [...Object.keys(spec.env), ...Object.keys(spec.secretEnv)]) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(key))
      throw new GatehouseError('usage', `${JSON.stringify(key)} is not the name of an environment variable.`, 'Use letters, digits and _.');
    if (dangerousKeys.test(key))
      throw new GatehouseError(
        'refused',
        `${key} changes how programs start, so a server may not be given it.`,
        'Start the server through a program of its own that needs no such variable.',
      );
  }
  refuseUnknownSecrets(desk, secretsOf(spec));
  if (Object.keys(spec.headers).length + Object.keys(spec.secretHeaders).length > 0 || spec.clientCert !== undefined)
    throw new GatehouseError(
      'usage',
      'Headers and certificates are for servers with a URL.',
      'Give a program its secrets with --secret-env.',
    );
  const command = await desk.resolveProgram(spec.command);
  if (command === null)
    throw new GatehouseError('not-found', `The program ${spec.command} was not found.`, 'Give its full path, or install it.');
  const { args, env, secretEnv, share } = spec;
  return { command, args, cwd: spec.cwd ?? null, env, secretEnv, share, remote: null };
}

async function remoteOf(desk: Desk, spec: ServerSpec, text: string): Promise<Launch> {
  const { headers, secretHeaders, transport, share } = spec;
  if (Object.keys(spec.env).length + Object.keys(spec.secretEnv).length > 0 || spec.cwd !== undefined || spec.args.length > 0)
    throw new GatehouseError('usage', 'A server with a URL has no arguments, folder or environment here.', 'Give it headers instead.');
  const url = addressOf(text);
  const seen = new Set<string>();
  for (const name of [...Object.keys(headers), ...Object.keys(secretHeaders)]) {
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name))
      throw new GatehouseError('usage', `${JSON.stringify(name)} is not the name of a header.`, `Write --header 'Name: value'.`);
    if (ownHeaders.test(name)) throw new GatehouseError('refused', `The header ${name} is written by Gatehouse itself.`, 'Leave it out.');
    if (seen.has(name.toLowerCase())) throw new GatehouseError('usage', `The header ${name} is given twice.`, 'Give it once.');
    seen.add(name.toLowerCase());
  }
  for (const [name, value] of Object.entries(headers))
    if (!/^[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?$/.test(value))
      throw new GatehouseError('usage', `The value of the header ${name} is not visible ASCII on one line.`, 'Write it differently.');
  if (spec.clientCert !== undefined && url.protocol !== 'https:')
    throw new GatehouseError('usage', 'A client certificate needs https.', 'Leave it out, or give an https address.');
  const reach = await desk.reachOf(url);
  if (url.protocol === 'http:' && reach !== 'loopback')
    throw new GatehouseError('refused', `${url.origin} is not encrypted and not on this computer.`, 'Use its https address.');
  const remote: RemoteRow = { url: url.href, transport, headers, secretHeaders, clientCert: spec.clientCert ?? null, reach };
  refuseUnknownSecrets(desk, remoteSecretsOf(remote));
  return { command: '', args: [], cwd: null, env: {}, secretEnv: {}, share, remote };
}

function addressOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    throw new GatehouseError(
      'usage',
      `${JSON.stringify(text.slice(0, 200))} is not an http or https address.`,
      'Write it like https://example.com/mcp.',
    );
  if (url.username !== '' || url.password !== '')
    throw new GatehouseError(
      'refused',
      'A credential in an address ends up in logs.',
      `Put it into the vault and use --secret-header 'Authorization: SECRET'.`,
    );
  if (url.hash !== '') throw new GatehouseError('usage', 'The part behind # never reaches a server.', 'Leave it out.');
  return url;
}

function refuseUnknownSecrets(desk: Desk, names: readonly string[]): void {
  for (const secret of names) {
    if (!desk.rows.secret.has(secret))
      throw new GatehouseError('not-found', `There is no secret ${secret}.`, `Put it in the vault first: gatehouse secret set ${secret}`);
  }
}
