// Which network addresses a remote server may have: checked after every resolution, because a name may point elsewhere tomorrow.
import { lookup as resolveName } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** How far away a server is. The operator decides that once, by the address given to `server add`. */
export type Reach = 'loopback' | 'private' | 'public';

function list(...subnets: readonly string[]): BlockList {
  const blocks = new BlockList();
  for (const subnet of subnets) {
    const [net, bits] = subnet.split('/') as [string, string];
    blocks.addSubnet(net, Number(bits), net.includes(':') ? 'ipv6' : 'ipv4');
  }
  return blocks;
}

const loopback = list('127.0.0.0/8', '::1/128');
// RFC 6890 and its updates: everything that is not the public internet, cloud metadata (169.254.169.254) included.
const special = list(
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24'],
  ...['192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
  ...['::/128', '64:ff9b:1::/48', '100::/64', '2001::/23', '2001:db8::/32', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8'],
);
/** Addresses that carry an IPv4 address inside: NAT64, 6to4, IPv4-compatible. */
const carriers = list('64:ff9b::/96', '2002::/16', '::/96');

export function reachOf(address: string): Reach {
  // The block list compares IPv4-mapped IPv6 addresses with its IPv4 rules.
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  if (loopback.check(address, family)) return 'loopback';
  if (special.check(address, family) || (family === 'ipv6' && carriers.check(address, family))) return 'private';
  return 'public';
}

/** The host of a URL as the network has it: without the brackets of IPv6. */
export const hostOf = (url: URL) => url.hostname.replace(/^\[|\]$/g, '');

/** Where a URL leads now. @throws Error of DNS */
export async function reachOfHost(url: URL): Promise<Reach> {
  const host = hostOf(url);
  if (isIP(host)) return reachOf(host);
  const addresses = await new Promise<string[]>((resolve, reject) =>
    resolveName(host, { all: true }, (error, found) => (error ? reject(error) : resolve(found.map(({ address }) => address)))),
  );
  const reaches = addresses.map(reachOf);
  return reaches.includes('loopback') ? 'loopback' : reaches.includes('private') ? 'private' : 'public';
}

export class ForbiddenAddress extends Error {}

function refuse(host: string, address: string, allowed: Reach): ForbiddenAddress {
  return new ForbiddenAddress(
    `${host} leads to ${address} now, which is ${reachOf(address) === 'loopback' ? 'this computer' : 'a private network'}; it was added as ${
      allowed === 'public' ? 'a server on the internet' : `a ${allowed} one`
    }`,
  );
}

const mayBe = (address: string, allowed: Reach, secure: boolean) => {
  const reach = reachOf(address);
  return reach === allowed || (reach === 'public' && secure);
};

/** For connecting to an address that is no name. @throws ForbiddenAddress */
export function checkLiteral(url: URL, allowed: Reach): void {
  const host = hostOf(url);
  if (isIP(host) && !mayBe(host, allowed, url.protocol === 'https:')) throw refuse(host, host, allowed);
}

/** Resolves as usual, and refuses what the operator did not agree to. What is checked is what is connected to. */
export function guardedLookup(allowed: Reach, secure: boolean): LookupFunction {
  return (host, options, callback) => {
    resolveName(host, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, []);
      const forbidden = found.find(({ address }) => !mayBe(address, allowed, secure));
      if (forbidden) return callback(refuse(host, forbidden.address, allowed), []);
      if (options.all) callback(null, found);
      else callback(null, found[0]?.address as string, found[0]?.family);
    });
  };
}
