// A client's file put back from a page: what comes back is said, the current value of a rotated key is a choice, and takes the PIN.
import type { Page } from '@playwright/test';
import { describe, expect, it } from 'vitest';
import { consoles } from './browser.ts';

const { open, close } = consoles();
const kept = [{ id: 'k0', client: 'claude-code', path: '/home/ada/.claude.json', keptAt: '2026-11-20T00:00:00.000Z' }];

async function preview(page: Page) {
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByRole('button', { name: 'Skip this step' }).click();
  await page.getByRole('button', { name: 'Put it back: the file of Claude Code' }).click();
}

describe('putting back', { timeout: 120_000 }, () => {
  it('writes the old values unless another choice is made', async () => {
    const { page, fake } = await open({ path: '/setup', empty: true, kept });
    await preview(page);
    await page.getByText('3 keys will lie in it in plain text again.').waitFor();
    await page.getByText('linear: LINEAR_KEY gets its old value back; the vault has another by now: the server linear is gone.').waitFor();
    expect(await page.getByRole('checkbox').count()).toBe(1);
    await page.getByRole('button', { name: 'Put it back as it was' }).click();
    await page.getByRole('button', { name: 'See the change for Claude Code' }).waitFor();
    expect(fake.undone).toMatchObject([{ client: 'claude-code', current: [] }]);
    await close();
  });

  it('writes the current ones where they are chosen, after the PIN', async () => {
    const { page, fake } = await open({ path: '/setup', empty: true, kept });
    await preview(page);
    await page.getByRole('checkbox', { name: 'Write the current value of github-token in place of the old one' }).check();
    const go = page.getByRole('button', { name: 'Put it back with the current keys' });
    await go.click();
    const pin = page.getByLabel('Your PIN');
    await pin.waitFor();
    expect(fake.undone).toEqual([]);
    expect(await go.isDisabled()).toBe(true);
    await pin.fill('123456');
    await go.click();
    await page.getByRole('button', { name: 'See the change for Claude Code' }).waitFor();
    expect(fake.undone).toMatchObject([{ client: 'claude-code', current: [kept[0]?.path] }]);
    await close();
  });
});
