import { expect, it } from 'vitest';
import { readSurface } from './surface.ts';

const surface = readSurface();

/** What tests look at, beside what Electron has. */
const forTests = [
  'BrowserWindow.bounds',
  'BrowserWindow.everywhere',
  'BrowserWindow.flashes',
  'BrowserWindow.focused',
  'BrowserWindow.inactive',
  'BrowserWindow.options',
  'BrowserWindow.protectedContent',
  'BrowserWindow.visible',
  'BrowserWindow.webContents.border',
  'BrowserWindow.webContents.openHandler',
  'BrowserWindow.webContents.view',
  ...['checked', 'click', 'enabled', 'label', 'submenu', 'type'].map((name) => `Menu.buildFromTemplate().${name}`),
  'MessageChannelMain.port1.connect',
  'MessageChannelMain.port1.deliver',
  'Notification.open',
  'Notification.options',
  'Tray.face',
  'app.singleInstance',
  'session.defaultSession.beforeRequest',
  'session.defaultSession.device',
  'session.defaultSession.permissionCheck',
  'session.defaultSession.permissionRequest',
  'utilityProcess.fork().process',
];

it('stands in for every member of Electron that the shell uses', () => {
  expect(surface.used.length).toBeGreaterThan(40);
  expect(surface.used.filter((member) => !surface.offered.includes(member))).toEqual([]);
});

it("has nothing that Electron's own type definitions do not have, but what tests look at", () => {
  expect(surface.invented).toEqual(forTests);
});

it('wants no more of a caller than Electron does', () => {
  expect(surface.greedy).toEqual([]);
});

it('offers only what the shell uses, and what it hands on to oRPC or reads as a whole', () => {
  const handedOn = /^(BrowserWindow\.(close|title)|MessageChannelMain\.port[12]|MessagePortMain\.\w+|(Rectangle|Point)\.\w+)$/;
  const spare = surface.offered.filter((member) => !surface.used.includes(member) && !/\.(on|once|off)$/.test(member));
  expect(spare.filter((member) => !handedOn.test(member))).toEqual([]);
});
