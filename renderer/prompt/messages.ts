// What a server would have a model read, a row for each message as it would be read; anything else about it stays as it was written.
import { type JsonNode, readJson } from '../untrusted/json-text.ts';
import { type Row, rowOf } from '../untrusted/value.ts';

const member = (node: JsonNode | undefined, key: string): JsonNode | undefined =>
  node?.kind === 'object' ? node.members.find((each) => each.key === key)?.value : undefined;

/** The role and text of a message that holds nothing more than that. */
function plainMessage(node: JsonNode): { role: string; text: string } | null {
  const [role, content] = [member(node, 'role'), member(node, 'content')];
  const [type, text] = [member(content, 'type'), member(content, 'text')];
  if (role?.kind !== 'string' || type?.kind !== 'string' || type.value !== 'text' || text?.kind !== 'string') return null;
  const nothingMore = node.kind === 'object' && node.members.length === 2 && content?.kind === 'object' && content.members.length === 2;
  return nothingMore ? { role: role.value, text: text.value } : null;
}

/** `rows` of a sampling request with its messages apart; unchanged where one of them is more than a role and a text. */
export function withMessages(rows: readonly Row[], argumentsText: string): readonly Row[] {
  const messages = member(readJson(argumentsText) ?? undefined, 'messages');
  if (messages?.kind !== 'array' || messages.items.length === 0) return rows;
  const plain = messages.items.map(plainMessage);
  if (plain.includes(null)) return rows;
  return rows.flatMap((row) =>
    row.name === 'messages'
      ? plain.flatMap((each, index) =>
          each === null ? [] : [rowOf(`${row.id}.${index}`, each.role, { kind: 'string', value: each.text })],
        )
      : [row],
  );
}
