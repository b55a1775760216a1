// What a candidate shows of itself: all that would run, where it comes from, what it still has to be told, and what to be warned of.
import type { Candidate } from '../../shared/candidate.ts';
import { type BundleLaunch, launchOfBundle, type Machine } from './bundle-launch.ts';
import type { Answers } from './fields.ts';
import type { Bundle } from './open-bundle.ts';
import { nameFrom } from './own-name.ts';
import type { Said } from './registry.ts';
import type { Entry, Packaged, Way } from './registry-entry.ts';
import type { RegistryLaunch } from './registry-launch.ts';

/** Without its digest, which is of what is shown. */
export type Shown = Omit<Candidate, 'digest'>;

/** The entry of a registry that names a bundle. */
interface Registered {
  readonly said: Said & { entry: Entry };
  readonly of: Packaged;
}

interface Here {
  /** Where its files will lie. */
  readonly folder: string;
  readonly machine: Machine;
  readonly now: number;
}

export interface InNpm {
  readonly integrity: string | null;
  /** Why npm could not be asked. */
  readonly why: string | null;
}

export function shownOfBundle(bundle: Bundle, answers: Answers, from: Registered | null, { folder, machine, now }: Here): Shown {
  const { manifest, signature } = bundle;
  const paths = bundle.files.map(({ path }) => path);
  const read: BundleLaunch = launchOfBundle(manifest, folder, paths, answers, machine);
  const { launch, fields, missing } = read;
  const warnings = [
    ...read.warnings,
    ...(signature.state === 'absent' ? ['Nobody signed this bundle: it is whatever the place you have it from gave you.'] : []),
    ...(signature.validUntil !== null && Date.parse(signature.validUntil) < now
      ? [`The certificate of its signature ended on ${signature.validUntil}.`]
      : []),
    ...(signature.state === 'unknown' ? ['Its signature is of a kind that cannot be checked here: take it as not signed.'] : []),
  ];
  return {
    name: nameFrom(manifest.name),
    title: manifest.display_name ?? manifest.name,
    description: manifest.description,
    version: manifest.version,
    author: manifest.author.name,
    ...{ command: launch.command, args: [...launch.args], cwd: launch.cwd, env: { ...launch.env }, secretEnv: { ...launch.secretEnv } },
    remote: null,
    bundle: { sha256: bundle.sha256, bytes: bundle.bytes, unpackedBytes: bundle.unpackedBytes, files: bundle.files.length, signature },
    package:
      from === null
        ? null
        : {
            registry: 'mcpb',
            identifier: from.of.identifier,
            version: from.of.version ?? null,
            sha256: bundle.sha256,
            checked: true,
            integrity: null,
          },
    registry: from === null ? null : registryOf(from.said),
    ...{ fields: fields.map(copied), missing: [...missing], warnings: [...warnings, ...statusWarning(from?.said.entry.status ?? null)] },
  };
}

export function shownOfEntry(said: Said & { entry: Entry }, way: Way, launch: RegistryLaunch, npm: InNpm | null): Shown {
  const { server } = said.entry;
  const sha256 = way.kind === 'package' ? (way.of.fileSha256?.toLowerCase() ?? null) : null;
  const of =
    way.kind === 'package'
      ? {
          ...{ registry: way.of.registryType, identifier: way.of.identifier, version: way.of.version ?? null, sha256, checked: false },
          integrity: npm?.integrity ?? null,
        }
      : null;
  return {
    name: nameFrom(server.name.split('/').at(-1) ?? server.name),
    title: server.title ?? server.name,
    description: server.description,
    version: server.version === '' ? null : server.version,
    author: server.name.split('/')[0] ?? null,
    ...{ command: launch.command, args: [...launch.args], cwd: null, env: { ...launch.env }, secretEnv: { ...launch.secretEnv } },
    remote: launch.remote && {
      ...launch.remote,
      headers: { ...launch.remote.headers },
      secretHeaders: { ...launch.remote.secretHeaders },
    },
    bundle: null,
    package: of,
    registry: registryOf(said),
    fields: launch.fields.map(copied),
    missing: [...launch.missing],
    warnings: [...launch.warnings, ...(way.kind === 'package' ? fetched(launch.command, npm) : []), ...statusWarning(said.entry.status)],
  };
}

function fetched(command: string, npm: InNpm | null): string[] {
  if (npm === null) return [`${command} fetches the package when it starts, with whatever else that package asks for.`];
  if (npm.why !== null) return [`${npm.why} It cannot be added until then.`];
  return ['npm fetches whatever else the package asks for; of that, nothing is held to what it was today.'];
}

const registryOf = ({ address, at, offline, entry }: Said & { entry: Entry }): NonNullable<Candidate['registry']> => ({
  ...{ address, at, offline, id: entry.server.name, status: entry.status, publishedAt: entry.publishedAt },
});

const statusWarning = (status: string | null) => {
  if (status === 'deleted') return ['The registry has taken it back. Do not add it unless you know why.'];
  return status === 'deprecated' ? ['The registry calls it outdated: it may get no repairs.'] : [];
};

const copied = ({ usual, choices, min, max, ...rest }: RegistryLaunch['fields'][number]): Candidate['fields'][number] => ({
  ...rest,
  usual: [...usual],
  choices: [...choices],
  ...(min === undefined ? {} : { min }),
  ...(max === undefined ? {} : { max }),
});
