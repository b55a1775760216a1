// The rules of the prompt one by one (security.md, section 2): what it says first, what may stand in it, what answers it and what never does.
import { describe, expect, it } from 'vitest';
import { consoles } from './browser.ts';
import { isSmall } from './look.ts';
import { armed, askFrozen, type Opened } from './open.ts';
import { question, questionsOf } from './seed.ts';

const { open } = consoles();
const prompt = '[data-testid=prompt]';
const query = (sql: string) =>
  question({ client: 'cursor', server: 'postgres', capability: 'tool:query', session: 's2', argumentsText: JSON.stringify({ sql }) });

describe('what it says', { timeout: 60_000 }, () => {
  it('is small at low risk: no bar, no path, two rows, 60 words of ours, six stops, no scrolling at 420 x 560', async () => {
    const { page } = await open({ approvals: [questionsOf.low()], width: 420, height: 560, path: '/prompt' });
    await armed(page);
    expect(await page.locator(`${prompt} [data-testid=alarm], ${prompt} [data-testid=flow]`).count()).toBe(0);
    await isSmall(page);
  });

  it('reads in one order, for eyes and for a screen reader: what is grave, the sentence, the path, the rows, their claim, no, yes', async () => {
    const { page } = await open({ approvals: [questionsOf.flow()] });
    await page.locator(prompt).waitFor();
    const tree = await page.locator(prompt).ariaSnapshot();
    const order = [
      'dialog "Claude Code asks about github"',
      'This would leave your computer',
      'heading',
      'It read',
      'It would write to',
      'term: Where',
      'term: body',
      'button "Read it"',
      'The server says:',
      'button "Deny"',
      'button "Allow once"',
      'button "Details"',
    ];
    const places = order.map((words) => tree.indexOf(words));
    expect([tree, places.indexOf(-1)]).toEqual([tree, -1]);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    // The same from top to bottom on the screen.
    const tops = await page.evaluate((root) => {
      const all = ['[data-testid=alarm]', 'h2', '[data-testid=flow]', 'dl', 'aside', 'footer'];
      return all.map((each) => document.querySelector(`${root} ${each}`)?.getBoundingClientRect().top ?? -1);
    }, prompt);
    expect(tops).toEqual([...tops].sort((a, b) => a - b));
    expect(tops[0]).toBeGreaterThanOrEqual(0);
  });

  it('leaves nothing long or hidden to a fact that claims to say it', async () => {
    const said = questionsOf.flow();
    const facts = [{ name: 'Where', value: 'acme/web #482', covers: ['owner', 'repo', 'issue_number', 'body'] }];
    const { page } = await open({ approvals: [{ ...said, facts }] });
    await page.locator(prompt).waitFor();
    expect(await page.locator(`${prompt} dl > div dt`).allTextContents()).toEqual(['Where', 'body']);
  });

  it('shows what a model would be asked as it would be read, and as it was written where it is more than words', async () => {
    const { page, fake } = await open({ approvals: [questionsOf.sampling()] });
    await page.getByText('notes wants Claude Code to ask its model').waitFor();
    expect(await page.locator(`${prompt} [data-argument]`).allTextContents()).toEqual([
      'userSummarise the note “offsite”.',
      'systemPromptYou are short.',
      'maxTokens200',
    ]);
    const picture = '{"messages":[{"role":"user","content":{"type":"image","data":"AAAA","mimeType":"image/png"}}]}';
    fake.approvals = [question({ server: 'notes', capability: 'sampling:createMessage', argumentsText: picture })];
    fake.changed('approval');
    await page.locator(`${prompt} [data-argument]`, { hasText: 'mimeType' }).waitFor();
  });

  it('keeps what must be read in view where not all rows have room', async () => {
    const body = 'All that would leave. '.repeat(60);
    const asked = question({
      capability: 'tool:add_issue_comment',
      facts: [{ name: 'Where', value: 'acme/web' }],
      argumentsText: JSON.stringify({ owner: 'acme', repo: 'web', issue_number: 482, title: 'x', body }),
    });
    const { page } = await open({ approvals: [asked] });
    const rows = page.locator(`${prompt} dl dt`);
    await rows.first().waitFor();
    expect(await rows.allTextContents()).toEqual(['Where', 'owner', 'repo', 'body']);
    await page.getByRole('button', { name: 'Show 2 more' }).click();
    expect(await rows.allTextContents()).toEqual(['Where', 'owner', 'repo', 'issue_number', 'title', 'body']);
  });

  it('says no row twice', async () => {
    const path = '/home/ada/code/acme/README.md';
    const asked = question({ argumentsText: JSON.stringify({ path }), facts: [{ name: 'Where', value: path }] });
    const { page } = await open({ approvals: [asked] });
    await page.locator(prompt).waitFor();
    expect(await page.locator(`${prompt} dl > div dt`).allTextContents()).toEqual(['path']);
  });

  it('lets no word of a server stand before ours or look like ours', async () => {
    const { page } = await open({ approvals: [questionsOf.hostile()] });
    await page.locator(prompt).waitFor();
    const found = await page.locator(prompt).evaluate((root) => {
      const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
      let first = '';
      for (let node = walk.nextNode(); node && first === ''; node = walk.nextNode()) first = node.textContent?.trim() ?? '';
      const spoofs = [...root.querySelectorAll('*')].filter(
        (each) => each.children.length === 0 && /Approved by Gatehouse|\[Allow once\]|Risk: none|Safe/.test(each.textContent ?? ''),
      );
      return {
        first,
        spoofs: spoofs.length,
        loose: spoofs.filter((each) => each.closest('bdi') === null).length,
        outside: spoofs.filter((each) => each.closest('dd, aside') === null).length,
        pictures: root.querySelectorAll('img, picture, video, iframe, object').length,
      };
    });
    expect(found).toMatchObject({ first: 'Look twice', loose: 0, outside: 0, pictures: 0 });
  });

  it('shows a megabyte with its head, tail, size and fingerprint, and stays quick', async () => {
    const { page } = await open({ approvals: [questionsOf.huge()] });
    await page.locator(prompt).waitFor();
    const row = page.locator('[data-argument="1"]');
    expect(await row.textContent()).toMatch(/^contentAll is well.* ⋯ .*rm -rf ~1\.0 MB of text · Read it/);
    expect(await row.textContent()).toContain('sha256');
    expect((await row.boundingBox())?.height).toBeLessThan(140);
    await page.getByRole('button', { name: 'Read it' }).click();
    await page.getByRole('region', { name: 'content' }).evaluate((box) => box.scrollTo({ top: box.scrollHeight }));
    await page.getByRole('region', { name: 'content' }).getByText('rm -rf ~').waitFor();
    expect(await page.locator(`${prompt} *`).count()).toBeLessThan(600);
  });
});

