// Servers from elsewhere, joined: bundles unpacked in the home, a registry on the network, the addresses check of servers.
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { FoundServer } from '../../shared/candidate.ts';
import { GatehouseError } from '../../shared/errors.ts';
import { AnswerCache } from '../acquire/answer-cache.ts';
import type { BundleShelf } from '../acquire/bundle-shelf.ts';
import { Candidates, possible } from '../acquire/candidates.ts';
import { Registry } from '../acquire/registry.ts';
import { type Entry, waysOf } from '../acquire/registry-entry.ts';
import { checkLiteral, guardedLookup } from '../forward/addresses.ts';
import { npmCache } from '../forward/installed-package.ts';
import { integrityInNpm } from '../forward/npm-says.ts';
import type { AcquirePart } from '../operate/acquire-part.ts';
import { settingOf } from '../operate/settings.ts';
import type { State } from '../store/state.ts';
import { ownKey } from '../vault/own-key.ts';
import type { Vault } from '../vault/vault.ts';
import { inTurn } from './in-turn.ts';

export interface Needs {
  readonly home: string;
  readonly state: State;
  readonly vault: Vault;
  readonly bundles: BundleShelf;
  /** PATH as the operator's login shell has it. */
  readonly path: Promise<string>;
  resolveProgram(command: string): Promise<string | null>;
  /** The home's rows are what they were. */
  readonly sound: boolean;
  now(): number;
  report(error: unknown): void;
}

export function createAcquire({ home, state, vault, bundles, path, resolveProgram, sound, now, report }: Needs): AcquirePart {
  const network = { checkLiteral, lookup: guardedLookup };
  const registry = new Registry(network, new AnswerCache(home, ownKey(vault, 'key:catalogue')), now);
  const address = () => settingOf(state.rows.setting, 'registry.address');
  const machine = { platform: process.platform, userHome: homedir() };
  const npxFolder = join(home, 'npx');
  const askNpm = async (name: string, version: string) => {
    const npx = await resolveProgram('npx');
    if (npx === null) throw new GatehouseError('unavailable', 'npx was not found, and npm cannot be asked.', 'Install Node.js.');
    const host = { platform: process.platform, env: process.env };
    return await integrityInNpm({ host, path: await path, npx, cache: npmCache() }, npxFolder, name, version);
  };
  const candidates = new Candidates({ shelf: bundles, network, registry, machine, address, now, npxFolder, integrityInNpm: askNpm });
  /** Unpacking and tidying take turns: what is half there must not be swept up. */
  const turn = inTurn();
  /** Unpacked, and not in a row yet. */
  const placed: string[] = [];
  const tidy = () =>
    turn(async () => {
      const used = [...state.rows.server.values()].flatMap(({ origin }) => origin?.bundle?.sha256 ?? []);
      await bundles.keepOnly(new Set([...used, ...placed]));
    }).catch(report);
  // What a killed broker left half unpacked; rows that do not hold say nothing of what is used.
  if (sound) void tidy();
  return {
    fromBundle: (given) => candidates.fromBundle(given),
    fromRegistry: (given) => candidates.fromRegistry(given),
    async search(words, cursor) {
      const { entries, next, ...said } = await registry.search(address(), words, cursor);
      return { ...said, servers: entries.map(found), next };
    },
    async show(id, version) {
      const { entry, ...said } = await registry.show(address(), id, version);
      return { ...said, server: found(entry), versions: await registry.versions(address(), id) };
    },
    take(digest) {
      const { candidate, place } = candidates.take(digest);
      const placeIt = async () => {
        const sha256 = candidate.bundle?.sha256;
        if (sha256 !== undefined) placed.push(sha256);
        return await turn(place);
      };
      return { candidate, place: placeIt };
    },
    async settle(candidate) {
      const at = candidate?.bundle ? placed.indexOf(candidate.bundle.sha256) : -1;
      if (at >= 0) placed.splice(at, 1);
      await tidy();
    },
  };
}

function found({ server, status, publishedAt }: Entry): FoundServer {
  return {
    id: server.name,
    title: server.title ?? null,
    description: server.description,
    version: server.version,
    ...{ status, publishedAt },
    ways: waysOf(server).map((way, place) => ({
      way: place,
      kind: way.kind === 'remote' ? 'remote' : way.of.registryType,
      what: way.kind === 'remote' ? (way.of.url ?? '') : way.of.identifier,
      version: way.kind === 'remote' ? null : (way.of.version ?? null),
      possible: possible(way),
    })),
  };
}
