// Walks the console as people without a pointer do: by Tab, by keys, and by what a screen reader is told; axe looks on at each stop.
import type { Page } from '@playwright/test';
import { armAfter } from '../../renderer/prompt/arming.ts';
import { seriousFaults } from './axe.ts';

/** The name of what has the focus, near enough to what a screen reader says. */
const focusedName = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const active = document.activeElement as (HTMLElement & { labels?: NodeListOf<HTMLLabelElement> | null }) | null;
    if (active === null || active === document.body) return '';
    const words = active.getAttribute('aria-label') ?? active.labels?.[0]?.textContent ?? active.textContent ?? '';
    return words.replace(/\s+/g, ' ').trim();
  });

type Way = 'on' | 'back';

export interface Walker {
  /** Presses Tab until what is named has the focus, or Shift+Tab where that is nearer. @throws when the whole page does not lead there */
  to(name: string | RegExp, way?: Way): Promise<void>;
  /** To the live log, which is one stop of Tab, and down its rows by arrows; with `right` to the rule of the row. */
  toRow(name: string | RegExp, right?: RegExp): Promise<void>;
  /** The same, and Enter. */
  press(name: string | RegExp, key?: string, way?: Way): Promise<void>;
  type(label: string | RegExp, text: string): Promise<void>;
  /** What axe finds serious or critical in the dialogs there are, else in the page, in light and in dark, is gathered under this name. */
  look(where: string): Promise<void>;
  readonly faults: string[];
}

export function walkerOf(page: Page): Walker {
  const faults: string[] = [];
  const fits = (name: string | RegExp, words: string) => (typeof name === 'string' ? words === name : name.test(words));
  const to: Walker['to'] = async (name, way = 'on') => {
    const seen: string[] = [];
    // On, and where that leads down a long list, back: as anybody does.
    for (let step = 0; step < 300; step += 1) {
      const words = await focusedName(page);
      if (fits(name, words)) return;
      seen.push(words.slice(0, 40));
      await page.keyboard.press(step < 45 === (way === 'on') ? 'Tab' : 'Shift+Tab');
      // Past its last stop the window lost the focus and now got it back, and a question in it arms anew: nobody tabs round in less.
      if (words === '' && (await page.getByTestId('prompt').isVisible())) await page.waitForTimeout(armAfter + 100);
    }
    throw new Error(`Tab never reached ${name}; it went over: ${[...new Set(seen)].join(' | ')}`);
  };
  const toRow: Walker['toRow'] = async (name, right) => {
    await to(/^Live log$/);
    for (let step = 0; step < 200; step += 1) {
      await page.keyboard.press('ArrowDown');
      if (!fits(name, await focusedName(page))) continue;
      if (right === undefined) return;
      await page.keyboard.press('ArrowRight');
      if (fits(right, await focusedName(page))) return;
      await page.keyboard.press('ArrowLeft');
    }
    throw new Error(`No row of the log is ${name}; the last was ${await focusedName(page)}`);
  };
  return {
    faults,
    to,
    toRow,
    async press(name, key = 'Enter', way = 'on') {
      await to(name, way);
      await page.keyboard.press(key);
    },
    async type(label, text) {
      await to(label);
      await page.keyboard.press('Control+A');
      await page.keyboard.insertText(text);
    },
    async look(where) {
      for (const scheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
        // All but the colours is the same in both.
        const rule = scheme === 'dark' ? 'color-contrast' : '';
        const found = await seriousFaults(page, { places: '[role=dialog], [role=alertdialog]', rule });
        faults.push(...found.map((fault) => `${where}, ${scheme}: ${fault}`));
      }
      await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    },
  };
}

/** What a screen reader says from the start of a dialog to its end: roles and names, in the order of Chromium's accessibility tree. */
export async function readAloud(page: Page, dialog: RegExp): Promise<string[]> {
  const cdp = await page.context().newCDPSession(page);
  const { nodes } = await cdp.send('Accessibility.getFullAXTree');
  await cdp.detach();
  const byId = new Map(nodes.map((node) => [node.nodeId, node]));
  const start = nodes.find((node) => node.role?.value === 'dialog' && dialog.test(String(node.name?.value)));
  if (start === undefined) throw new Error(`no dialog named ${dialog}`);
  const said: string[] = [];
  const walk = (id: string) => {
    const node = byId.get(id);
    if (node === undefined) return;
    const role = String(node.role?.value ?? '');
    const name = String(node.name?.value ?? '');
    const whole = ['button', 'checkbox', 'link', 'textbox', 'heading', 'radio'].includes(role);
    if (!node.ignored && (whole || (role === 'StaticText' && name.trim() !== '')))
      said.push(`${role === 'StaticText' ? '' : `${role}: `}${name}`);
    // A button is said by its name, not again by its parts.
    if (!whole || node.ignored) for (const child of node.childIds ?? []) walk(child);
  };
  for (const child of start.childIds ?? []) walk(child);
  return said;
}
