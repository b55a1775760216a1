// Another build of the accepted package: an ordinary update, or a reason to look.
import { expect, test } from 'vitest';
import { type Build, isUpdate, oddBuild, packageSays } from '../../broker/mediate/package-change.ts';

const accepted: Build = { name: 'npm:a', version: '1.2.3', integrity: 'sha512-x', scripts: false };
const now = (over: Partial<Build>): Build => ({ ...accepted, ...over });

test.each<[string, Partial<Build>, string | null, boolean]>([
  ['the same', {}, null, false],
  ['a newer version', { version: '1.2.4', integrity: 'sha512-y' }, null, true],
  ['a newer minor and major', { version: '2.0.0', integrity: null }, null, true],
  ['a tenth after a ninth', { version: '1.10.0' }, null, true],
  ['another package', { name: 'npm:b', version: '1.2.4' }, 'another package', false],
  ['scripts where there were none', { version: '1.2.4', scripts: true }, 'it now runs a program when it is installed', false],
  ['scripts in the same version', { scripts: true }, 'it now runs a program when it is installed', false],
  ['other contents', { integrity: 'sha512-y' }, 'the same version with other contents', false],
  ['contents nobody knows', { integrity: null }, null, false],
  ['an older version', { version: '1.2.2' }, 'an older version than was accepted', false],
  ['an older minor', { version: '1.1.9' }, 'an older version than was accepted', false],
  ['what led to it', { version: '1.2.3-rc.1' }, 'an older version than was accepted', false],
  ['what leads to the next', { version: '1.2.4-rc.1' }, null, true],
  ['a version of another kind', { version: 'nightly' }, null, true],
  ['no version', { version: null }, null, false],
])('%s', (_, over, odd, update) => {
  expect(oddBuild(accepted, now(over))).toBe(odd);
  expect(isUpdate(accepted, now(over))).toBe(update);
});

test('of a build that was accepted with scripts, or before anybody looked for them, scripts are no news', () => {
  expect(oddBuild(now({ scripts: true }), now({ scripts: true, version: '1.2.4' }))).toBeNull();
  expect(oddBuild({ name: 'npm:a', version: '1.2.3' }, now({ scripts: true }))).toBeNull();
  expect(isUpdate({ name: 'npm:a', version: null }, now({}))).toBe(false);
});

test('what the pin says: the name, and why it must be looked at', () => {
  expect(packageSays(accepted, now({ version: '9.0.0' }))).toBe('npm:a');
  expect(packageSays(accepted, now({ integrity: 'sha512-y' }))).toBe('npm:a 1.2.3 (the same version with other contents)');
  expect(packageSays(accepted, now({ name: 'npm:b' }))).toBe('npm:b');
  expect(packageSays(null, accepted)).toBe('npm:a');
  expect(packageSays(undefined, accepted)).toBe('npm:a');
  expect(packageSays(accepted, null)).toBeNull();
});
