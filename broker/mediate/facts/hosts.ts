// Network places as facts: which host an address names, read so that no other reader could find another (security.md T20).
import { parse } from 'tldts';
import type { HostFact } from '../../../shared/request-facts.ts';
import { hidesCharacters } from './hidden.ts';
import type { Unreadable } from './paths.ts';

const schemes = new Set(['http', 'https', 'ws', 'wss', 'ftp', 'ssh', 'git']);
const longest = 8192;

/** The registrable domain, with private suffixes (`user.github.io`) counted as suffixes: their owners do not trust each other. */
export function domainOf(host: string): string {
  return parse(host, { allowPrivateDomains: true }).domain ?? host;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** The host of an address; anything that two parsers could split differently is refused. */
export function readAddress(argument: string, text: string): HostFact | Unreadable {
  if (text.length > longest) return { why: 'it is too long for an address' };
  if (hidesCharacters(text) || /[\s\\]/.test(text) || !text.isWellFormed()) return { why: 'programs could read this address differently' };
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return { why: 'it is not a whole address' };
  }
  const scheme = url.protocol.slice(0, -1);
  if (!schemes.has(scheme)) return { why: `addresses of the kind ${scheme.slice(0, 20)}: name no host` };
  if (url.username !== '' || url.password !== '') return { why: 'it carries a name or password before the host' };
  const written = /^[a-z]+:\/\/([^/?#]*)/i.exec(text)?.[1]?.toLowerCase();
  // `http:host`, `http:///host`, full-width dots, octal numbers: browsers mend these, other programs do not.
  if (written === undefined || (written !== url.host && written !== `${url.host}:${defaultPort(scheme)}`)) {
    return { why: 'its host is not written in the usual form' };
  }
  // The same place for a resolver, another name for certificates, cookies and filters.
  if (/\.(:\d+)?$/.test(url.host)) return { why: 'its host is not written in the usual form' };
  return hostFact(argument, scheme, url.host);
}

const defaultPort = (scheme: string) => ({ http: 80, ws: 80, https: 443, wss: 443, ftp: 21, ssh: 22, git: 9418 })[scheme];

/** A bare host name (`example.com`, `localhost:3000`), as arguments called `host` or `domain` hold it. */
export function readHost(argument: string, text: string): HostFact | Unreadable {
  if (!/^[A-Za-z0-9.-]+(:\d{1,5})?$/.test(text)) return { why: 'it is not a host name' };
  return readAddress(argument, `https://${text}`);
}

function hostFact(argument: string, scheme: string, host: string): HostFact {
  const name = host.replace(/:\d+$/, '');
  const port = host.slice(host.replace(/:\d+$/, '').length);
  return { argument, scheme, host: name + port, domain: domainOf(name), loopback: isLoopback(name) };
}
