// A caller and a request for tests of what decides: the same everywhere, changed where a test says so.
import type { Caller, ServerRequest } from '../../shared/request.ts';

export const callerOf = (over: Partial<Caller> = {}): Caller => ({
  ...{ client: 'cursor', session: 's-1', connection: 'c-1', folder: '/work', via: 'connector' },
  ...over,
});

export const requestOf = ({
  params,
  method = 'tools/call',
  ...over
}: Partial<ServerRequest> & { params?: Readonly<Record<string, unknown>>; method?: string } = {}): ServerRequest => ({
  message: { text: '', kind: 'request', id: 1, method, value: {}, ...(params === undefined ? {} : { params }) },
  server: 'files',
  outgoing: '',
  capability: 'tool:read_file',
  mediated: true,
  argumentsText: '{"path":"a"}',
  digest: 'd1',
  canonicalDigest: 'c1',
  ...over,
});

/** A clock that stands until it is moved. */
export function clock(at = Date.parse('2026-11-26T12:00:00.000Z')) {
  const own = { at, now: () => own.at };
  return own;
}
