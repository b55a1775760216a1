// Medians and spread of measured times.

export interface Figures {
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Smallest and largest p50 of a tenth of the run, in measured order: how steady it was. */
  readonly low: number;
  readonly high: number;
}

const at = (sorted: readonly number[], part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
const ascending = (times: readonly number[]): number[] => [...times].sort((a, b) => a - b);

export function figures(times: readonly number[]): Figures {
  const sorted = ascending(times);
  const tenth = Math.max(1, Math.floor(times.length / 10));
  const medians = Array.from({ length: Math.ceil(times.length / tenth) }, (_, i) =>
    at(ascending(times.slice(i * tenth, (i + 1) * tenth)), 0.5),
  );
  return { p50: at(sorted, 0.5), p99: at(sorted, 0.99), low: Math.min(...medians), high: Math.max(...medians) };
}
