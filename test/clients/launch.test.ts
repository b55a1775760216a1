// What entries mean where a client has two forms of them, and an entry of ours in the form that stood there.
import { expect, test } from 'vitest';
import { cline } from '../../broker/clients/cline.ts';
import { dropInFor, meaningOf, wayTo } from '../../broker/clients/launch.ts';

const { dialect } = cline;
const newer = {
  transport: { type: 'stdio', command: 'npx', args: ['-y', 'x'], env: { TOKEN: 'abc' } },
  disabled: true,
  autoApprove: ['a'],
};

test('a map inside the entry is read like the entry itself', () => {
  const { transport, ...rest } = newer;
  expect(meaningOf(newer, dialect)).toEqual(meaningOf({ ...transport, ...rest }, dialect));
  expect(meaningOf(newer, dialect)).toMatchObject({ launch: { kind: 'command', command: 'npx', env: { TOKEN: 'abc' } }, disabled: true });
  const sse = { transport: { type: 'sse', url: 'https://x.example/sse', headers: { a: 'b' } } };
  expect(meaningOf(sse, dialect).launch).toEqual({ kind: 'url', url: 'https://x.example/sse', transport: 'sse', headers: { a: 'b' } });
  expect(meaningOf({ transport: {} }, dialect).launch.kind).toBe('unclear');
  // What is no map is a setting of its own, as in the older form of some.
  expect(meaningOf({ transport: 'stdio', command: 'npx' }, dialect).launch).toMatchObject({ kind: 'command', command: 'npx' });
});

test('the way to a value leads through it', () => {
  expect(wayTo(newer, dialect, 'env', 'TOKEN')).toEqual(['transport', 'env', 'TOKEN']);
  expect(wayTo(newer, dialect, 'args', '1')).toEqual(['transport', 'args', 1]);
  expect(wayTo({ command: 'npx', args: ['a'] }, dialect, 'args', '0')).toEqual(['args', 0]);
  expect(wayTo({ transport: { url: 'https://x.example' } }, dialect, 'url', '')).toEqual(['transport', 'url']);
});

test('an entry of ours has the form that stood there, and keeps what is not about reaching the server', () => {
  const drop = { kind: 'command', command: '/opt/gatehouse', args: ['connect'], env: {} } as const;
  const ours = { type: 'stdio', command: '/opt/gatehouse', args: ['connect'] };
  expect(dropInFor(dialect, drop, newer)).toEqual({ transport: ours, disabled: true, autoApprove: ['a'] });
  expect(dropInFor(dialect, drop, { command: 'npx', disabled: true })).toEqual({ ...ours, disabled: true });
  expect(dropInFor(dialect, drop, null)).toEqual(ours);
});
