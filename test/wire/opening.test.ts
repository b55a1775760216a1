// Which era a connector's client speaks: its first real message says so, and it holds.
import { expect, test } from 'vitest';
import { parseMessage } from '../../broker/wire/gate.ts';
import { HandshakeConnection } from '../../broker/wire/handshake/connection.ts';
import type { Offer } from '../../broker/wire/handshake/offers.ts';
import { OpeningConnection } from '../../broker/wire/opening.ts';
import { StatelessConnection } from '../../broker/wire/stateless/connection.ts';

const offer: Offer = {
  server: 's',
  era: 'handshake',
  openingText: '{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"s","version":"1"}}',
  definitions: [{ capability: 'tool:t', text: '{"name":"t"}', needs: [] }],
};

function setUp() {
  const replies: { id?: unknown; result?: Record<string, unknown>; error?: { code: number; data?: unknown } }[] = [];
  let handled = 0;
  const shared = {
    id: 'c',
    only: 's',
    version: '1',
    progressMs: 1000,
    offers: () => [offer],
    stopped: () => null,
    note: () => {},
    ask: async () => ({ kind: 'withdrawn' as const }),
  };
  const handle = async () => {
    handled++;
    return { kind: 'withdrawn' as const };
  };
  const send = ({ text }: { text: string }) => void replies.push(JSON.parse(text));
  const connection = new OpeningConnection({
    send,
    handshake: () =>
      new HandshakeConnection({
        ...shared,
        handle,
        send,
        unanswered: () => {},
        toServer: () => {},
        setLevel: () => {},
        runningServers: () => [],
      }),
    stateless: () =>
      new StatelessConnection({ ...shared, handle, ownIds: false, task: () => undefined, rememberTask: () => {}, laneEnded: () => {} }),
  });
  let id = 0;
  const say = (method: string, params: object = {}) => {
    connection.receive(parseMessage(JSON.stringify({ jsonrpc: '2.0', id: ++id, method, params })));
    return replies.find((reply) => reply.id === id);
  };
  const meta = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientCapabilities': {} };
  const enveloped = (method: string, change: object = {}) => say(method, { _meta: { ...meta, ...change } });
  const initialize = () => say('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'x', version: '1' } });
  return { connection, say, enveloped, initialize, handled: () => handled };
}

test('a probe is answered at once and decides nothing: the client may go on in either era', () => {
  for (const next of ['handshake', 'stateless'] as const) {
    const { connection, say, enveloped, initialize, handled } = setUp();
    expect(enveloped('server/discover')?.result).toMatchObject({ supportedVersions: ['2026-07-28'], resultType: 'complete' });
    expect(enveloped('server/discover')?.result).toBeDefined();
    expect(connection.era).toBeNull();
    if (next === 'handshake') {
      expect(initialize()?.result).toMatchObject({ protocolVersion: '2025-06-18', serverInfo: { name: 's' } });
      expect(say('tools/list')?.result).toMatchObject({ tools: [{ name: 't' }] });
    } else expect(enveloped('tools/list')?.result).toMatchObject({ tools: [{ name: 't' }], cacheScope: 'private' });
    expect(connection.era).toBe(next);
    expect(handled()).toBe(0);
  }
});

test('after a first request of the stateless era, a handshake is refused with the versions there are', () => {
  const { say, enveloped, initialize } = setUp();
  enveloped('tools/list');
  expect(initialize()?.error).toMatchObject({ code: -32022, data: { supported: ['2026-07-28'], requested: '2025-06-18' } });
  expect(say('tools/list')?.error).toMatchObject({ code: -32602 });
  expect(enveloped('tools/list')?.result).toBeDefined();
});

test('what is of neither era decides nothing either', () => {
  const { connection, say, enveloped, initialize } = setUp();
  expect(say('tools/list')?.error).toMatchObject({ code: -32600 });
  expect(say('server/discover')?.error).toMatchObject({ code: -32601 });
  expect(enveloped('tools/list', { 'io.modelcontextprotocol/protocolVersion': '2031-01-01' })?.error).toMatchObject({ code: -32022 });
  expect(enveloped('tools/list', { 'io.modelcontextprotocol/clientCapabilities': [] })?.error).toMatchObject({ code: -32602 });
  expect(connection.era).toBeNull();
  expect(initialize()?.result).toBeDefined();
  expect(connection.era).toBe('handshake');
});

test('in a handshake connection an envelope is what any other metadata is', () => {
  const { connection, enveloped, initialize } = setUp();
  initialize();
  expect(enveloped('tools/list')?.result).toEqual({ tools: [{ name: 't' }] });
  expect(connection.era).toBe('handshake');
});
