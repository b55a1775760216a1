// The scan of what a server says of itself: offline, before anybody may call it. Each rule speaks once per capability.
import { createHash } from 'node:crypto';
import { gapIn, hiddenIn } from './hidden.ts';
import { keptPlaceIn } from './kept-places.ts';
import { lintSchema } from './schema.ts';
import { walk } from './strings.ts';
import { type Wording, wordingOf } from './wording.ts';

export interface Finding {
  readonly id: string;
  readonly rule: string;
  readonly title: string;
  readonly detail: string;
  readonly severity: 'note' | 'warning' | 'serious';
  readonly server: string;
  /** Null: the server as a whole. */
  readonly capability: string | null;
  /** A definition that cannot be judged is not accepted, whoever asks. */
  readonly withholds: boolean;
}

/** One thing a server says: a definition, or (capability null) what it says of itself. */
export interface Subject {
  readonly server: string;
  readonly capability: string | null;
  /** JSON text. */
  readonly text: string;
}

/** Characters of one definition, and of one string in it, past which nobody reads on. */
const longestDefinition = 128 * 1024;
const longestString = 16 * 1024;

export const titles: Readonly<Record<Wording['rule'], string>> = {
  secrecy: 'It asks the model to keep something from you',
  override: 'It asks the model to set rules or your consent aside',
  markup: 'It is written as if it came from somebody else than the server',
  reach: 'It asks the model for things this does not need',
  destination: 'It asks the model to send something somewhere',
  'other-tools': 'It tells the model when to use other tools',
  role: 'It gives the model another role or task',
  encoded: 'It hides a text in another encoding',
};

export function finding(of: Omit<Finding, 'id' | 'withholds'> & { withholds?: boolean; evidence: string }): Finding {
  const { evidence, withholds = false, ...rest } = of;
  const id = createHash('sha256')
    .update([rest.rule, rest.server, rest.capability ?? '', evidence].join('\n'))
    .digest('hex')
    .slice(0, 10);
  return { id: `f-${id}`, withholds, ...rest };
}

/** Everything one definition gives away by itself. */
export function scanSubject({ server, capability, text }: Subject): Finding[] {
  const found = new Map<string, Finding>();
  const add = (rule: string, severity: Finding['severity'], title: string, detail: string, evidence: string, withholds = false) => {
    if (!found.has(rule)) found.set(rule, finding({ rule, severity, title, detail, server, capability, evidence, withholds }));
  };
  if (text.length > longestDefinition) {
    add('too-long', 'serious', 'It is too long to be read', `${text.length} characters; it is not accepted.`, `${text.length}`, true);
    return [...found.values()];
  }
  const value = JSON.parse(text) as Record<string, unknown>;
  const { said, tooDeep, tooMany } = walk(value);
  if (tooDeep || tooMany)
    add('too-deep', 'serious', 'It is too deep or too large to be read', 'A definition like this is not accepted.', 'shape', true);
  for (const { place, text: words } of said) {
    const hidden = hiddenIn(words);
    if (hidden)
      add('hidden', 'serious', 'It holds characters you cannot see', `${place}: ${hidden.what} (${hidden.code}).`, place + hidden.code);
    const gap = gapIn(words);
    if (gap) add('gap', 'serious', 'It pushes part of its text out of view', `${place}: ${gap}.`, place + gap);
    if (words.length > longestString)
      add(
        'long-text',
        'warning',
        'One of its texts is very long',
        `${place}: ${words.length} characters. What matters may stand at its end.`,
        place,
      );
    for (const { rule, serious, excerpt } of wordingOf(words.slice(0, longestString)))
      add(rule, serious ? 'serious' : 'warning', titles[rule], `${place}: ${JSON.stringify(excerpt)}`, place + excerpt);
    const kept = keptPlaceIn(words.slice(0, longestString));
    // In whatever language: nothing that is not about keys has a reason to name where they lie.
    if (kept !== null) add('reach', 'warning', titles.reach, `${place}: ${JSON.stringify(kept)}`, place + kept);
  }
  if (capability?.startsWith('tool:')) lint(value, add);
  return [...found.values()];
}

function lint(
  value: Record<string, unknown>,
  add: (...words: [string, Finding['severity'], string, string, string, boolean?]) => void,
): void {
  const findings = [
    ...lintSchema(String(value.name ?? ''), value.inputSchema),
    ...lintSchema(String(value.name ?? ''), value.outputSchema).filter(({ rule }) => rule === 'outside-reference'),
  ];
  for (const { rule, place, value: what } of findings) {
    if (rule === 'outside-reference')
      add(rule, 'serious', 'Its schema is somewhere else', `${place} refers to ${JSON.stringify(what)}; it is not accepted.`, what, true);
    else if (rule === 'asks-context')
      add(rule, 'warning', 'It asks for what the model knows, not for what it needs', `Argument ${place}.`, place);
    else add(rule, 'warning', 'It asks for a secret', `Argument ${place}, though nothing it does is about signing in.`, place);
  }
}
