// `${name}` in what a bundle says or `{name}` in what a registry says, filled in once, from left to right; what is filled in is never read again.
import { GatehouseError } from '../../shared/errors.ts';
import { referenceTo } from '../../shared/secret-reference.ts';

/** A value given by the operator: text, several texts, or the name of a secret. */
export type Given = string | readonly string[] | { readonly secret: string };

export interface Filled {
  readonly text: string;
  /** Names that stood for nothing: no value, no default. */
  readonly unset: readonly string[];
  /** Every part was a name without a value. */
  readonly nothing: boolean;
}

/** Only we write references to secrets: a template or a value that holds one would be given any secret it can name. */
export function refuseReferences(text: string, whose: string): void {
  if (/\$\{secret:/.test(text))
    throw new GatehouseError(
      'refused',
      `${whose} names a secret of your vault by itself.`,
      'Do not add it. A server gets a secret only where you give it one.',
    );
}

const patterns = { bundle: /\$\{([^}]*)\}/g, registry: /\{([A-Za-z_][A-Za-z0-9_.-]*)\}/g };

/**
 * @param find undefined: not a name known here, and left as it stands; null: known, without a value
 * @throws GatehouseError refused for references to secrets that are not ours, usage for several values inside one text
 */
export function fill(template: string, style: keyof typeof patterns, find: (name: string) => Given | null | undefined): Filled {
  refuseReferences(template, 'It');
  const unset: string[] = [];
  let own = false;
  let at = 0;
  let literal = '';
  let text = '';
  const say = (part: string) => {
    own ||= part !== '';
    text += part;
    literal += part;
  };
  for (const match of template.matchAll(patterns[style])) {
    const [whole, name = ''] = match;
    const given = find(name);
    say(template.slice(at, match.index));
    at = match.index + whole.length;
    if (given === undefined) say(whole);
    else if (given === null) unset.push(name);
    else if (typeof given === 'string') say(given);
    else if ('secret' in given) {
      own = true;
      text += referenceTo(given.secret);
      // Two halves of a reference must not grow together over ours.
      literal += '\n';
    } else if (given.length === 1) say(given[0] ?? '');
    else throw new GatehouseError('usage', `${name} has several values where one belongs.`, 'Give it one value.');
  }
  say(template.slice(at));
  refuseReferences(literal, 'What comes of its template');
  return { text, unset, nothing: !own && unset.length > 0 };
}
