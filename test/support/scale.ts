// How much work a test does: little in `npm test`, a lot in `npm run test:long`.

/** `large` in a long run, else `small`. */
export const scale = (small: number, large: number): number => (process.env.GATEHOUSE_LONG === '1' ? large : small);
