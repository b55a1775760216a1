// What a server from elsewhere wants to be told before it can run, and the operator's answers, checked.
import { isAbsolute } from 'node:path';
import { GatehouseError } from '../../shared/errors.ts';
import { type Given, refuseReferences } from './template.ts';

export interface Field {
  readonly key: string;
  readonly title: string;
  readonly description: string;
  readonly type: 'string' | 'number' | 'boolean' | 'directory' | 'file';
  readonly required: boolean;
  /** Its value belongs into the vault. */
  readonly secret: boolean;
  readonly multiple: boolean;
  readonly usual: readonly string[];
  readonly choices: readonly string[];
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

export interface Answers {
  readonly config: Readonly<Record<string, string | readonly string[]>>;
  /** Key -> name of a secret. */
  readonly secretConfig: Readonly<Record<string, string>>;
}

/**
 * @returns a value for each field that has one, and the keys of required fields without
 * @throws GatehouseError usage for an answer that no field asked for, or that does not fit
 */
export function answered(fields: readonly Field[], answers: Answers): { values: ReadonlyMap<string, Given>; missing: string[] } {
  const known = new Map(fields.map((field) => [field.key, field]));
  for (const key of [...Object.keys(answers.config), ...Object.keys(answers.secretConfig)])
    if (!known.has(key))
      throw new GatehouseError(
        'usage',
        `It does not ask for ${JSON.stringify(key)}.`,
        known.size === 0 ? 'It asks for nothing.' : `It asks for: ${[...known.keys()].join(', ')}.`,
      );
  const values = new Map<string, Given>();
  const missing: string[] = [];
  for (const field of fields) {
    const secret = Object.hasOwn(answers.secretConfig, field.key) ? answers.secretConfig[field.key] : undefined;
    const plain = Object.hasOwn(answers.config, field.key) ? answers.config[field.key] : undefined;
    if (secret !== undefined) values.set(field.key, { secret });
    else {
      const given = plain === undefined ? field.usual : typeof plain === 'string' ? [plain] : plain;
      const texts = given.filter((text) => text !== '');
      // What it proposes is as foreign as its template.
      for (const text of texts) refuseReferences(text, `The value of ${field.key}`);
      if (plain !== undefined && texts.length > 0) check(field, texts);
      if (texts.length > 0) values.set(field.key, field.multiple ? texts : (texts[0] ?? ''));
    }
    if (field.required && !values.has(field.key)) missing.push(field.key);
  }
  return { values, missing };
}

function check(field: Field, texts: readonly string[]): void {
  const wrong = (why: string) => new GatehouseError('usage', `${field.key} ${why}.`, `${field.title}: ${field.description}`.slice(0, 300));
  if (field.secret)
    throw new GatehouseError(
      'refused',
      `${field.key} is a secret and would stand in plain text among the settings of the server.`,
      'Put it into the vault (gatehouse secret set NAME) and give its name: --secret-config KEY=NAME.',
    );
  if (texts.length > 1 && !field.multiple) throw wrong('takes one value');
  for (const text of texts) {
    if (text.includes('\0')) throw wrong('cannot hold a NUL character');
    if (field.choices.length > 0 && !field.choices.includes(text)) throw wrong(`is one of ${field.choices.join(', ')}`);
    if (field.type === 'boolean' && text !== 'true' && text !== 'false') throw wrong('is true or false');
    if (field.type === 'number') {
      const value = Number(text);
      if (text.trim() === '' || !Number.isFinite(value)) throw wrong('is a number');
      if (field.min !== undefined && value < field.min) throw wrong(`is at least ${field.min}`);
      if (field.max !== undefined && value > field.max) throw wrong(`is at most ${field.max}`);
    }
    if ((field.type === 'directory' || field.type === 'file') && !isAbsolute(text)) throw wrong('is a full path');
  }
}
