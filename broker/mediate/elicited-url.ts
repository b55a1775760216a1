// An address that a server wants the person to open: may it be shown at all, and whose is it (security.md T20). Nothing here opens or fetches it.
import { domainToUnicode } from 'node:url';
import { parse as split } from 'tldts';

/** Characters; longer ones are not for people. */
const longest = 8192;

export type Address =
  | { readonly kind: 'refused'; readonly why: string }
  | {
      readonly kind: 'shown';
      /** As it would be dialled, in lower case and punycode. */
      readonly host: string;
      /** What somebody registered: `example.co.uk`; null for a bare number or a name of this machine. */
      readonly domain: string | null;
      /** The host as it would look; null where that is the same. */
      readonly looks: string | null;
      readonly bareNumber: boolean;
      readonly loopback: boolean;
    };

const refused = (why: string): Address => ({ kind: 'refused', why });

function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** https anywhere, http on this machine only; nothing that one reader could take for another address. */
export function addressOf(url: unknown): Address {
  if (typeof url !== 'string' || url === '') return refused('there is no address');
  if (url.length > longest) return refused(`the address is longer than ${longest} characters`);
  // The URL parser drops tabs and line ends and takes a backslash for a slash: what is shown must be what is dialled.
  if (/[\s\\\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}]/u.test(url) || !url.isWellFormed())
    return refused('the address holds characters that have no place in one');
  if (!/^https?:\/\/[^/]/i.test(url)) return refused('the address is neither https nor http');
  const parsed = URL.parse(url);
  if (!parsed || parsed.hostname === '') return refused('the address cannot be read');
  if (parsed.username !== '' || parsed.password !== '' || /^https?:\/\/[^/?#]*@/i.test(url))
    return refused('the address carries credentials');
  const host = parsed.hostname.replace(/\.$/, '');
  const loopback = isLoopback(host);
  if (parsed.protocol !== 'https:' && !loopback) return refused('the address is not https');
  const { domain, isIp } = split(host, { allowPrivateDomains: true });
  const looks = host.split('.').some((label) => label.startsWith('xn--')) ? domainToUnicode(host) : null;
  return { kind: 'shown', host, domain: isIp === true ? null : domain, looks, bareNumber: isIp === true, loopback };
}
