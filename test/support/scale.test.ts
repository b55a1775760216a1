import { expect, it } from 'vitest';
import { scale } from './scale.ts';

it('takes the small count, and the large one in a long run', () => {
  expect(scale(3, 1000)).toBe(process.env.GATEHOUSE_LONG === '1' ? 1000 : 3);
});
