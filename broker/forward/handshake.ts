// Opens the conversation with a server (MCP 2025-11-25, basic/lifecycle): initialize, its result, initialized.
import { RequestFailed, ServerGone, StartFailed } from './failures.ts';
import type { Needs } from './needs.ts';
import type { ServerProcess } from './server-process.ts';

/**
 * @param paramsText the client's own `initialize` parameters, so that the server sees who really asks
 * @throws StartFailed
 */
export async function shakeHands(needs: Needs, server: ServerProcess, paramsText: string, limitMs: number): Promise<void> {
  const hint = `See \`gatehouse server logs ${server.server}\`.`;
  const fail = (reason: string, cause?: unknown) => new StartFailed(server.server, reason, hint, { cause });
  const reply = await server.ask('initialize', paramsText, limitMs).catch((error: unknown) => {
    if (error instanceof ServerGone) throw fail(`it ${error.reason}`, error);
    if (error instanceof RequestFailed && error.problem === 'timeout') throw fail(`it did not answer within ${limitMs / 1000} s`, error);
    if (error instanceof RequestFailed) throw fail('its answer to initialize cannot be read', error);
    throw error;
  });
  if (reply.failed) {
    const said = (reply.value.error as { message?: unknown } | null)?.message;
    throw fail(
      `it refused: ${needs
        .mask()(String(said ?? 'no reason given'))
        .slice(0, 500)}`,
    );
  }
  const result = reply.value.result as { protocolVersion?: unknown } | null;
  const text = needs.memberText(reply.text, ['result']);
  if (text === null || typeof result?.protocolVersion !== 'string') throw fail('its answer to initialize names no protocol version');
  server.openingText = text;
  server.notify('{"jsonrpc":"2.0","method":"notifications/initialized"}');
}
