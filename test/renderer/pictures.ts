// Takes the pictures of every page and of the prompt, light and dark, wide and small: `node test/renderer/pictures.ts [folder [names]]`.
// The names, divided by commas, choose some; what docs/pictures keeps is marked `kept`.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, type Page } from '@playwright/test';
import { type Fake, startFake } from './fake.ts';
import { gathered as gatheredSeed, questionsOf } from './seed.ts';

const folder = process.argv[2] ?? join(import.meta.dirname, '../../docs/pictures');
const only = process.argv[3]?.split(',');
await mkdir(folder, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--no-first-run', '--disable-gpu'],
});

const go = (hash: string) => async (page: Page) => {
  await page.evaluate((to) => {
    location.hash = to;
  }, hash);
  await page.waitForTimeout(350);
};
type Shot = {
  name: string;
  /** Sizes kept in docs/pictures, which is the folder when none is given. */
  kept?: 'wide' | 'both';
  questions?: (keyof typeof questionsOf)[];
  open?: boolean;
  empty?: boolean;
  locked?: boolean;
  out?: boolean;
  gathered?: boolean;
  act?: (page: Page, fake: Fake) => Promise<unknown>;
};
const shots: Shot[] = [
  { name: 'activity', kept: 'both', questions: [] },
  { name: 'activity-prompt', kept: 'both', questions: ['flow', 'medium', 'low'] },
  { name: 'prompt-low', kept: 'wide', questions: ['low'] },
  { name: 'prompt-flow', questions: ['flow'] },
  { name: 'prompt-sampling', questions: ['sampling'] },
  { name: 'prompt-review', kept: 'wide', questions: ['review'] },
  { name: 'prompt-medium', questions: ['medium'] },
  { name: 'prompt-critical', questions: ['critical'] },
  { name: 'prompt-hostile', questions: ['hostile'] },
  {
    name: 'prompt-hostile-open',
    questions: ['hostile'],
    act: async (page) => {
      for (let i = 0; i < 8; i += 1) {
        const b = page.getByRole('button', { name: /^Open it$|^Show / }).first();
        if (await b.count()) await b.click();
      }
    },
  },
  { name: 'find', act: go('/servers/find/new') },
  {
    name: 'find-rows',
    act: async (page) => {
      await go('/servers/find/new')(page);
      await page.getByLabel('Words to look for').fill('old');
      await page.getByRole('button', { name: 'Search' }).click();
      await page.waitForTimeout(500);
    },
  },
  {
    name: 'find-asks',
    act: async (page) => {
      await go('/servers/find/new')(page);
      await page.getByLabel('Words to look for').fill('weather');
      await page.getByRole('button', { name: 'Search' }).click();
      await page.getByRole('button', { name: 'Look at Weather', exact: true }).click();
      await page.waitForTimeout(500);
    },
  },
  {
    name: 'find-look',
    act: async (page) => {
      await go('/servers/find/new')(page);
      await page.locator('input[type=file]').setInputFiles({ name: 'x.mcpb', mimeType: 'application/zip', buffer: Buffer.from('x') });
      await page.getByLabel('Folder').fill('/home/ann/notes');
      await page.getByRole('button', { name: 'Look at it' }).click();
      await page.waitForTimeout(500);
    },
  },
  { name: 'prompt-huge', questions: ['huge'] },
  { name: 'prompt-gone', questions: ['gone'], act: (page) => page.getByRole('button', { name: 'Details' }).click() },
  {
    name: 'prompt-allow-menu',
    questions: ['low'],
    act: async (page) => {
      await page.waitForTimeout(900);
      await page.getByRole('button', { name: 'More ways to allow' }).click();
    },
  },
  { name: 'prompt-deny-menu', questions: ['low'], act: (page) => page.getByRole('button', { name: 'More ways to deny' }).click() },
  {
    name: 'aside',
    questions: ['flow', 'medium', 'low'],
    act: async (page) => {
      for (let i = 0; i < 3; i += 1) {
        await page.getByTestId('prompt').waitFor();
        await page.keyboard.press('Escape');
        await page.waitForTimeout(300);
      }
    },
  },
  {
    name: 'detail',
    kept: 'wide',
    questions: [],
    act: async (page) => {
      await page.locator('[data-testid=log] button').first().click();
      await page.waitForTimeout(400);
    },
  },
  { name: 'servers', kept: 'wide', act: go('/servers') },
  { name: 'server', kept: 'wide', act: go('/servers/github') },
  {
    name: 'server-review',
    kept: 'wide',
    act: async (page) => {
      await go('/servers/notes')(page);
      await page.getByRole('button', { name: 'See what changed' }).click();
      await page.waitForTimeout(400);
    },
  },
  {
    name: 'server-add',
    act: async (page) => {
      await go('/servers')(page);
      await page.getByRole('button', { name: 'Add a server' }).click();
      await page.getByRole('button', { name: 'Add an argument' }).click();
      await page.getByRole('button', { name: 'Add a secret' }).last().click();
    },
  },
  { name: 'clients', kept: 'wide', act: go('/clients') },
  { name: 'client', kept: 'wide', act: go('/clients/claude-code') },
  { name: 'client-http', act: go('/clients/cursor') },
  {
    name: 'client-help',
    act: async (page) => {
      await go('/clients')(page);
      await page.getByRole('button', { name: 'Pair a client' }).click();
      await page.getByLabel('Name').fill('codex');
      await page.getByRole('button', { name: 'Pair it' }).click();
      await page.waitForTimeout(300);
    },
  },
  { name: 'permissions', kept: 'wide', act: go('/permissions') },
  {
    name: 'settings',
    kept: 'wide',
    act: async (page) => {
      await go('/settings')(page);
      await page.getByRole('button', { name: 'Verify the log' }).click();
    },
  },
  { name: 'locked', kept: 'wide', locked: true },
  {
    name: 'lost',
    kept: 'wide',
    questions: [],
    act: async (page, fake) => {
      await page.getByTestId('log').waitFor();
      await fake.drop();
      await page.getByTestId('lost').waitFor();
    },
  },
  {
    name: 'gathered',
    kept: 'wide',
    questions: [],
    gathered: true,
    act: (page) => page.locator('[data-testid=gathered] button:has-text("Allow from now on"):not([disabled])').first().waitFor(),
  },
  {
    name: 'policy',
    kept: 'wide',
    act: async (page) => {
      await go('/permissions')(page);
      await page.getByRole('button', { name: 'Write a policy' }).click();
      await page.getByLabel('Name').fill('no-deleting');
      await page.getByLabel('Rules').fill('forbid (principal, action, resource)\nwhen { context.labels.contains("destructive") };');
      await page.getByText('Sound: one rule.').waitFor();
      await page.getByRole('button', { name: 'Try it on the log' }).click();
      await page.getByTestId('tried').waitFor();
      await page.getByText('Try cases').click();
    },
  },
  { name: 'setup', kept: 'wide', empty: true, act: go('/setup') },
  {
    name: 'setup-bring',
    kept: 'wide',
    empty: true,
    act: async (page) => {
      await go('/setup')(page);
      await page.getByRole('button', { name: 'Go on' }).click();
      await page.getByRole('button', { name: 'Bring in 4 servers' }).click();
      await page.getByText('brought in', { exact: true }).first().waitFor();
    },
  },
  {
    name: 'setup-between',
    kept: 'wide',
    empty: true,
    act: async (page) => {
      await go('/setup')(page);
      await page.getByRole('button', { name: 'Go on' }).click();
      await page.getByRole('button', { name: 'Skip this step' }).click();
      await page.getByRole('button', { name: 'See the change for Claude Code' }).click();
      await page.getByRole('button', { name: 'Make this change' }).waitFor();
    },
  },
  { name: 'signin', kept: 'wide', out: true, act: (page) => page.getByRole('button', { name: 'Use the PIN instead' }).click() },
  { name: 'first-run', kept: 'wide', open: true },
  { name: 'open-home', open: true, act: (page) => page.getByRole('button', { name: 'Not now' }).click() },
  { name: 'empty', kept: 'wide', empty: true },
  { name: 'empty-servers', empty: true, act: go('/servers') },
];

