// Install links say exactly the connector's command, survive odd paths, and carry no token.
import { expect, test } from 'vitest';
import { installLinks } from '../../shared/install-link.ts';

test('each link holds the entry its client will write, whatever stands in the path', () => {
  const launch = { command: '/opt/Gäte house/node&x', args: ['/a b/?#%+=/connect.mjs', '--home', '/h', '--client', 'cursor'] };
  const [cursor, code, insiders] = installLinks(launch).map(({ url }) => url);
  const query = new URL(String(cursor)).searchParams;
  expect(query.get('name')).toBe('gatehouse');
  expect(JSON.parse(Buffer.from(String(query.get('config')), 'base64').toString())).toEqual(launch);
  expect(JSON.parse(decodeURIComponent(String(code).replace('vscode:mcp/install?', '')))).toEqual({
    name: 'gatehouse',
    type: 'stdio',
    ...launch,
  });
  expect(insiders).toBe(String(code).replace('vscode:', 'vscode-insiders:'));
});

test('what else a connection has, its token above all, is not taken along', () => {
  const launch = { command: 'gatehouse', args: ['connect'], env: { GATEHOUSE_CLIENT_TOKEN: 'ght_secret' } };
  for (const { url } of installLinks(launch)) {
    expect(url).not.toContain('ght_secret');
    expect(Buffer.from(new URL(url).searchParams.get('config') ?? '', 'base64').toString()).not.toContain('ght_secret');
  }
});
