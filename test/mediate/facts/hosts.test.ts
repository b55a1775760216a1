// Hosts: what two readers could take for different addresses is no fact at all (T20).
import { describe, expect, test } from 'vitest';
import { domainOf, readAddress, readHost } from '../../../broker/mediate/facts/hosts.ts';

const address = (text: string) => readAddress('url', text);

describe('addresses', () => {
  test.each<[string, string, string, string, boolean]>([
    ['https://a.example.co.uk/x?y#z', 'https', 'a.example.co.uk', 'example.co.uk', false],
    ['HTTPS://A.Example.COM/', 'https', 'a.example.com', 'example.com', false],
    ['https://example.com', 'https', 'example.com', 'example.com', false],
    ['https://example.com?q', 'https', 'example.com', 'example.com', false],
    ['https://example.com#q', 'https', 'example.com', 'example.com', false],
    ['https://example.com:8443/', 'https', 'example.com:8443', 'example.com', false],
    ['https://example.com:443/', 'https', 'example.com', 'example.com', false],
    ['http://example.com:80/', 'http', 'example.com', 'example.com', false],
    ['http://example.com:443/', 'http', 'example.com:443', 'example.com', false],
    ['ws://example.com:80/', 'ws', 'example.com', 'example.com', false],
    ['wss://example.com:443/', 'wss', 'example.com', 'example.com', false],
    ['ftp://example.com:21/', 'ftp', 'example.com', 'example.com', false],
    ['ssh://example.com/a', 'ssh', 'example.com', 'example.com', false],
    ['git://example.com/a', 'git', 'example.com', 'example.com', false],
    ['https://someone.github.io/', 'https', 'someone.github.io', 'someone.github.io', false],
    ['https://intranet/', 'https', 'intranet', 'intranet', false],
    ['https://93.184.216.34/', 'https', '93.184.216.34', '93.184.216.34', false],
    ['http://localhost:3000/', 'http', 'localhost:3000', 'localhost', true],
    ['http://app.localhost/', 'http', 'app.localhost', 'app.localhost', true],
    ['http://127.0.0.1/', 'http', '127.0.0.1', '127.0.0.1', true],
    ['http://127.1.2.3:80/', 'http', '127.1.2.3', '127.1.2.3', true],
    ['http://[::1]:8080/', 'http', '[::1]:8080', '[::1]', true],
    ['http://localhost.evil.com/', 'http', 'localhost.evil.com', 'evil.com', false],
    ['http://notlocalhost/', 'http', 'notlocalhost', 'notlocalhost', false],
    ['http://127.0.0.1.evil.com/', 'http', '127.0.0.1.evil.com', 'evil.com', false],
    ['http://1127.0.0.1.x/', 'http', '1127.0.0.1.x', expect.any(String) as unknown as string, false],
  ])('%s', (text, scheme, host, domain, loopback) => {
    expect(address(text)).toEqual({ argument: 'url', scheme, host, domain, loopback });
  });

  const differently = 'programs could read this address differently';
  const unusual = 'its host is not written in the usual form';
  const credentials = 'it carries a name or password before the host';
  test.each<[string, string]>([
    ['https://a.com/ x', differently],
    ['https://a.com\\b', differently],
    ['https://a.com/\u200b', differently],
    ['https://a.com/\ud800', differently],
    ['https://a.com/\tb', differently],
    ['example.com', 'it is not a whole address'],
    ['', 'it is not a whole address'],
    ['https://', 'it is not a whole address'],
    ['javascript:alert(1)', 'addresses of the kind javascript: name no host'],
    ['data:text/html,x', 'addresses of the kind data: name no host'],
    [`${'x'.repeat(30)}:y`, `addresses of the kind ${'x'.repeat(20)}: name no host`],
    ['https://user@a.com/', credentials],
    ['https://user:pw@a.com/', credentials],
    ['https://:pw@a.com/', credentials],
    ['https:a.com', unusual],
    ['https:/a.com', unusual],
    ['https:///a.com', unusual],
    ['https://@a.com/', unusual],
    ['https://\uff41.com/', unusual],
    ['http://0x7f.1/', unusual],
    ['http://2130706433/', unusual],
    ['http://017700000001/', unusual],
    ['http://127.1/', unusual],
    ['https://a.com:0443/', unusual],
    ['https://%61.com/', unusual],
  ])('%j: %s', (text, why) => {
    expect(address(text)).toEqual({ why });
  });
  test('an address is as long as addresses are', () => {
    const path = (length: number) => `https://a.com/${'x'.repeat(length - 'https://a.com/'.length)}`;
    expect(address(path(8192))).toMatchObject({ host: 'a.com' });
    expect(address(path(8193))).toEqual({ why: 'it is too long for an address' });
  });
});

describe('bare hosts', () => {
  test.each<[string, string]>([
    ['example.com', 'example.com'],
    ['Example.com', 'example.com'],
    ['localhost:3000', 'localhost:3000'],
    ['example.com:443', 'example.com'],
    ['a-b.c', 'a-b.c'],
  ])('%s', (text, host) => {
    const fact = readHost('host', text);
    // In capitals a bare name is read as it is dialled.
    expect('why' in fact ? fact.why : fact.host).toBe(host);
  });
  test.each([
    '',
    'a b',
    'a/b',
    'a@b',
    'user:pw@a',
    'a:123456',
    'a:',
    ':80',
    'http://a',
    '[::1]',
    'a?b',
    'a#b',
    '\u00fc.com',
    'x a.com',
    'a.com x',
  ])('%j is none', (text) => {
    expect(readHost('host', text)).toEqual({ why: 'it is not a host name' });
  });
});

test('domains of strangers who share a suffix are not one', () => {
  expect(domainOf('a.b.github.io')).toBe('b.github.io');
  expect(domainOf('localhost')).toBe('localhost');
  expect(domainOf('co.uk')).toBe('co.uk');
});
