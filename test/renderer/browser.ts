// One browser for the tests of a file, a console for each test; what a page complains of fails the test that opened it.
import type { Browser } from '@playwright/test';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { build, launch, type Opened, open as openIn } from './open.ts';

/** Call it once, at the top of a test file. The function opens a console; `close` ends it before its test is over. */
export function consoles() {
  let browser: Browser;
  let opened: Opened | null = null;
  beforeAll(async () => {
    build();
    browser = await launch();
  }, 60_000);
  afterAll(async () => browser?.close());
  afterEach(async () => {
    const complaints = opened?.complaints ?? [];
    await opened?.close();
    opened = null;
    expect(complaints).toEqual([]);
  });
  return {
    async open(options: Parameters<typeof openIn>[1] = {}): Promise<Opened> {
      opened = await openIn(browser, options);
      return opened;
    },
    async close(): Promise<void> {
      await opened?.close();
    },
  };
}
