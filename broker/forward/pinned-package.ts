// A package of npm that was added with its integrity: looked at before each start, and before anything of it runs (T28).
import { mkdirSync, rmSync } from 'node:fs';
import { StartFailed } from './failures.ts';
import { buildOfNpx, folderOfNpx, runsScripts } from './installed-package.ts';
import type { ProcessLaunch } from './needs.ts';
import { type Npm, runNpm } from './npm.ts';

const installMs = 240_000;
/** By folder: two starts at once install it once. */
const installing = new Map<string, Promise<void>>();

/**
 * What npx would run is what was shown when it was added. Where it lies in npx's folder, nobody is asked; where it does not, npm installs it
 * there without running any of its scripts, and they run once its contents are the right ones.
 * @throws StartFailed for other contents, for a command that names something else, and where npm cannot install it
 */
export async function refuseOtherBuild(launch: ProcessLaunch, npm: Npm, signal: AbortSignal): Promise<void> {
  const { server, args, package: pinned } = launch;
  if (pinned === undefined) return;
  const { name, version, integrity } = pinned;
  const spec = `${name}@${version}`;
  // Without a folder of ours npx would take a copy that lies in the folder it is started in, and that project's configuration.
  const prefix = args.find((word) => word.startsWith('--prefix='))?.slice('--prefix='.length);
  if (!args.includes(spec) || prefix === undefined) throw held(server, `its command does not name ${spec} as it was added`);
  mkdirSync(prefix, { recursive: true, mode: 0o700 });
  const folder = folderOfNpx(spec, npm.cache);
  // Without an integrity it is half installed, or somebody took it away.
  if (!buildOfNpx(spec, name, npm.cache)?.integrity) {
    const under = installing.get(folder) ?? install(launch, npm, { spec, prefix, folder, integrity, name }, signal);
    installing.set(folder, under);
    await under.finally(() => installing.delete(folder));
  }
  const found = buildOfNpx(spec, name, npm.cache);
  if (found?.version !== version || found.integrity !== integrity)
    throw held(
      server,
      `${spec} in ${folder} is not what was shown when it was added: ${found?.integrity ?? 'nothing'} in place of ${integrity}`,
    );
}

interface What {
  readonly spec: string;
  readonly name: string;
  readonly prefix: string;
  readonly folder: string;
  readonly integrity: string;
}

async function install({ server }: ProcessLaunch, npm: Npm, what: What, signal: AbortSignal): Promise<void> {
  const { spec, name, prefix, folder, integrity } = what;
  const away = () => rmSync(folder, { recursive: true, force: true });
  away();
  // The folder is the one that npx uses for this package: it is named after what was asked for, which is the same.
  const words = ['exec', '--yes', '--ignore-scripts', `--prefix=${prefix}`, `--package=${spec}`, '--', 'node', '-e', '0'];
  const installed = await runNpm(npm, words, prefix, installMs, signal);
  if (!installed.ok) {
    away();
    throw new StartFailed(
      server,
      `npm could not install ${spec} (${installed.code})`,
      'See whether npm reaches its registry, and call again.',
    );
  }
  const found = buildOfNpx(spec, name, npm.cache);
  if (found?.integrity !== integrity) {
    away();
    throw held(
      server,
      `npm now has other contents for ${spec} than were shown when it was added: ${found?.integrity ?? 'none it can prove'} in place of ${integrity}`,
    );
  }
  if (!runsScripts(folder)) return;
  const built = await runNpm(npm, ['rebuild'], folder, installMs, signal);
  if (built.ok) return;
  away();
  throw new StartFailed(
    server,
    `what ${spec} runs when it is installed failed (${built.code})`,
    'See `npm help install`, or choose another version.',
  );
}

const held = (server: string, why: string) =>
  new StartFailed(
    server,
    why,
    `Nothing of it ran. Look at what there is now: gatehouse server update ${server} --registry ID (gatehouse server show ${server}).`,
  );
