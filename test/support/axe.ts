// Asks axe what is wrong with a page. The engine is put into the page once: the wrapper for Playwright opens another page for each look.
import type { Page } from '@playwright/test';
import axe from 'axe-core';

interface Result {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string;
    readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary: string }[];
  }[];
}

/** What axe calls serious or critical within what `places` selects where there is such, else in the whole page. `rule`: look for this one alone. */
export async function seriousFaults(page: Page, { places = '', rule = '' } = {}): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
  return page.evaluate(
    async ([places, rule]) => {
      // A colour on its way is none yet; what goes on for ever is not waited for.
      const ends = document.getAnimations().filter((each) => each.effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY);
      await Promise.all(ends.map((each) => each.finished.catch(() => {})));
      const { run } = (window as unknown as { axe: { run(place: Document | string, options: object): Promise<Result> } }).axe;
      const { violations } = await run(places && document.querySelector(places) ? places : document, {
        resultTypes: ['violations'],
        // Styles come from this page's own origin and are read as they are.
        preload: false,
        ...(rule ? { runOnly: { type: 'rule', values: [rule] } } : {}),
      });
      return violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes: [first, ...more] }) => `${id} at ${first?.target.join(' ')} (${first?.failureSummary}) and ${more.length} more`);
    },
    [places, rule] as const,
  );
}
