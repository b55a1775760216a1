// The live log in a real browser: it follows, holds still for a reader, says sentences, narrows, and bears a million entries.
import { describe, expect, it } from 'vitest';
import { scale } from '../support/scale.ts';
import { consoles } from './browser.ts';

const { open } = consoles();

describe('the live log', { timeout: 120_000 }, () => {
  it('says in the detail of an action what was noticed in its answer, and how much of it was looked at', async () => {
    const { page, fake } = await open();
    const log = page.getByTestId('log');
    await log.waitFor();
    const about = { client: 'cursor', session: 's2', server: 'postgres', capability: 'tool:odd_one' };
    const asked = fake.write({ type: 'asked', ...about, verdict: 'allow', decidedBy: 'grant:g5' });
    fake.write({
      type: 'outcome',
      ...about,
      asked: asked.seq,
      result: 'ok',
      durationMs: 7,
      findings: [{ rule: 'secrecy', title: 'Asks the model to keep something from you', severity: 'serious', detail: 'zero-width space' }],
      partlyRead: { read: 131_072, of: 2_000_000 },
    });
    await log.getByText('Used odd_one').click();
    const noticed = page.getByTestId('noticed');
    await noticed.getByText('Asks the model to keep something from you').waitFor();
    expect(await noticed.textContent()).toContain('zero-width space');
    expect(await noticed.textContent()).toContain('The answer was long: 131,072 of its 2,000,000 characters were looked at.');
  });

  it('has words of its own for what is gathered and for a server in another version', async () => {
    const { page, fake } = await open();
    const log = page.getByTestId('log');
    await log.waitFor();
    const about = { client: 'cursor', server: 'postgres', capability: 'tool:query' };
    fake.write({ type: 'gathered', ...about });
    fake.write({ type: 'gathered.gone', count: 1 });
    fake.write({ type: 'server.updated', server: 'postgres' });
    await log.getByText('Cursor asked for query of postgres while you were away').waitFor();
    await log.getByText('What was gathered while you were away was put aside').waitFor();
    await log.getByText('postgres comes in another version').waitFor();
  });

  it('is one stop of the Tab key: arrows go from row to row, to the rule and back, and it holds still meanwhile', async () => {
    const { page, fake } = await open();
    const log = page.getByTestId('log');
    await log.getByRole('button').first().waitFor();
    const focused = () => page.evaluate(() => (document.activeElement?.textContent ?? '').replace(/\s+/g, ' '));
    const isLog = () => log.evaluate((each) => each === document.activeElement);
    await log.focus();
    await page.keyboard.press('ArrowDown');
    const first = await focused();
    expect(
      await log
        .getByRole('button')
        .first()
        .evaluate((each) => each === document.activeElement),
    ).toBe(true);
    await page.keyboard.press('ArrowDown');
    const second = await focused();
    expect(second).not.toBe(first);
    // What comes now waits, and does not push the row that is read away.
    fake.write({ type: 'server.updated', server: 'postgres' });
    await page.getByRole('button', { name: 'One new' }).waitFor();
    expect(await focused()).toBe(second);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await expect.poll(focused, { message: 'the focus comes back to the row' }).toBe(second);
    for (let step = 0; step < 60; step += 1) {
      await page.keyboard.press('ArrowRight');
      if (/^by your rule/.test(await focused())) break;
      await page.keyboard.press('ArrowDown');
    }
    expect(await focused()).toMatch(/^by your rule/);
    await page.keyboard.press('ArrowLeft');
    expect(await focused()).not.toMatch(/^by your rule/);
    // Scrolled away by a pointer, the row is not drawn any more: the list has the focus then, not the page.
    await log.evaluate((each) => {
      each.scrollTop = 1e6;
    });
    await expect.poll(isLog).toBe(true);
    await page.keyboard.press('Home');
    await expect.poll(async () => ((await isLog()) ? '' : await focused())).not.toBe('');
    expect(await log.evaluate((each) => each.scrollTop)).toBeLessThan(5);
    for (let step = 0; step < 4 && !(await isLog()); step += 1) await page.keyboard.press('ArrowUp');
    expect(await isLog()).toBe(true);
    await page.keyboard.press('Tab');
    expect(await log.evaluate((each) => each.contains(document.activeElement)), 'one Tab leaves it').toBe(false);
  });

  it('follows, folds an outcome into its row, and holds still for a reader', async () => {
    const { page, fake } = await open();
    const log = page.getByTestId('log');
    await log.waitFor();
    const asked = fake.write({
      type: 'asked',
      client: 'cursor',
      session: 's2',
      server: 'postgres',
      capability: 'tool:fresh_one',
      verdict: 'allow',
      decidedBy: 'grant:g5',
    });
    await log.getByText('Is using fresh_one').waitFor();
    fake.write({
      type: 'outcome',
      client: 'cursor',
      session: 's2',
      server: 'postgres',
      capability: 'tool:fresh_one',
      asked: asked.seq,
      result: 'ok',
      durationMs: 7,
    });
    await log.getByText('Used fresh_one').waitFor();
    expect(await log.getByText('fresh_one').count()).toBe(1);
    await log.evaluate((box) => box.scrollTo({ top: 900 }));
    await page.getByRole('button', { name: 'Newest' }).waitFor();
    for (let index = 0; index < 5; index += 1)
      fake.write({ type: 'asked', client: 'cursor', session: 's2', server: 'postgres', capability: 'tool:later', verdict: 'allow' });
    await page.getByRole('button', { name: '5 new' }).click();
    await log.getByText('later').first().waitFor();
  });

  it('keeps few rows in the page while 500 entries a second come, and tells its frames', async () => {
    const { page, fake } = await open();
    await page.getByTestId('log').waitFor();
    await page.evaluate(() => {
      const frames: number[] = [];
      const drawn = { times: 0 };
      Object.assign(window, { frames, drawn });
      // One call for all that one drawing changed.
      new MutationObserver(() => {
        drawn.times += 1;
      }).observe(document.querySelector('[data-testid=log]') as Element, { childList: true, subtree: true });
      let before = performance.now();
      const next = (now: number) => {
        frames.push(now - before);
        before = now;
        requestAnimationFrame(next);
      };
      requestAnimationFrame(next);
    });
    const cdp = await page.context().newCDPSession(page);
    // Time of the page's own thread, so that a busy machine is not counted against the page.
    await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
    const busy = async () => {
      const { metrics } = await cdp.send('Performance.getMetrics');
      const of = (name: string) => metrics.find((each) => each.name === name)?.value ?? 0;
      const [script, layout, style] = [of('ScriptDuration'), of('LayoutDuration'), of('RecalcStyleDuration')];
      return { script, layout, style, all: of('TaskDuration') };
    };
    const bursts = scale(60, 1200);
    const busyBefore = await busy();
    const start = Date.now();
    for (let burst = 0; burst < bursts; burst += 1) {
      for (let index = 0; index < 25; index += 1)
        fake.write({
          type: 'asked',
          client: 'cursor',
          session: 's2',
          server: 'postgres',
          capability: `tool:t${burst}_${index}`,
          verdict: 'allow',
        });
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, start + burst * 50 - Date.now())));
    }
    const took = (Date.now() - start) / 1000;
    const after = await busy();
    const spent = (name: keyof typeof after) => (1000 * (after[name] - busyBefore[name])) / took;
    const share = (spent('script') + spent('layout') + spent('style')) / 1000;
    const { times } = await page.evaluate(() => (window as unknown as { drawn: { times: number } }).drawn);
    await page.getByText(`t${bursts - 1}_24`).waitFor({ timeout: 3000 });
    expect(await page.locator('[data-testid=log] button').count()).toBeLessThan(80);
    const frames = (await page.evaluate(() => (window as unknown as { frames: number[] }).frames)).slice(5).sort((a, b) => a - b);
    const at = (share: number) => (frames[Math.floor(frames.length * share)] ?? 0).toFixed(1);
    const rate = Math.round((bursts * 25) / took);
    console.log(
      `${rate} entries/s for ${took.toFixed(0)} s: ${(frames.length / took).toFixed(0)} frames/s; a frame takes ${at(0.5)} ms (median), ${at(0.95)} ms (p95), ${at(0.99)} ms (p99); script, style and layout ${(share * 100).toFixed(0)}% of the time`,
    );
    const each = (ms: number) => `${ms.toFixed(1)} ms`;
    console.log(
      `processor time of the page's thread: ${each(spent('all') / 60)} a frame at 60 (script ${each(spent('script') / 60)}, layout ${each(spent('layout') / 60)}, ` +
        `style ${each(spent('style') / 60)}); ${(times / took).toFixed(1)} drawings a second, ${each(spent('all') / Math.max(1, times / took))} each; ` +
        `${each(spent('all') / rate)} an entry`,
    );
    expect(times / took, 'drawings a second').toBeLessThan(30);
    // Room for the painting that sixty frames a second need beside it.
    expect(share).toBeLessThan(0.5);
  });

  it('says equal actions as one line that opens, and which rule let them pass', async () => {
    const { page } = await open();
    const log = page.getByTestId('log');
    const row = log.locator('div', { hasText: /^.*Read \.env and 2 more files in ~\/code\/acme/ }).last();
    await row.waitFor();
    await log.getByRole('button', { name: /Read \.env and 2 more files/ }).click();
    await log.getByRole('button', { name: /Read package\.json in/ }).waitFor();
    await log.getByRole('button', { name: /Read \.env and 2 more files/ }).click();
    await log.getByRole('button', { name: /Read package\.json in/ }).waitFor({ state: 'detached' });
    const heads = await log.locator('h2').allTextContents();
    expect(heads[0]).toBe('Claude Code');
    expect(await log.getByText('untrusted').count()).toBeGreaterThan(0);
    await log
      .getByRole('link', { name: /^by your rule from/ })
      .first()
      .click();
    await page.getByRole('heading', { name: 'Permissions' }).waitFor();
    expect(page.url()).toContain('/permissions/g');
  });

  it('narrows by client, server, verdict, words and time together, and clears them all', async () => {
    const { page } = await open();
    const log = page.getByTestId('log');
    await log.waitFor();
    await page.getByRole('searchbox').fill('release');
    await page.getByLabel('Client').selectOption('cursor');
    await page.getByRole('radio', { name: 'Refused' }).click();
    await page.getByLabel('When').selectOption('hour');
    await expect
      .poll(async () => (await log.getByRole('button').allTextContents()).filter((row) => row.includes('Tried to')).length)
      .toBe(1);
    expect(await log.getByRole('button').count()).toBe(1);
    await page.getByRole('button', { name: 'Clear' }).click();
    await log.getByText('acme/web #482').first().waitFor();
    expect(await page.getByLabel('Client').inputValue()).toBe('');
  });

  it('scrolls through a million entries with a few pages in memory, and back', async () => {
    const { page } = await open({ many: 1_000_000 });
    const log = page.getByTestId('log');
    await log.getByText('step_999999').waitFor();
    const down = async () => {
      const before = await log.evaluate((box) => box.scrollHeight);
      await log.evaluate((box) => box.scrollTo({ top: box.scrollHeight }));
      await expect.poll(() => log.evaluate((box) => box.scrollHeight), { timeout: 10_000 }).toBeGreaterThan(before);
    };
    const start = Date.now();
    const pages = scale(60, 400);
    for (let index = 0; index < pages; index += 1) await down();
    console.log(`${pages} pages of 200 entries scrolled through in ${((Date.now() - start) / 1000).toFixed(1)} s`);
    expect(await log.getByRole('button').count()).toBeLessThan(80);
    // Half way back lies a page that was let go: it is read again, with its outcomes.
    await log.evaluate((box) => box.scrollTo({ top: box.scrollHeight / 3 }));
    await log
      .getByText(/^Used step_/)
      .first()
      .waitFor();
    expect(await log.getByText(/^Is using step_/).count()).toBe(0);
    await page.getByRole('button', { name: 'Newest' }).click();
    await log.getByText('step_999999').waitFor();
  });

  it('shows an action and takes back the permission that let it pass', async () => {
    const { page } = await open();
    await page.locator('[data-testid=log] button', { hasText: 'Read issue #482' }).click();
    const panel = page.getByRole('dialog');
    await panel.getByText('12345678901234567890').waitFor();
    await panel.getByRole('button', { name: 'Take back' }).click();
    await panel.getByText('You took it back just now.').waitFor();
  });
});
