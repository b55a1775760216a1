// Which paths name one program: an update folds, a copy never does.
import { expect, test } from 'vitest';
import { keptPath, programKey } from '../../broker/identify/program.ts';
import { within } from '../support/scale.ts';

const commit = (digit: string) => digit.repeat(40);

test.each([
  ['nvm', '/home/a/.nvm/versions/node/v24.1.0/bin/node', '/home/a/.nvm/versions/node/v24.2.0/bin/node'],
  ['a release candidate', '/home/a/.nvm/versions/node/v24.1.0-rc.1/bin/node', '/home/a/.nvm/versions/node/v24.1.0/bin/node'],
  ['a program named by its version', '/home/a/.local/share/claude/versions/2.1.90', '/home/a/.local/share/claude/versions/2.2.0'],
  ['a version with a commit', '/h/cursor-agent/versions/2026.01.09-7ae6800/node', '/h/cursor-agent/versions/2026.02.11-0c1d2e3f/node'],
  ['Homebrew', '/opt/homebrew/Cellar/node/24.1.0/bin/node', '/opt/homebrew/Cellar/node/24.1.0_1/bin/node'],
  ['a formula for a major', '/opt/homebrew/Cellar/node@22/22.9.0/bin/node', '/opt/homebrew/Cellar/node@24/24.0.0/bin/node'],
  ['an extension', '/h/.vscode/extensions/a.code-2.1.3-linux-x64/claude', '/h/.vscode/extensions/a.code-2.1.4-linux-x64/claude'],
  ['a VS Code server', `/h/.vscode-server/Stable-${commit('a')}/server/node`, `/h/.vscode-server/Stable-${commit('b')}/server/node`],
  ['its older layout', `/h/.vscode-server/bin/${commit('1')}/node`, `/h/.vscode-server/bin/${commit('2')}/node`],
  ['a snap', '/snap/code/171/usr/share/code/code', '/snap/code/x2/usr/share/code/code'],
  ['Nix', `/nix/store/${'a'.repeat(32)}-nodejs-24.1.0/bin/node`, `/nix/store/${'b'.repeat(32)}-nodejs-24.2.0/bin/node`],
  ['Python', '/usr/bin/python3.12', '/usr/bin/python3.13'],
  ['an AppImage, mounted anew', '/tmp/.mount_CursorAb12Cd/usr/share/cursor/cursor', '/tmp/.mount_Cursorzz99ZZ/usr/share/cursor/cursor'],
  ['an application and its helper', '/Applications/C.app/Contents/MacOS/C', '/Applications/C.app/Contents/Helpers/x.app/Contents/MacOS/x'],
  [
    'an application that macOS moved',
    '/private/var/folders/x/T/AppTranslocation/0B7B9B2A-6A43-4C5E-9B57-0D6C2C0A1111/d/C.app/Contents/MacOS/C',
    '/private/var/folders/x/T/AppTranslocation/1B7B9B2A-6A43-4C5E-9B57-0D6C2C0A2222/d/C.app/Contents/MacOS/C',
  ],
  ['a file replaced while it runs', '/usr/share/code/code', '/usr/share/code/code (deleted)'],
])('one program: %s', (_what, before, after) => {
  expect(programKey(after)).toBe(programKey(before));
});

test.each([
  ['a copy elsewhere', '/usr/bin/node', '/tmp/x/node'],
  ['another program beside it', '/usr/bin/node', '/usr/bin/bash'],
  ['the same in another home', '/home/a/.nvm/versions/node/v24.1.0/bin/node', '/home/b/.nvm/versions/node/v24.1.0/bin/node'],
  ['a folder that only begins like a version', '/h/versions/node/v24.1.0/bin/node', '/h/versions/node/v24.1.0-evil/bin/node'],
  ['a word in place of a version', '/h/versions/node/v24.1.0/bin/node', '/h/versions/node/evil/bin/node'],
  ['a folder more', '/h/versions/24.1.0/node', '/h/versions/24.1.0/24.1.0/node'],
  ['another interpreter', '/usr/bin/python3.12', '/usr/bin/perl5.36'],
  ['a whole number, which is a name', '/h/profile/1/node', '/h/profile/2/node'],
  ['another application', '/Applications/C.app/Contents/MacOS/C', '/Applications/C 2.app/Contents/MacOS/C'],
  ['an application in another place', '/Applications/C.app/Contents/MacOS/C', '/Users/a/Downloads/C.app/Contents/MacOS/C'],
  ['a folder that only ends like an application', '/h/x.app/node', '/h/x.app/bash'],
  ['another AppImage', '/tmp/.mount_CursorAb12Cd/app', '/tmp/.mount_KursorAb12Cd/app'],
  ['digits that are no commit', `/h/${'a'.repeat(39)}/node`, `/h/${'b'.repeat(39)}/node`],
  ['another package of Nix', `/nix/store/${'a'.repeat(32)}-nodejs-24.1.0/bin/node`, `/nix/store/${'a'.repeat(32)}-deno-24.1.0/bin/node`],
  ['a revision that is not of a snap', '/srv/snap/code/171/code', '/srv/snap/code/172/code'],
  ['other letters in the same case-folded name', '/usr/bin/Node', '/usr/bin/node'],
])('two programs: %s', (_what, one, other) => {
  expect(programKey(other)).not.toBe(programKey(one));
});

test('a path of any length is kept in few characters, and two that differ at their end stay two', () => {
  const long = (end: string) => `/h/${'x'.repeat(4000)}/${end}`;
  expect(keptPath(long('a')).length).toBeLessThan(1000);
  expect(keptPath(long('a'))).toBe(keptPath(`${long('a')} (deleted)`));
  expect(programKey(long('a'))).not.toBe(programKey(long('b')));
  expect(programKey(keptPath(long('a')))).toBe(programKey(long('a')));
  expect(keptPath('/usr/bin/node')).toBe('/usr/bin/node');
});

test('reading a hostile path takes no time', () => {
  const began = performance.now();
  for (const hostile of ['1.'.repeat(500), '/.mount_'.repeat(120), '/a.app'.repeat(170), `${'1.1-rc'.repeat(160)}`, 'a'.repeat(1024)])
    programKey(`/${hostile}`);
  expect(performance.now() - began).toBeLessThan(within(500));
});
