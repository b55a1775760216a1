// Opens the conversation with a handshake server (MCP 2025-11-25, basic/lifecycle): initialize, its result, initialized.
import type { Message } from '../../shared/message.ts';
import { RequestFailed, ServerGone, StartFailed } from './failures.ts';
import type { Needs } from './needs.ts';
import type { ServerProcess } from './server-process.ts';

/** It answered `initialize` with an error of its own. */
export class Refused extends StartFailed {}

/**
 * @param paramsText the client's own `initialize` parameters, so that the server sees who really asks
 * @throws StartFailed
 */
export async function shakeHands(needs: Needs, server: ServerProcess, paramsText: string, limitMs: number): Promise<void> {
  const fail = (reason: string, cause?: unknown) => new StartFailed(server.server, reason, server.hint, { cause });
  const reply = await server.ask('initialize', paramsText, limitMs).catch((error: unknown) => {
    if (error instanceof ServerGone) throw fail(`it ${error.reason}`, error);
    if (error instanceof RequestFailed && error.problem === 'timeout') throw fail(`it did not answer within ${limitMs / 1000} s`, error);
    if (error instanceof RequestFailed) throw fail('its answer to initialize cannot be read', error);
    throw error;
  });
  server.speak('handshake', initializeResult(needs, server, reply));
  server.notify(initialized);
}

export const initialized = '{"jsonrpc":"2.0","method":"notifications/initialized"}';

/** The `result` of a reply to `initialize`. @throws StartFailed */
export function initializeResult(needs: Needs, server: { readonly server: string; readonly hint: string }, reply: Message): string {
  if (reply.failed) {
    const said = (reply.value.error as { message?: unknown } | null)?.message;
    const reason = needs
      .mask()(String(said ?? 'no reason given'))
      .slice(0, 500);
    throw new Refused(server.server, `it refused: ${reason}`, server.hint);
  }
  const result = reply.value.result as { protocolVersion?: unknown } | null;
  const text = needs.memberText(reply.text, ['result']);
  if (text === null || typeof result?.protocolVersion !== 'string')
    throw new StartFailed(server.server, 'its answer to initialize names no protocol version', server.hint);
  return text;
}
