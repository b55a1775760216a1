// Draws pages and prompts in states that a real home comes into only by accident, light and dark, wide and small, to be looked at:
// `node test/renderer/pictures.ts FOLDER [names]`, names divided by commas. The pictures of docs/pictures are test/e2e/pictures.ts's.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { type Fake, startFake } from './fake.ts';
import { launch } from './open.ts';
import { gathered as gatheredSeed, questionsOf } from './seed.ts';

const folder = process.argv[2];
if (folder === undefined) throw new Error('Give a folder for the pictures.');
const only = process.argv[3]?.split(',');
await mkdir(folder, { recursive: true });
const browser = await launch();

const go = (hash: string) => async (page: Page) => {
  await page.evaluate((to) => {
    location.hash = to;
  }, hash);
  await page.waitForTimeout(350);
};
type Shot = {
  name: string;
  questions?: (keyof typeof questionsOf)[];
  open?: boolean;
  empty?: boolean;
  locked?: boolean;
  out?: boolean;
  gathered?: boolean;
  act?: (page: Page, fake: Fake) => Promise<unknown>;
};
const shots: Shot[] = [
  { name: 'activity', questions: [] },
  { name: 'activity-prompt', questions: ['flow', 'medium', 'low'] },
  { name: 'prompt-low', questions: ['low'] },
  { name: 'prompt-flow', questions: ['flow'] },
  { name: 'prompt-sampling', questions: ['sampling'] },
  { name: 'prompt-review', questions: ['review'] },
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
    questions: [],
    act: async (page) => {
      await page.locator('[data-testid=log] button').first().click();
      await page.waitForTimeout(400);
    },
  },
  { name: 'servers', act: go('/servers') },
  { name: 'server', act: go('/servers/github') },
  {
    name: 'server-review',
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
  { name: 'clients', act: go('/clients') },
  { name: 'client', act: go('/clients/claude-code') },
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
  { name: 'permissions', act: go('/permissions') },
  {
    name: 'settings',
    act: async (page) => {
      await go('/settings')(page);
      await page.getByRole('button', { name: 'Verify the log' }).click();
    },
  },
  { name: 'locked', locked: true },
  {
    name: 'lost',
    questions: [],
    act: async (page, fake) => {
      await page.getByTestId('log').waitFor();
      await fake.drop();
      await page.getByTestId('lost').waitFor();
    },
  },
  {
    name: 'gathered',
    questions: [],
    gathered: true,
    act: (page) => page.locator('[data-testid=gathered] button:has-text("Allow from now on"):not([disabled])').first().waitFor(),
  },
  {
    name: 'policy',
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
  { name: 'setup', empty: true, act: go('/setup') },
  {
    name: 'setup-bring',
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
    empty: true,
    act: async (page) => {
      await go('/setup')(page);
      await page.getByRole('button', { name: 'Go on' }).click();
      await page.getByRole('button', { name: 'Skip this step' }).click();
      await page.getByRole('button', { name: 'See the change for Claude Code' }).click();
      await page.getByRole('button', { name: 'Make this change' }).waitFor();
    },
  },
  { name: 'signin', out: true, act: (page) => page.getByRole('button', { name: 'Use the PIN instead' }).click() },
  { name: 'first-run', open: true },
  { name: 'open-home', open: true, act: (page) => page.getByRole('button', { name: 'Not now' }).click() },
  { name: 'empty', empty: true },
  { name: 'empty-servers', empty: true, act: go('/servers') },
];

for (const shot of shots.filter(({ name }) => only?.includes(name) ?? true)) {
  for (const scheme of ['light', 'dark'] as const) {
    for (const [width, height] of [
      [1280, 800],
      [480, 720],
    ] as const) {
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
