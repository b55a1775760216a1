// Settings the operator may change: their names, what they take, and what they are when nobody said anything.
import { GatehouseError } from '../../shared/errors.ts';
import { durationMs } from '../../shared/vocabulary.ts';

interface Setting {
  readonly usual: string;
  /** Null: kept as given. A time from now on is kept as the moment it ends, so that a restart does not begin it anew. */
  readonly kept?: (value: string, now: number) => string;
  /** Null when `value` fits; else what would fit. */
  problem(value: string): string | null;
}

const minute = 60_000;
const isCount = (value: string, most: number) => /^(?:0|[1-9][0-9]{0,8})$/.test(value) && Number(value) <= most;

function isRegistry(value: string): boolean {
  const url = URL.canParse(value) ? new URL(value) : null;
  if (url === null || url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname));
}

const known: Readonly<Record<string, Setting>> = {
  'approval.expiry': {
    usual: '15m',
    problem: (value) => (durationMs(value) >= minute && durationMs(value) <= 24 * 60 * minute ? null : 'a time from 1m to 24h, like 15m'),
  },
  /** How the desktop app asks: a window that comes up, or a notification alone. */
  prompts: { usual: 'window', problem: (value) => (['window', 'notify'].includes(value) ? null : 'window or notify') },
  /** Whether the operating system may ask for the operator in place of the PIN (host/system-proof.ts says what was tried of it). */
  'presence.system': { usual: 'off', problem: (value) => (['on', 'off'].includes(value) ? null : 'on or off') },
  /** The registry of servers that a search asks; nothing asks it but a search. */
  'registry.address': {
    usual: 'https://registry.modelcontextprotocol.io',
    problem: (value) => (isRegistry(value) ? null : 'an https address; http on this computer alone'),
  },
  /** What the console speaks; `system`: what the reader's own system does, where the console can. */
  language: { usual: 'system', problem: (value) => (['system', 'en', 'de'].includes(value) ? null : 'system, en or de') },
  /** Whether the desktop app looks for new versions of itself. */
  updates: { usual: 'on', problem: (value) => (['on', 'off'].includes(value) ? null : 'on or off') },
  /** Which of the shipped policy sets stands under the operator's own policies. */
  'policy.set': {
    usual: 'careful',
    problem: (value) => (['easy', 'careful', 'strict', 'locked-down'].includes(value) ? null : 'easy, careful, strict or locked-down'),
  },
  /** Pause means deny: everything is refused until then. */
  pause: {
    usual: 'off',
    kept: (value, now) => (value === 'off' ? value : new Date(now + durationMs(value)).toISOString()),
    problem: (value) =>
      value === 'off' || (durationMs(value) >= minute && durationMs(value) <= 24 * 60 * minute) ? null : 'a time from 1m to 24h, or off',
  },
  /** Nobody answers until then: what would be asked is refused at once, and gathered. */
  away: {
    usual: 'off',
    kept: (value, now) => (value === 'off' ? value : new Date(awayEnd(value, now)).toISOString()),
    problem: (value) =>
      value === 'off' || (awayEnd(value, 0) > 0 && !(durationMs(value) > 30 * 24 * 60 * minute))
        ? null
        : 'a length like 8h, a time of day like 18:00, or off',
  },
  // What one server may have of a client's model in one session; 0 means nothing.
  'sampling.requests': { usual: '100', problem: (value) => (isCount(value, 100_000) ? null : 'a number from 0 to 100000') },
  'sampling.tokens': { usual: '200000', problem: (value) => (isCount(value, 100_000_000) ? null : 'a number from 0 to 100000000') },
  'grant.lapse': {
    usual: '30d',
    problem: (value) =>
      durationMs(value) >= 24 * 60 * minute && durationMs(value) <= 365 * 24 * 60 * minute ? null : 'a time from 1d to 365d, like 30d',
  },
};

/** When a stay away that begins now is over: after a length, or at the next such time of day; NaN for what is neither. */
function awayEnd(value: string, now: number): number {
  const length = durationMs(value);
  if (!Number.isNaN(length)) return now + length;
  const [, hours, minutes] = /^([01]?[0-9]|2[0-3]):([0-5][0-9])$/.exec(value) ?? [];
  if (hours === undefined) return Number.NaN;
  const end = new Date(now);
  end.setHours(Number(hours), Number(minutes), 0, 0);
  if (end.getTime() <= now) end.setDate(end.getDate() + 1);
  return end.getTime();
}

/** @throws GatehouseError usage for an unknown key or a value that does not fit */
export function checkSetting(key: string, value: string): void {
  const setting = Object.hasOwn(known, key) ? known[key] : undefined;
  if (!setting) throw new GatehouseError('usage', `There is no setting ${key}.`, `Settings: ${Object.keys(known).join(', ')}.`);
  const problem = setting.problem(value);
  if (problem) throw new GatehouseError('usage', `${key} cannot be ${JSON.stringify(value)}.`, `It takes ${problem}.`);
}

/** How a value that `checkSetting` let through is kept. */
export function keptAs(key: string, value: string, now: number): string {
  return known[key]?.kept?.(value, now) ?? value;
}

type Kept = ReadonlyMap<string, { readonly value: string }>;

export function settingOf(kept: Kept, key: string): string {
  return kept.get(key)?.value ?? known[key]?.usual ?? '';
}

/** Is the operator away now? What is neither `off` nor a time that has passed means away. */
export function isAway(kept: Kept, now: number): boolean {
  const value = settingOf(kept, 'away');
  return value !== 'off' && !(Date.parse(value) <= now);
}

/** Until when everything is refused, as an ISO time; null when it is not. */
export function pausedUntil(kept: Kept, now: number): string | null {
  const value = settingOf(kept, 'pause');
  // What is neither `off` nor a time that has passed is a pause: nothing unreadable may open what was closed.
  return value === 'off' || Date.parse(value) <= now ? null : value;
}

/** Every setting the operator may change, with its value now. */
export function listSettings(kept: Kept, now: number): Record<string, string> {
  const values = Object.fromEntries(Object.keys(known).map((key) => [key, settingOf(kept, key)]));
  return { ...values, pause: pausedUntil(kept, now) ?? 'off', ...(isAway(kept, now) ? {} : { away: 'off' }) };
}
