// Servers that could be added: opened or looked up, shown, and kept a while so that what is added is what was shown.
import { createHash } from 'node:crypto';
import type { Candidate } from '../../shared/candidate.ts';
import { GatehouseError } from '../../shared/errors.ts';
import type { Machine } from './bundle-launch.ts';
import { type BundleShelf, readBundleFile } from './bundle-shelf.ts';
import { download, isLoopback, type Network, plainAddress } from './download.ts';
import { malformed } from './entry-name.ts';
import type { Answers } from './fields.ts';
import { type Bundle, bundleLimits, openBundle } from './open-bundle.ts';
import type { Registry } from './registry.ts';
import { type Packaged, type Way, waysOf } from './registry-entry.ts';
import { isRunner, launchOfPackage, launchOfRemote } from './registry-launch.ts';
import { type InNpm, type Shown, shownOfBundle, shownOfEntry } from './shown.ts';

export interface CandidateNeeds {
  readonly shelf: BundleShelf;
  readonly network: Network;
  readonly registry: Registry;
  readonly machine: Machine;
  /** The registry's address as the operator set it. */
  address(): string;
  /** An empty folder of ours, for npx. */
  readonly npxFolder: string;
  /** The integrity that npm has for one version. @throws GatehouseError refused where it has none, unavailable where it cannot be asked */
  integrityInNpm(name: string, version: string): Promise<string>;
  now(): number;
}

/** Where a server came from, as its row keeps it. */
export interface Origin {
  readonly bundle: { readonly sha256: string; readonly tree: string; readonly name: string; readonly version: string } | null;
  readonly registry: { readonly address: string; readonly id: string; readonly version: string } | null;
  readonly npm: { readonly name: string; readonly version: string; readonly integrity: string } | null;
}

export interface Taken {
  readonly candidate: Candidate;
  /** Puts its files where its command expects them. */
  place(): Promise<Origin>;
}

interface Staged {
  readonly candidate: Candidate;
  readonly bundle: Bundle | null;
  readonly at: number;
}

/** As long as a person may think about it, in ms; and how many are kept. */
const keptMs = 15 * 60_000;
const mostKept = 12;
/** Opened bundles keep their bytes in memory. */
const mostBundles = 2;
const downloadMs = 120_000;

export class Candidates {
  readonly #needs: CandidateNeeds;
  readonly #staged = new Map<string, Staged>();
  readonly #bundles = new Map<string, { bundle: Bundle; at: number }>();
  readonly #integrities = new Map<string, { integrity: string; at: number }>();

  constructor(needs: CandidateNeeds) {
    this.#needs = needs;
  }

  /** @throws GatehouseError for a file that is no safe bundle, or answers that do not fit */
  async fromBundle(given: {
    path?: string | undefined;
    data?: string | undefined;
    sha256?: string | undefined;
    config: Answers['config'];
    secretConfig: Answers['secretConfig'];
  }): Promise<Candidate> {
    this.#forget();
    const bundle = await this.#opened(given);
    return this.#stage(this.#shown(bundle, given, null), bundle);
  }

  /** @throws GatehouseError as registry and bundle do */
  async fromRegistry(given: { id: string; version?: string | undefined; way?: number | undefined } & Answers): Promise<Candidate> {
    this.#forget();
    const { registry, address } = this.#needs;
    const said = await registry.show(address(), given.id, given.version);
    const ways = waysOf(said.entry.server);
    const place = given.way ?? ways.findIndex((way) => possible(way));
    const way = ways[place];
    if (!way) throw new GatehouseError('not-found', `${given.id} has no way to be run here.`, 'Look at it: gatehouse registry show ID');
    if (way.kind === 'package' && way.of.registryType === 'mcpb') {
      const bundle = await this.#fetched(way.of);
      return this.#stage(this.#shown(bundle, given, { said, of: way.of }), bundle);
    }
    const launch = way.kind === 'package' ? launchOfPackage(way.of, given, this.#needs.npxFolder) : launchOfRemote(way.of, given);
    const npm = way.kind === 'package' && way.of.registryType === 'npm' ? await this.#inNpm(way.of) : null;
    return this.#stage(shownOfEntry(said, way, launch, npm), null);
  }

  /** A package without an integrity is shown, with the reason, and cannot be added. @throws GatehouseError refused for one that npm does not have */
  async #inNpm({ identifier, version = '' }: Packaged): Promise<InNpm> {
    const key = `${identifier}@${version}`;
    const known = this.#integrities.get(key);
    if (known) return { integrity: known.integrity, why: null };
    try {
      const integrity = await this.#needs.integrityInNpm(identifier, version);
      this.#integrities.set(key, { integrity, at: this.#needs.now() });
      return { integrity, why: null };
    } catch (error) {
      if (error instanceof GatehouseError && error.code === 'unavailable') return { integrity: null, why: error.message };
      throw error;
    }
  }

