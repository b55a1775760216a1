// `gatehouse settings`: what the broker is set to.

import { GatehouseError } from '../../shared/errors.ts';
import type { Register } from './errand.ts';

import { facts } from './table.ts';
import { visible } from './visible.ts';

export const register: Register = (root, errand) => {
  const settings = root.command('settings').description('Settings of the broker.');
  settings
    .command('get [key]')
    .description('One setting, or all of them.')
    .addHelpText('after', '\nExamples:\n  gatehouse settings get\n  gatehouse settings get approval.expiry')
    .action(async (key: string | undefined) => {
      const { api } = await errand.operator();
      const all = await api.setting.list();
      if (key === undefined)
        return errand.print(all, () => (Object.keys(all).length === 0 ? 'Nothing is set.' : facts(Object.entries(all).sort())));
      const value = Object.hasOwn(all, key) ? all[key] : undefined;
      if (value === undefined) throw new GatehouseError('not-found', `There is no setting "${key}".`, 'See "gatehouse settings get".');
      errand.print({ key, value }, () => visible(value));
    });
  settings
    .command('set <key> <value>')
    .description('Changes a setting.')
    .addHelpText('after', '\nExample:\n  gatehouse settings set away 18:00')
    .action(async (key: string, value: string) => {
      const { api } = await errand.operator();
      errand.print(await api.setting.set({ key, value }), () => `${visible(key)} is now ${visible(value)}.`);
    });
};