describe('what answers it', { timeout: 60_000 }, () => {
  it('takes letters only after the person moved into it, and only once it is armed', async () => {
    const { page, fake } = await open({ approvals: [], frozen: true });
    await askFrozen({ page, fake } as Opened, [query('select 1'), query('select 2')]);
    await page.clock.runFor(1000);
    await armed(page);
    // Focus that we put on Deny is not the person's own move.
    await page.keyboard.press('a');
    await page.keyboard.press('d');
    await page.clock.runFor(100);
    expect(fake.answers).toEqual([]);
    const place = async () => {
      const box = await page.getByRole('button', { name: 'Allow once' }).boundingBox();
      return [Math.round(box?.x ?? 0), Math.round(box?.y ?? 0)];
    };
    const before = await place();
    await page.locator(`${prompt} h2`).click();
    // Coming to life moves nothing.
    expect(await place()).toEqual(before);
    await page.getByRole('button', { name: 'Deny', exact: true }).focus();
    await page.keyboard.press('a');
    await expect.poll(() => fake.answers.length).toBe(1);
    expect(fake.answers[0]).toMatchObject({ kind: 'approve', input: { for: 'once', match: 'exact' } });
    for (let tries = 0; tries < 400 && (await page.locator(`${prompt} >> text=select 2`).count()) === 0; tries += 1) {
      await page.clock.runFor(5);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    // The next one has not been in view for 700 ms yet.
    await page.clock.runFor(300);
    await page.keyboard.press('a');
    expect(fake.answers).toHaveLength(1);
    await page.keyboard.press('d');
    await expect.poll(() => fake.answers.length).toBe(2);
    expect(fake.answers[1]).toMatchObject({ kind: 'deny', input: { for: 'once' } });
  });

  it('never takes a letter for a yes where the risk is high', async () => {
    const { page, fake } = await open({ approvals: [questionsOf.flow()] });
    await page.getByRole('button', { name: 'Read it' }).click();
    await armed(page);
    await page.getByRole('button', { name: 'Deny', exact: true }).focus();
    await page.keyboard.press('a');
    await page.waitForTimeout(300);
    expect(fake.answers).toEqual([]);
  });

  it('answers questions of one kind as one list, a tick for each, and nothing that must be opened', async () => {
    const short = [query('select 1'), query('select 2'), query('select 3')];
    const { page, fake } = await open({ approvals: [...short, query(`select ${'x, '.repeat(200)} 1`), questionsOf.low()] });
    await page.getByRole('button', { name: 'All 3 like this' }).click();
    const list = page.locator(prompt);
    await expect.poll(() => list.getByRole('checkbox').count()).toBe(3);
    await list.getByRole('checkbox').nth(1).uncheck();
    await list.getByRole('button', { name: 'Allow 2 once' }).click();
    await expect.poll(() => fake.answers.length).toBe(2);
    expect(fake.answers.map(({ kind, input }) => [kind, input.for, input.match, input.calls])).toEqual([
      ['approve', 'once', 'exact', 'one'],
      ['approve', 'once', 'exact', 'one'],
    ]);
    await page.getByText('Allowed 2 requests, once each.').waitFor();
    expect(fake.approvals).toHaveLength(3);
  });

  it('loses nothing on reload, and is not answered by closing its window', async () => {
    const { page, fake } = await open({ approvals: [questionsOf.low(), query('select 1')] });
    await page.locator(prompt).waitFor();
    await page.goto(fake.address());
    await page.reload();
    await page.goto('about:blank');
    await page.goto(fake.address());
    await page.locator(prompt).waitFor();
    expect(await page.title()).toBe('(2) Gatehouse');
    expect(fake.answers).toEqual([]);
  });

  it('goes when its time is over, without an answer or a rule of ours', async () => {
    const { page, fake } = await open({ approvals: [questionsOf.low()] });
    await page.locator(prompt).waitFor();
    fake.approvals = [];
    fake.write({ type: 'approval.expired', client: 'cursor', server: 'filesystem', capability: 'tool:read_file' });
    fake.changed('approval');
    await page.locator(prompt).waitFor({ state: 'detached' });
    expect(fake.answers).toEqual([]);
  });
});

describe('the window of its own', { timeout: 60_000 }, () => {
  it('shows the question alone, puts it aside, and calls it back', async () => {
    const { page, fake } = await open({ approvals: [questionsOf.flow()], width: 420, height: 560, path: '/prompt' });
    await page.locator(prompt).waitFor();
    expect(await page.getByRole('navigation').count()).toBe(0);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { name: 'One question waits for you.' }).waitFor();
    await page.getByRole('button', { name: 'Answer' }).click();
    await page.getByRole('button', { name: 'Deny', exact: true }).click();
    await page.getByRole('heading', { name: 'Nothing waits for you.' }).waitFor();
    expect(fake.answers).toMatchObject([{ kind: 'deny' }]);
  });
});
