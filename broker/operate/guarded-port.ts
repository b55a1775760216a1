// A message port through which only well-formed calls pass: oRPC lets a malformed message reject unheard, which ends the process.
import type { SupportedMessagePort } from '@orpc/client/message-port';

type Listener = (event: { data?: unknown }) => void;
interface AnyPort {
  addEventListener(type: string, listener: Listener): void;
  on(type: string, listener: (event?: { data?: unknown }) => void): void;
  postMessage(data: unknown): void;
}

/** Longest message of the window, in characters; as much as a body over HTTP may have. */
const messageLimit = 256 * 1024;

/** `port` as oRPC wants one, letting only calls of its own framing through; `report` hears of the others. */
export function guarded(port: SupportedMessagePort, report: (fault: Error) => void): SupportedMessagePort {
  const from = port as unknown as AnyPort;
  const addEventListener = (type: string, listener: Listener) => {
    const heard = (event?: { data?: unknown }) => {
      if (type !== 'message' || isCall(event?.data)) listener(event ?? {});
      else report(new Error('the window sent a message that is not a call'));
    };
    if ('addEventListener' in port) from.addEventListener(type, heard);
    else from.on(type, heard);
  };
  return { addEventListener, postMessage: (data: unknown) => from.postMessage(data) } as SupportedMessagePort;
}

/** The one header a window may send: the credential it got by signing in. */
function isCredential(headers: unknown): boolean {
  if (headers === undefined) return true;
  if (typeof headers !== 'object' || headers === null) return false;
  return Object.entries(headers).every(([name, value]) => name === 'authorization' && typeof value === 'string' && value.length <= 600);
}

// A call, or the end of one (4). Streams and files towards us do not exist in the contract.
function isCall(data: unknown): boolean {
  if (typeof data !== 'string' || data.length > messageLimit) return false;
  try {
    const { i, t, p } = JSON.parse(data) as { i?: unknown; t?: unknown; p?: { u?: unknown; h?: unknown; m?: unknown } };
    if (typeof i !== 'string') return false;
    if (t !== undefined && t !== 1) return t === 4;
    return typeof p?.u === 'string' && p.u.startsWith('/') && isCredential(p.h) && p.m === undefined;
  } catch {
    return false;
  }
}
