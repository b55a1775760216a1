// What is measured of a page whatever its language: faults of access, sideways scrolling, and what a small prompt may cost.
import type { Page } from '@playwright/test';
import { expect } from 'vitest';

const prompt = '[data-testid=prompt]';

/** Nothing scrolls sideways. */
export const staysInside = (page: Page): Promise<boolean> =>
  page.evaluate(() => [...document.querySelectorAll('main, main > div, body')].every((each) => each.scrollWidth <= each.clientWidth + 1));

/** Rows, words of ours and stops of the Tab key of the question in view, and whether anything of it must be scrolled. */
async function budgetOf(page: Page): Promise<{ rows: number; scrolls: boolean; words: number; stops: number }> {
  const rows = await page.locator(`${prompt} dl > div`).count();
  const box = page.locator(`${prompt} > div`).first();
  const whole = await box.evaluate(
    (element) => element.scrollHeight <= element.clientHeight && document.documentElement.scrollHeight <= innerHeight,
  );
  // Theirs is what stands in an isolated box; the rest, labels of controls included, is ours.
  const ours = await page.locator(prompt).evaluate((element) => {
    const copy = element.cloneNode(true) as HTMLElement;
    for (const foreign of copy.querySelectorAll('bdi')) foreign.remove();
    const labels = [...copy.querySelectorAll('button[aria-label]')].map((each) => each.getAttribute('aria-label'));
    return [
      ...labels,
      ...[...copy.querySelectorAll('p, h2, dt, aside, button:not([aria-label]), span')].map((each) =>
        [...each.childNodes]
          .filter((node) => node.nodeType === 3)
          .map((node) => node.textContent)
          .join(' '),
      ),
    ].join(' ');
  });
  const stops = new Set<string>();
  for (let step = 0; step < 12; step += 1) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(() => {
      const active = document.activeElement;
      return active === null || active === document.body
        ? ''
        : `${active.tagName} ${active.getAttribute('aria-label') ?? active.textContent}`;
    });
    if (at !== '') stops.add(at);
  }
  return { rows, scrolls: !whole, words: ours.split(/\s+/).filter((word) => /\w/.test(word)).length, stops: stops.size };
}

/** What security.md allows a prompt of low risk at 420 x 560, in whatever language. */
export async function isSmall(page: Page): Promise<void> {
  const { rows, scrolls, words, stops } = await budgetOf(page);
  expect(rows).toBeLessThanOrEqual(2);
  expect(scrolls).toBe(false);
  expect(words).toBeLessThanOrEqual(60);
  expect(stops).toBeGreaterThanOrEqual(4);
  expect(stops).toBeLessThanOrEqual(6);
}
