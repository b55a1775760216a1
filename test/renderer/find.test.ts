// Finding a server in the console: nothing asked before the search, everything shown before it is added, and old answers said to be old.
import { describe, expect, it } from 'vitest';
import { consoles } from './browser.ts';

const { open } = consoles();

describe('find servers', { timeout: 60_000 }, () => {
  it('asks when searched, shows rows, asks for what is missing, shows what would run, and adds exactly that', async () => {
    const { page } = await open({ path: '/servers' });
    await page.getByRole('button', { name: 'Find servers' }).click();
    await page.getByText('Nothing asked yet').waitFor();
    await page.getByText('https://registry.example').waitFor();
    await page.getByLabel('Words to look for').fill('weather');
    await page.keyboard.press('Enter');
    await page.getByText('io.example/weather').waitFor();
    await page.getByText('outdated').waitFor();
    await page.getByRole('button', { name: 'Look at Weather', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name', { exact: true }).fill('Weather!');
    expect(await dialog.getByRole('button', { name: 'Look at it' }).isDisabled()).toBe(true);
    await dialog.getByLabel('Name', { exact: true }).fill('weather');
    await dialog.getByLabel('WEATHER_KEY', { exact: true }).fill('a-new-key');
    await dialog.getByRole('button', { name: 'Look at it' }).click();
    await dialog.getByText('@example/weather@2.3.1').waitFor();
    const shown = (await dialog.textContent()) ?? '';
    for (const part of ['npx', '--units', 'weather-WEATHER_KEY', 'As npm has it', 'The registry gives none', 'It says of itself'])
      expect(shown).toContain(part);
    expect(shown).not.toContain('a-new-key');
    await dialog.getByRole('button', { name: 'Add and start once' }).click();
    await page.waitForURL(/#\/servers\/weather$/);
  });

  it('opens a bundle, says what is wrong with one, and what it found out about its signature', async () => {
    const { page } = await open({ path: '/servers/find/new' });
    const file = (content: string) =>
      page.locator('input[type=file]').setInputFiles({ name: 'x.mcpb', mimeType: 'application/zip', buffer: Buffer.from(content) });
    await file('no bundle');
    await page.getByText('does not end as a zip file does').waitFor();
    await file('a bundle');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Folder').fill('/home/ann/notes');
    await dialog.getByRole('button', { name: 'Look at it' }).click();
    await dialog.getByText('Nobody here vouches for who that is.').waitFor();
    const shown = (await dialog.textContent()) ?? '';
    for (const part of ['5f70bf18a086', '/server/index.js', '/home/ann/notes', '812 files']) expect(shown).toContain(part);
    expect(shown).not.toMatch(/trusted/i);
  });

  it('says that an answer is old, that nothing was found, that nobody answered, and what a name hides', async () => {
    const { page } = await open({ path: '/servers/find/new' });
    const search = async (words: string) => {
      await page.getByLabel('Words to look for').fill(words);
      await page.getByRole('button', { name: 'Search' }).click();
    };
    await search('old');
    await page.getByText('These are the answers of').waitFor();
    await page.getByText('cannot run here').waitFor();
    expect(await page.locator('[data-hidden="U+202E"]').count()).toBeGreaterThan(0);
    await search('nothing like it');
    await page.getByText('Try one shorter word').waitFor();
    await search('down');
    await page.getByText('could not be reached').waitFor();
  });
});
