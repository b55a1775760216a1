// What a person sees of the programs behind a client: the new one above everything, what is known of each, and that HTTP says nothing.
import { describe, expect, it } from 'vitest';
import { consoles } from './browser.ts';

const { open } = consoles();
const stranger = '/home/ada/Downloads/notes-helper/bin/node';

describe('where a client comes from', { timeout: 120_000 }, () => {
  it('tells of another program with both paths and what to do, until somebody knows it', async () => {
    const { page } = await open({ path: '/clients/claude-code' });
    await page.getByText('Another program used the credential of').waitFor();
    const alarm = page.getByRole('listitem').filter({ hasText: 'Another program used the credential of' });
    const said = (await alarm.textContent()) ?? '';
    for (const words of [stranger, '/home/ada/.local/share/claude/versions/3.4.1', '11 minutes ago', 'may have been copied'])
      expect(said).toContain(words);
    await page.getByRole('button', { name: 'Revoke' }).waitFor();
    const row = page.getByRole('listitem').filter({ hasText: 'last seen 11 minutes ago' });
    await row.getByText('New', { exact: true }).waitFor();
    await page.getByRole('button', { name: `I know it: ${stranger}` }).click();
    await page.getByText('It is known from now on.').waitFor();
    await alarm.waitFor({ state: 'detached' });
    await row.getByText('You know it').waitFor();
  });

  it('names process and time of what is here, and says of HTTP that it is known by its token only', async () => {
    const { page } = await open({ path: '/clients/cursor' });
    await page.getByText(/here since [0-9:]{5}, process 39877/).waitFor();
    await page.getByText('Over HTTP', { exact: true }).waitFor();
    await page.getByText('Known by its token only: whoever holds it can come this way.').waitFor();
    expect(await page.getByText('Another program').count()).toBe(0);
  });

  it('says so in the list, and of a client that never came that nothing is known', async () => {
    const { page } = await open({ path: '/clients' });
    const rows = page.getByRole('listitem').filter({ hasText: 'Another program' });
    await rows.first().waitFor();
    expect([await rows.count(), await rows.first().getByText('Claude Code').count()]).toEqual([1, 1]);
    await page.getByRole('link', { name: 'Claude Desktop', exact: true }).click();
    await page.getByText('Nothing is known before it connects.').waitFor();
  });

  it('fits a narrow window: no path makes the page wider than it is', async () => {
    const { page } = await open({ path: '/clients/claude-code', width: 480, height: 720 });
    await page.getByText('Another program used the credential of').waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth)).toBe(true);
    expect(
      await page.evaluate(() => [...document.querySelectorAll('main *')].every((each) => each.getBoundingClientRect().right <= 480)),
    ).toBe(true);
  });
});
