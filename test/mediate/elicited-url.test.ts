// Addresses a server wants opened: which are never shown to anyone, and what is said of the others (T20).
import { expect, test } from 'vitest';
import { addressOf } from '../../broker/mediate/elicited-url.ts';

test.each([
  'http://example.com/login',
  'javascript:alert(1)',
  'data:text/html,x',
  'file:///etc/passwd',
  'vbscript:x',
  'ftp://example.com/',
  'HTTP://example.com/',
  'https:/example.com',
  'https:example.com',
  'https:///example.com',
  'https://',
  'https://user@example.com/',
  'https://user:pw@example.com/',
  'https://@example.com/',
  'https://:@example.com/',
  'https://login.example.com\\@evil.example/',
  'https://example.com\t/',
  ' https://example.com/',
  'https://example.com/\n',
  'https://exa\u200bmple.com/',
  'https://example.com/\u202egnp.exe',
  'https://[::1',
  'https://999.1.1.1/',
  'http://127.0.0.1.example.com/',
  'http://localhost.example.com/',
  'http://10.0.0.1/',
  'http://[::ffff:10.0.0.1]/',
  `https://example.com/${'a'.repeat(9000)}`,
  '',
])('%j is refused', (url) => {
  expect(addressOf(url).kind).toBe('refused');
});

test.each([undefined, null, 7, {}, ['https://example.com/']])('%j is no address', (url) => {
  expect(addressOf(url).kind).toBe('refused');
});

test.each([
  ['https://example.com/a?b=c#d', { domain: 'example.com', host: 'example.com' }],
  ['https://login.accounts.example.co.uk/', { domain: 'example.co.uk', host: 'login.accounts.example.co.uk' }],
  ['https://github.com.evil.example.org/', { domain: 'example.org' }],
  ['https://someone.github.io/', { domain: 'someone.github.io' }],
  ['https://example.com./x', { domain: 'example.com', host: 'example.com' }],
  ['HTTPS://EXAMPLE.COM/', { host: 'example.com' }],
  ['http://localhost:3000/cb', { loopback: true }],
  ['http://127.0.0.1:3000/cb', { loopback: true }],
  ['http://[::1]:3000/', { loopback: true }],
  ['https://93.184.216.34/', { bareNumber: true, domain: null, loopback: false }],
  ['https://0x5db8d822/', { bareNumber: true, host: '93.184.216.34' }],
  ['https://[2001:db8::1]/', { bareNumber: true }],
  ['https://xn--pple-43d.com/', { looks: 'аpple.com', host: 'xn--pple-43d.com', domain: 'xn--pple-43d.com' }],
  ['https://аpple.com/', { looks: 'аpple.com', host: 'xn--pple-43d.com' }],
])('%s is shown with whose it is', (url, said) => {
  expect(addressOf(url)).toMatchObject({ kind: 'shown', ...said });
});
