import { expect, it } from 'vitest';
import { resolveHome } from '../../broker/host/home.ts';
import { homeFolder } from '../../electron/home.ts';

it('is the folder the command line means, on every system', () => {
  const environments = [
    {},
    { GATEHOUSE_HOME: '/somewhere/else' },
    { GATEHOUSE_HOME: 'relative' },
    { GATEHOUSE_HOME: '' },
    { XDG_DATA_HOME: '/data' },
    { XDG_DATA_HOME: 'relative' },
    { LOCALAPPDATA: '/local' },
  ];
  for (const platform of ['linux', 'darwin', 'win32', 'freebsd'] as const) {
    for (const environment of environments) {
      expect(homeFolder(environment, platform, '/home/o')).toBe(resolveHome(undefined, environment, platform, '/home/o'));
    }
  }
});
