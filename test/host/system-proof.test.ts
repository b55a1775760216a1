import { expect, it } from 'vitest';
import { type Asking, provedBySystem } from '../../broker/host/system-proof.ts';

const asked: string[][] = [];
const system = (platform: NodeJS.Platform, answer: { code: number; out: string } | null): Asking => ({
  platform,
  pid: 4711,
  async run(program, args) {
    asked.push([program, ...args]);
    return answer;
  },
});

it.each<[string, NodeJS.Platform, { code: number; out: string } | null, boolean]>([
  ['polkit says yes', 'linux', { code: 0, out: '' }, true],
  ['polkit says no', 'linux', { code: 1, out: '' }, false],
  ['polkit was dismissed', 'linux', { code: 3, out: '' }, false],
  ['there is no polkit', 'linux', null, false],
  ['Touch ID says yes', 'darwin', { code: 0, out: 'gatehouse: yes\n' }, true],
  ['Touch ID says no', 'darwin', { code: 0, out: 'gatehouse: no\n' }, false],
  ['the script ended without a word', 'darwin', { code: 0, out: '' }, false],
  ['Windows Hello says yes', 'win32', { code: 0, out: 'gatehouse: yes\r\n' }, true],
  ['Windows Hello is not set up', 'win32', { code: 1, out: '' }, false],
  ['something else was printed', 'win32', { code: 0, out: 'gatehouse: yes, said somebody' }, false],
])('%s', async (_name, platform, answer, yes) => {
  expect(await provedBySystem(undefined, system(platform, answer))).toBe(yes);
});

it('names its own process and action to polkit, and absolute programs where they have a place', () => {
  expect(asked[0]).toEqual(['/usr/bin/pkcheck', '--action-id', 'app.gatehouse.answer', '--process', '4711', '--allow-user-interaction']);
  expect(asked.find(([program]) => program?.includes('osascript'))?.[0]).toBe('/usr/bin/osascript');
});

it('is a no where nothing can ask, and where asking itself fails', async () => {
  const failing: Asking = { ...system('linux', null), run: () => Promise.reject(new Error('no such program')) };
  expect(await provedBySystem(undefined, failing)).toBe(false);
  // The real thing on a machine without a desktop session, or without our action.
  if (process.platform === 'linux') expect(await provedBySystem(AbortSignal.timeout(5000))).toBe(false);
});
