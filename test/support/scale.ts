// How much work a test does: little in `npm test`, a lot in `npm run test:long`, next to nothing for each mutant of `npm run test:mutation`.
import { availableParallelism, loadavg } from 'node:os';

/** `large` in a long run, else `small`; a fiftieth of that, and at least one, while mutants run. */
export const scale = (small: number, large: number): number =>
  process.env.GATEHOUSE_LONG === '1' ? large : underMutation ? Math.ceil(small / 50) : small;

/** All in a long run, else every so many of them, the first among them: for cases that differ little and cost a process each. */
export const someOf = <T>(all: readonly T[], every: number): readonly T[] =>
  process.env.GATEHOUSE_LONG === '1' ? all : all.filter((_, index) => index % every === 0);

/** Milliseconds that a quiet machine keeps to; where more waits for its processors than they can do, as much longer. */
export const within = (ms: number): number => ms * Math.max(1, (2 * (loadavg()[0] ?? 0)) / availableParallelism());

/** Mutants slow down what they touch, and many run at a time: what only measures has nothing to say then. */
export const underMutation = process.env.GATEHOUSE_MUTATION === '1';
