// The error -32042 of revision 2025-11-25: the user must visit an address first. In the stateless era that is a need for input.
import type { Message } from '../../../shared/message.ts';
import { parseMessage } from '../gate.ts';
import { elementTexts, withoutMembers } from '../spans.ts';
import { statelessCodes } from '../stateless/envelope.ts';
import { errorText } from '../texts.ts';

const required = -32042;

/** What the client is told instead of that error; null when the reply is something else. */
export function urlElicitation(
  reply: Message,
  message: Message,
  declared: Readonly<Record<string, unknown>>,
  park: (inputRequests: string) => Message,
): Message | null {
  const { code } = (reply.value.error ?? {}) as { code?: unknown };
  if (!reply.failed || code !== required) return null;
  const elicitation = declared.elicitation as Record<string, unknown> | undefined;
  if (!elicitation || !Object.hasOwn(elicitation, 'url')) {
    const data = { requiredCapabilities: { elicitation: { url: {} } } };
    return parseMessage(errorText(message.id ?? null, statelessCodes.missingCapability, 'Missing required client capability', data));
  }
  const requests = elementTexts(reply.text, ['error', 'data', 'elicitations']).map(
    (params, at) => `"u${at + 1}":{"method":"elicitation/create","params":${withoutMembers(params, [], (key) => key === 'elicitationId')}}`,
  );
  return park(`{${requests.join(',')}}`);
}
