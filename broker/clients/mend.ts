// Puts right what became of an entry: ours goes back to its place, and a new one is brought in and then leads here too.
import { GatehouseError } from '../../shared/errors.ts';
import { bringIn, previewImport, shownElse } from './bring-in.ts';
import type { BrokerLink } from './broker-link.ts';
import { changeFile, type FileChange } from './change.ts';
import { bytesAt, writeChange } from './client-file.ts';
import { type Discovery, entriesOf, readClientFile } from './discover.ts';
import type { Deviation } from './guard.ts';
import { planInstall } from './install-plan.ts';
import type { Machine } from './machine.ts';
import { reachOf } from './put-between.ts';
import { replaceFile } from './replace-file.ts';

/** The change that mends it; null for a new entry, whose server is not known here yet. @throws Malformed */
export function mendChange({ client, file, mend }: Deviation): FileChange | null {
  return mend === null ? null : changeFile(client, file, bytesAt(file.path), [mend]);
}

/** @throws GatehouseError conflict, failed for a server that does not start; Malformed */
export async function putRight(
  link: BrokerLink,
  machine: Machine,
  deviation: Deviation,
): Promise<{ written: string; server: string | null }> {
  const { file, kind } = deviation;
  const change = mendChange(deviation);
  if (change === null) return await takeIn(link, machine, deviation);
  // What others wrote in our place may be wanted back; where there was nothing, the copy that is kept already leads all the way back.
  if (kind === 'changed' || kind === 'hook') await writeChange(link.api, change, file.format);
  else replaceFile(change);
  return { written: change.path, server: deviation.found?.ours?.server ?? null };
}

async function takeIn(link: BrokerLink, machine: Machine, { client: kind, file, entry: name, found: shown }: Deviation) {
  const { api } = link;
  const read = readClientFile(machine, kind, file);
  const entry = read && entriesOf(read).find((one) => one.name === name && one.place.at.join() === shown?.place.at.join());
  if (!read || !entry || JSON.stringify(entry.value) !== JSON.stringify(shown?.value)) throw shownElse();
  const only: Discovery = { files: [read], entries: [entry], unreadable: [] };
  const { plan } = await previewImport(link, machine, only);
  const [why] = plan.left.map((left) => left.why);
  if (why !== undefined)
    throw new GatehouseError('failed', `"${name}" cannot be brought in: ${why}.`, 'Change the entry, or put this aside.');
  const [row] = await bringIn(link, plan, { accept: 'clean' });
  const server = row?.server ?? null;
  if (server === null) throw new GatehouseError('failed', `"${name}" did not start: ${row?.why ?? ''}`, 'Nothing was written.');
  const { servers } = await api.client.show({ name: kind.name });
  if (!servers.includes(server)) await api.client.set({ name: kind.name, servers: [...servers, server] });
  const reach = await reachOf(link, kind, true);
  const [change] = planInstall({
    ...{ kind, machine, found: only, reach, way: 'fitting', replaced: [{ entry, server }], servers: [server] },
    ...{ combined: false, passDialogs: false, hooks: false },
  });
  if (change === undefined) throw shownElse();
  await writeChange(api, change, file.format);
  return { written: change.path, server };
}
