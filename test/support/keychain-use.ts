// A program for tests: opens the real keychain vault and does what its arguments say, one JSON line each.
import { openVault } from '../../broker/vault/open.ts';
import { Sensitive } from '../../broker/vault/sensitive.ts';

const [home = '', create = '', ...orders] = process.argv.slice(2);
try {
  const vault = await openVault({ home, homeId: 'use', kind: 'keychain', create: create === 'create', waitMs: 3000 });
  for (const order of orders) {
    const [verb, name = '', text = ''] = order.split('=');
    if (verb === 'set') await vault.set(name, new Sensitive(text.repeat(5000)));
    if (verb === 'get') console.log(JSON.stringify((await vault.get(name))?.reveal() ?? null));
    if (verb === 'remove') console.log(JSON.stringify(await vault.remove(name)));
    if (verb === 'names') console.log(JSON.stringify(await vault.names()));
  }
} catch (error) {
  const { code, message, hint } = error as { code: string; message: string; hint: string };
  console.log(JSON.stringify({ code, message, hint }));
}
