// The console in German: chosen by keyboard, kept, the same in every window, never seen in English first, and within the same bounds as English.
import type { Page } from '@playwright/test';
import { describe, expect, it } from 'vitest';
import { seriousFaults } from '../support/axe.ts';
import { scale } from '../support/scale.ts';
import { consoles } from './browser.ts';
import { isSmall, staysInside } from './look.ts';
import { armed } from './open.ts';
import { question, questionsOf } from './seed.ts';

const { open } = consoles();
const prompt = '[data-testid=prompt]';
const locale = 'de-DE';
const language = (page: Page) => page.evaluate(() => document.documentElement.lang);
const go = (page: Page, path: string) =>
  page.evaluate((to) => {
    location.hash = to;
  }, path);

const pages: readonly (readonly [path: string, heading: string])[] = [
  ['/', 'Aktivität'],
  ['/servers', 'Server'],
  ['/servers/github', 'github'],
  ['/servers/notes', 'notes'],
  ['/servers/find/new', 'Einen Server finden'],
  ['/clients', 'Clients'],
  ['/clients/claude-code', 'Claude Code'],
  ['/permissions', 'Erlaubnisse'],
  ['/settings', 'Einstellungen'],
  ['/setup', 'Vorhandenes übernehmen'],
];

describe('the language', { timeout: 120_000 }, () => {
  it('is chosen by keyboard, spoken on every page and in every window, kept over a reload, and left again', async () => {
    const { page, fake } = await open({ path: '/settings' });
    await page.getByRole('heading', { name: 'Settings' }).waitFor();
    expect(await language(page)).toBe('en');
    const second = await page.context().newPage();
    await second.goto(fake.address());
    await second.getByRole('heading', { name: 'Activity' }).waitFor();
    await second.evaluate(() => {
      location.hash = '/prompt';
    });
    await second.getByText('Nothing waits for you.').waitFor();

    await page.bringToFront();
    const group = page.locator('[aria-label=Language]');
    await group.getByRole('radio', { name: 'As the system' }).focus();
    for (const next of ['English', 'Deutsch']) {
      await page.keyboard.press('ArrowRight');
      await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe(next);
    }
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Einstellungen' }).waitFor();
    expect(await language(page)).toBe('de');
    await second.getByText('Nichts wartet auf Sie.').waitFor();
    await second.close();
    for (const [path, heading] of pages) {
      await go(page, path);
      await page.getByRole('heading', { level: 1, name: new RegExp(`^${heading}`) }).waitFor();
    }
    // Nothing but the choice is kept, and what was kept speaks before anybody is signed in.
    expect(await page.evaluate(() => Object.entries(localStorage))).toEqual([['gatehouse.language', 'de']]);
    await page.reload();
    await page.getByText('Die Konsole aus einem Terminal öffnen').waitFor();
    expect(await language(page)).toBe('de');

    await page.goto('about:blank');
    await page.goto(fake.address());
    await page.getByRole('heading', { name: 'Aktivität' }).waitFor();
    await go(page, '/settings');
    await page.getByRole('radio', { name: 'English' }).click();
    await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
    await group.getByRole('radio', { name: 'As the system' }).click();
    await expect.poll(() => page.evaluate(() => localStorage.length)).toBe(0);
    expect(await language(page)).toBe('en');
  });

  it('is the one of the system, and no other is seen before it', async () => {
    const { page, fake } = await open({ locale, out: true });
    await page.getByText('Die Konsole aus einem Terminal öffnen').waitFor();
    expect(await page.evaluate(() => localStorage.length)).toBe(0);
    await page.addInitScript(() => {
      const seen: string[] = [];
      Object.assign(window, { seen });
      new MutationObserver(() => seen.push(document.body?.textContent ?? '')).observe(document, { childList: true, subtree: true });
    });
    // Another document, not another place in this one.
    await page.goto('about:blank');
    await page.goto(fake.address());
    await page.getByRole('heading', { name: 'Aktivität' }).waitFor();
    await page.getByText('Nichts wartet auf Sie.').waitFor();
    const seen = await page.evaluate(() => (window as unknown as { seen: string[] }).seen);
    expect(seen.length).toBeGreaterThan(1);
    expect(seen.filter((text) => /One moment|Activity|Servers|Nothing waits/.test(text))).toEqual([]);
  });

  it('is followed where it was set elsewhere', async () => {
    const { page, fake } = await open({ locale });
    await page.getByRole('heading', { name: 'Aktivität' }).waitFor();
    await page.getByText('2,1 s', { exact: true }).first().waitFor();
    fake.settings.language = 'en';
    fake.changed('setting');
    await page.getByRole('heading', { name: 'Activity' }).waitFor();
    // Rows that were drawn before are said anew, too.
    await page.getByText('2.1 s', { exact: true }).first().waitFor();
    expect(await page.getByText('2,1 s', { exact: true }).count()).toBe(0);
  });
});