const whole = process.argv[2] === undefined;
for (const shot of shots.filter((each) => (only === undefined ? !whole || each.kept : only.includes(each.name)))) {
  for (const scheme of ['light', 'dark'] as const) {
    for (const [width, height] of [
      [1280, 800],
      [480, 720],
    ] as const) {
      if (whole && width < 1000 && shot.kept !== 'both') continue;
      const fake = await startFake({
        approvals: (shot.questions ?? []).map((name) => questionsOf[name]()),
        protected: !shot.open,
        empty: shot.empty ?? false,
        gathered: shot.gathered ? gatheredSeed() : [],
      });
      fake.state.locked = shot.locked ?? false;
      // The log ends with the request of that question: where it does not wait, it was not made.
      if (!shot.questions?.includes('flow')) fake.entries.pop();
      const page = await browser.newPage({ viewport: { width, height }, colorScheme: scheme });
      await page.goto(shot.out ? fake.url : fake.address());
      await page.waitForTimeout(500);
      try {
        await shot.act?.(page, fake);
      } catch (error) {
        console.error(shot.name, scheme, width, String(error).split('\n')[0]);
      }
      await page.waitForTimeout(500);
      await page.screenshot({ path: join(folder, `${shot.name}-${scheme}-${width}.png`) });
      await page.close();
      await fake.close();
    }
  }
}
await browser.close();
