// How a server's question looks to the operator: the whole prompt, the message with its fields, or the address with whose it is.
import type { ServerRequest } from '../../shared/request.ts';
import type { Approval } from '../../shared/vocabulary.ts';
import { fieldsOf, fishes } from './elicited-form.ts';
import { addressOf } from './elicited-url.ts';
import { present } from './present.ts';
import type { Presentation } from './question.ts';
import { tokensOf } from './server-asks.ts';

type Facts = NonNullable<Approval['facts']>;
interface Look {
  readonly facts: Facts;
  readonly reasons: readonly string[];
  /** True where the risk is high whatever else is said. */
  readonly grave: boolean;
}

/** Characters of a prompt that are said in a row, and lines of one; a longer one is shown as it was received. */
const readable = 400;
const mostLines = 6;

function sampling(params: Readonly<Record<string, unknown>>, message: ServerRequest['message']): Look {
  const reasons = ['It spends tokens of the model, and what it says reaches the model'];
  const context = params.includeContext;
  if (context === 'thisServer' || context === 'allServers') reasons.push('It asks the client to add what else was said');
  if (Array.isArray(params.tools) && params.tools.length > 0) reasons.push('It gives the model tools');
  const facts: Facts = [];
  const prompt = promptOf(params.messages);
  if (typeof params.systemPrompt === 'string') facts.push({ name: 'Told before', value: params.systemPrompt, covers: ['systemPrompt'] });
  if (prompt !== null) facts.push({ name: 'Prompt', value: prompt, covers: ['messages'] });
  facts.push({ name: 'Answer', value: `up to ${tokensOf(message).toLocaleString('en')} tokens`, covers: ['maxTokens'] });
  return { facts, reasons, grave: context === 'allServers' };
}

/** The messages as lines; null where lines would not say everything. */
function promptOf(messages: unknown): string | null {
  if (!Array.isArray(messages) || messages.length === 0 || messages.length > mostLines) return null;
  const lines: string[] = [];
  for (const each of messages as unknown[]) {
    const { role, content, ...more } = (each ?? {}) as { role?: unknown; content?: unknown };
    const { type, text, ...rest } = (content ?? {}) as { type?: unknown; text?: unknown };
    const whole = Object.keys(more).length === 0 && Object.keys(rest).length === 0;
    if (type !== 'text' || typeof text !== 'string' || !whole || (role !== 'user' && role !== 'assistant')) return null;
    lines.push(messages.length === 1 && role === 'user' ? text : `${role}: ${text}`);
  }
  const prompt = lines.join('\n');
  return prompt.length <= readable ? prompt : null;
}

function form(params: Readonly<Record<string, unknown>>): Look {
  const fields = fieldsOf(params);
  const lines = fields.slice(0, mostLines).map(({ name, title, takes, required }) => {
    const label = title === null || title === name ? name : `${title} (${name})`;
    return `${label}: ${takes}${required ? '' : ', may stay empty'}`;
  });
  const all = lines.length === fields.length;
  const facts: Facts = [
    {
      name: 'Fields',
      value:
        fields.length === 0 ? 'none, only yes or no' : [...lines, ...(all ? [] : [`and ${fields.length - lines.length} more`])].join('\n'),
      ...(all ? { covers: ['requestedSchema'] } : {}),
    },
  ];
  const reasons = fishes(params) ? ['Its message speaks of a secret, and something can be typed'] : [];
  return { facts, reasons, grave: reasons.length > 0 };
}

function address(params: Readonly<Record<string, unknown>>): Look {
  const found = addressOf(params.url);
  if (found.kind === 'refused') return { facts: [], reasons: [found.why], grave: true };
  const reasons = ['It sends you to a page'];
  if (found.looks !== null) reasons.push(`The domain is written in another script: ${found.host} looks like ${found.looks}`);
  if (found.bareNumber && !found.loopback) reasons.push('The address is a bare number, which says nothing of whose it is');
  return {
    facts: [
      {
        name: 'Whose',
        value: found.loopback ? `${found.host}, a program on this computer` : (found.domain ?? found.host),
        mark: 'outside',
      },
    ],
    reasons,
    grave: reasons.length > 1,
  };
}

/** Risk and reasons in words a person understands. What the server wrote stays in the arguments, as received. */
export function presentAsk(request: ServerRequest): Presentation & { readonly facts: Facts } {
  const params = request.message.params ?? {};
  const usual = present({
    capability: 'resource:',
    argumentsText: request.argumentsText,
    definition: null,
    usesSecrets: false,
    sandboxed: false,
  });
  const look =
    request.capability === 'sampling:createMessage'
      ? sampling(params, request.message)
      : request.capability === 'elicitation:url'
        ? address(params)
        : form(params);
  const reasons = [...look.reasons, ...usual.reasons];
  const risk = look.grave || reasons.length > 1 ? 'high' : reasons.length === 1 ? 'medium' : 'low';
  return { ...usual, risk, reasons, facts: look.facts, alwaysOffered: false };
}