describe('the prompt in German', { timeout: 120_000 }, () => {
  it('is as small as in English at low risk: two rows, 60 words of ours, six stops, no scrolling at 420 x 560', async () => {
    const { page } = await open({ locale, approvals: [questionsOf.low()], width: 420, height: 560, path: '/prompt' });
    await armed(page, 'Einmal erlauben');
    expect(await page.locator(`${prompt} h2`).textContent()).toBe('Cursor möchte über filesystem README.md in ~/code/acme lesen.');
    await isSmall(page);
  });

  it('keeps each button on one line and inside at 320 px', async () => {
    const { page, fake } = await open({ locale, approvals: [], width: 320, height: 640 });
    await page.getByRole('heading', { name: 'Aktivität' }).waitFor();
    const names = ['low', 'medium', 'flow', 'critical', 'review', 'gone'] as const;
    for (const name of names.slice(0, scale(4, names.length))) {
      fake.approvals = [questionsOf[name]()];
      fake.changed('approval');
      await page.locator(prompt).waitFor();
      const wrong = await page.locator(`${prompt} footer`).evaluate((footer) => {
        const room = footer.getBoundingClientRect();
        return [...footer.querySelectorAll('button')]
          .filter((button) => button.getClientRects().length > 0 && button.dataset.testid !== 'wider')
          .filter((button) => {
            const at = button.getBoundingClientRect();
            const tall = button.textContent !== '' && at.height > 44;
            return tall || button.scrollWidth > button.clientWidth + 1 || at.left < room.left || at.right > room.right;
          })
          .map((button) => button.textContent);
      });
      expect([name, wrong, await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)]).toEqual([name, [], true]);
      fake.approvals = [];
      fake.changed('approval');
      await page.locator(prompt).waitFor({ state: 'detached' });
    }
  });

  it('says what it would do and to whom in German, and leaves to the broker what only the broker says', async () => {
    const { page } = await open({ locale, approvals: [questionsOf.flow()] });
    await page.locator(prompt).waitFor();
    await page.locator(prompt).getByText('Dies würde Ihren Computer verlassen').waitFor();
    const steps = await page.locator(`${prompt} [data-testid=flow] li`).allTextContents();
    expect(steps[0]).toContain('Es hat .env gelesen, privat');
    // A phrase that German has no words for is said whole, as it came, and marked as English.
    expect(await page.locator(`${prompt} [data-testid=flow] [lang=en]`).allTextContents()).toEqual([
      'It read an issue written by a stranger',
    ]);
    expect(steps[2]).toContain('Es würde an github.com schreiben');
    expect(await page.locator(`${prompt} h2 [lang=en]`).textContent()).toBe('“post a comment on a public issue”');
  });

  it('answers by the letters of its own words: A is a no, E a yes, D nothing', async () => {
    const query = (sql: string) =>
      question({ client: 'cursor', server: 'postgres', capability: 'tool:query', session: 's2', argumentsText: JSON.stringify({ sql }) });
    const { page, fake } = await open({ locale, approvals: [query('select 1'), query('select 2')] });
    await armed(page, 'Einmal erlauben');
    await page.locator(`${prompt} h2`).click();
    await page.getByRole('button', { name: 'Ablehnen', exact: true }).focus();
    await page.keyboard.press('d');
    await page.keyboard.press('a');
    await expect.poll(() => fake.answers.length).toBe(1);
    expect(fake.answers[0]).toMatchObject({ kind: 'deny' });
    await page.locator(prompt).getByText('select 2').waitFor();
    await armed(page, 'Einmal erlauben');
    await page.waitForTimeout(100);
    await page.keyboard.press('e');
    await expect.poll(() => fake.answers.length).toBe(2);
    expect(fake.answers[1]).toMatchObject({ kind: 'approve', input: { for: 'once', match: 'exact' } });
  });
});

describe('every page in German', { timeout: 240_000 }, () => {
  it('has no serious fault in axe', async () => {
    const { page } = await open({ locale, approvals: [questionsOf.flow()] });
    await page.locator(prompt).waitFor();
    const faults = await seriousFaults(page);
    await page.keyboard.press('Escape');
    for (const [path] of pages.slice(0, scale(4, pages.length))) {
      await go(page, path);
      await page.waitForTimeout(300);
      for (const fault of await seriousFaults(page)) faults.push(`${path}: ${fault}`);
    }
    expect(faults).toEqual([]);
  });

  it('never scrolls sideways at 320 px, and cuts no button', async () => {
    const { page } = await open({ locale, width: 320, height: 640 });
    for (const [path, heading] of pages) {
      await go(page, path);
      await page.getByRole('heading', { level: 1, name: new RegExp(`^${heading}`) }).waitFor();
      await page.waitForTimeout(250);
      const cut = await page.evaluate(() =>
        [...document.querySelectorAll('main button')]
          .filter((button) => button.getBoundingClientRect().right > innerWidth || button.getBoundingClientRect().left < 0)
          .map((button) => button.textContent),
      );
      expect([path, await staysInside(page), cut]).toEqual([path, true, []]);
    }
  });
});
