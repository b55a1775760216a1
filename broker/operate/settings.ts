// Settings the operator may change: their names, what they take, and what they are when nobody said anything.
import { GatehouseError } from '../../shared/errors.ts';
import { durationMs } from '../../shared/vocabulary.ts';

interface Setting {
  readonly usual: string;
  /** Null when `value` fits; else what would fit. */
  problem(value: string): string | null;
}

const minute = 60_000;
const known: Readonly<Record<string, Setting>> = {
  'approval.expiry': {
    usual: '15m',
    problem: (value) => (durationMs(value) >= minute && durationMs(value) <= 24 * 60 * minute ? null : 'a time from 1m to 24h, like 15m'),
  },
};

/** @throws GatehouseError usage for an unknown key or a value that does not fit */
export function checkSetting(key: string, value: string): void {
  const setting = Object.hasOwn(known, key) ? known[key] : undefined;
  if (!setting) throw new GatehouseError('usage', `There is no setting ${key}.`, `Settings: ${Object.keys(known).join(', ')}.`);
  const problem = setting.problem(value);
  if (problem) throw new GatehouseError('usage', `${key} cannot be ${JSON.stringify(value)}.`, `It takes ${problem}.`);
}

type Kept = ReadonlyMap<string, { readonly value: string }>;

export function settingOf(kept: Kept, key: string): string {
  return kept.get(key)?.value ?? known[key]?.usual ?? '';
}

/** Every setting the operator may change, with its value now. */
export function listSettings(kept: Kept): Record<string, string> {
  return Object.fromEntries(Object.keys(known).map((key) => [key, settingOf(kept, key)]));
}