  /** @throws GatehouseError not-found when it was not shown, or too long ago; usage while answers are missing */
  take(digest: string): Taken {
    this.#forget();
    const staged = this.#staged.get(digest);
    if (!staged)
      throw new GatehouseError('not-found', 'That was not shown, or too long ago.', 'Look at it again, and add exactly what you see then.');
    const { candidate, bundle } = staged;
    if (candidate.missing.length > 0)
      throw new GatehouseError(
        'usage',
        `It needs to be told ${candidate.missing.join(', ')} first.`,
        'Give each with --config KEY=VALUE, a secret with --secret-config KEY=SECRET.',
      );
    const { registry, package: of } = candidate;
    if (of?.registry === 'npm' && of.integrity === null)
      throw new GatehouseError(
        'unavailable',
        `npm could not be asked what is in ${of.identifier} ${of.version ?? ''}, so nobody can say what would run.`,
        'Look at it again when npm answers.',
      );
    const npm = of?.integrity == null ? null : { name: of.identifier, version: of.version ?? '', integrity: of.integrity };
    const from = registry && { address: registry.address, id: registry.id, version: candidate.version ?? '' };
    return {
      candidate,
      place: async () => ({
        bundle: bundle && {
          sha256: bundle.sha256,
          tree: await this.#needs.shelf.put(bundle),
          name: bundle.manifest.name,
          version: bundle.manifest.version,
        },
        registry: from,
        npm,
      }),
    };
  }

  #shown(bundle: Bundle, answers: Answers, from: Parameters<typeof shownOfBundle>[2]): Shown {
    const { shelf, machine, now } = this.#needs;
    return shownOfBundle(bundle, answers, from, { folder: shelf.folderOf(bundle.sha256), machine, now: now() });
  }

  async #opened({
    path,
    data,
    sha256,
  }: {
    path?: string | undefined;
    data?: string | undefined;
    sha256?: string | undefined;
  }): Promise<Bundle> {
    if ([path, data, sha256].filter((one) => one !== undefined).length !== 1)
      throw new GatehouseError('usage', 'A bundle is given by its path, its bytes or its hash, one of the three.', 'Give one.');
    if (sha256 !== undefined) {
      const known = this.#bundles.get(sha256);
      if (!known) throw new GatehouseError('not-found', 'That bundle is not open any more.', 'Open it again.');
      return known.bundle;
    }
    if (data !== undefined && !/^[A-Za-z0-9+/]*={0,2}$/.test(data)) throw malformed('it did not arrive whole');
    const bytes = path !== undefined ? await readBundleFile(path, bundleLimits.packed) : Buffer.from(data ?? '', 'base64');
    return this.#keep(await openBundle(bytes));
  }

  /** A bundle named by a registry is what the registry says by its hash, or nothing. */
  async #fetched(of: Packaged): Promise<Bundle> {
    const wanted = of.fileSha256?.toLowerCase();
    if (wanted === undefined)
      throw new GatehouseError(
        'refused',
        'The registry gives no hash for this bundle, so nobody can say what it is.',
        'Choose another way of it.',
      );
    const known = this.#bundles.get(wanted);
    if (known) return known.bundle;
    const url = plainAddress(of.identifier);
    // A registry on the internet does not get to name addresses of this computer.
    const own = plainAddress(this.#needs.address());
    if (isLoopback(url) && url.hostname !== own.hostname)
      throw new GatehouseError('refused', `The bundle lies at ${url.origin}, which was not asked.`, 'Nothing was fetched.');
    const accept = 'application/octet-stream, */*';
    const { bytes } = await download(this.#needs.network, {
      url,
      mostBytes: bundleLimits.packed,
      limitMs: downloadMs,
      accept,
      redirects: 'any',
    });
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    if (sha256 !== wanted)
      throw new GatehouseError(
        'refused',
        `The bundle at ${url.origin} is not the one the registry describes (its SHA-256 is ${sha256}).`,
        'Somebody changed it after it was registered. Do not use it.',
      );
    return this.#keep(await openBundle(bytes));
  }

  #keep(bundle: Bundle): Bundle {
    this.#bundles.delete(bundle.sha256);
    this.#bundles.set(bundle.sha256, { bundle, at: this.#needs.now() });
    const [oldest] = this.#bundles.keys();
    if (this.#bundles.size > mostBundles && oldest !== undefined) {
      this.#bundles.delete(oldest);
      for (const [digest, { bundle: one }] of this.#staged) if (one?.sha256 === oldest) this.#staged.delete(digest);
    }
    return bundle;
  }

  #stage(shown: Shown, bundle: Bundle | null): Candidate {
    const { command, args, cwd, env, secretEnv, remote, package: of } = shown;
    const runs = { command, args, cwd, env: sorted(env), secretEnv: sorted(secretEnv), remote, of, bundle: bundle?.sha256 ?? null };
    const digest = createHash('sha256')
      .update(`gatehouse-candidate-1\n${JSON.stringify(runs)}`)
      .digest('hex');
    const candidate = { digest, ...shown };
    this.#staged.delete(digest);
    this.#staged.set(digest, { candidate, bundle, at: this.#needs.now() });
    const [oldest] = this.#staged.keys();
    if (this.#staged.size > mostKept && oldest !== undefined) this.#staged.delete(oldest);
    return candidate;
  }

  #forget(): void {
    const since = this.#needs.now() - keptMs;
    for (const kept of [this.#staged, this.#bundles, this.#integrities]) for (const [key, { at }] of kept) if (at < since) kept.delete(key);
  }
}

/** Can this way be run here at all? What an entry leaves open is found when it is looked at. */
export function possible(way: Way): boolean {
  if (way.kind === 'remote') return way.of.url !== undefined && (way.of.type === 'streamable-http' || way.of.type === 'sse');
  const { registryType, transport, fileSha256 } = way.of;
  if (registryType === 'mcpb') return fileSha256 !== undefined;
  return isRunner(registryType) && (transport === undefined || transport.type === 'stdio');
}

const sorted = (pairs: Readonly<Record<string, string>>) => Object.entries(pairs).sort(([a], [b]) => (a < b ? -1 : 1));
