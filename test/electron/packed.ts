// electron-builder's own view of electron-builder.yml, for tests: its configuration code and its file matchers, wherever npm put them.
import { cpSync, existsSync, lstatSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isBuilt } from '../../bin/build-executable.mjs';
import { packedPackages } from '../../bin/packages.mjs';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const builder = createRequire(createRequire(import.meta.url).resolve('electron-builder'));
const { getConfig, validateConfiguration } = builder('app-builder-lib/out/util/config/config') as {
  getConfig(folder: string, file: string, options: null): Promise<Configuration>;
  validateConfiguration(config: object, log: { isEnabled: boolean }): Promise<void>;
};
type Matcher = { createFilter(): (path: string, stat: { isDirectory(): boolean }) => boolean };
type Expand = (text: string) => string;
const { getMainFileMatchers, getNodeModuleFileMatcher } = builder('app-builder-lib/out/fileMatcher') as {
  getMainFileMatchers(app: string, to: string, expand: Expand, own: object, packager: object, out: string, compile: boolean): Matcher[];
  getNodeModuleFileMatcher(app: string, to: string, expand: Expand, own: object, packager: object): Matcher;
};

export interface Configuration {
  files: string[] | { filter: string[] }[];
  asar: boolean;
  asarUnpack: string[];
  extraResources: { from: string; to: string }[];
  protocols: { schemes: string[] }[];
  electronFuses: Record<string, boolean>;
  directories: { buildResources: string };
  mac: { target: unknown[]; hardenedRuntime: boolean };
  win: { target: unknown[] };
  nsis: { include: string };
  deb: { fpm: string[] };
  rpm: { fpm: string[] };
  linux: { target: unknown[]; executableName: string };
}

export const readConfiguration = (): Promise<Configuration> => getConfig(root, 'electron-builder.yml', null);
/** Rejects where electron-builder's own schema does. */
export const validate = (config: object): Promise<void> => validateConfiguration(config, { isEnabled: false });

function filesBelow(folder: string, keep: (path: string, stat: { isDirectory(): boolean }) => boolean): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    const stat = lstatSync(path);
    if (stat.isDirectory()) return filesBelow(path, keep);
    return keep(path, stat) ? [path] : [];
  });
}

/** Every file the archive would hold, from the root of the checkout: ours by electron-builder's filter, and those of the packages it needs. */
export async function packedFiles(): Promise<string[]> {
  const config = await readConfiguration();
  const out = join(root, 'out');
  const packager = {
    info: {
      projectDir: root,
      buildResourcesDir: config.directories.buildResources,
      config,
      isPrepackedAppAsar: false,
      debugLogger: { isEnabled: false },
    },
  };
  const same: Expand = (text) => text;
  const [matcher] = getMainFileMatchers(root, out, same, {}, packager, out, false);
  if (matcher === undefined) throw new Error('electron-builder has no filter for these files');
  const filter = matcher.createFilter();
  const own = readdirSync(root)
    .filter((name) => !['node_modules', '.git', '.cache', 'out'].includes(name))
    .flatMap((name) => {
      const path = join(root, name);
      return statSync(path).isDirectory() ? filesBelow(path, filter) : filter(path, statSync(path)) ? [path] : [];
    });
  const inModules = getNodeModuleFileMatcher(root, out, same, {}, packager.info).createFilter();
  // A package that lies inside another is walked for itself.
  const modules = packedPackages().flatMap(({ path }) =>
    filesBelow(join(root, path), (file, stat) => !relative(join(root, path), file).includes('node_modules') && inModules(file, stat)),
  );
  return [...own, ...modules].map((path) => relative(root, path).replaceAll('\\', '/')).sort();
}

/**
 * Lays out what an installer would: the archive's files, native modules beside it, executable and papers. The archive is a folder of its
 * name here: only Electron reads the packed form, and to everything else both look the same.
 */
export async function layOut(prefix: string): Promise<void> {
  const config = await readConfiguration();
  const resources = join(prefix, 'resources');
  const put = (from: string, to: string) => {
    mkdirSync(dirname(to), { recursive: true });
    cpSync(join(root, from), to, { recursive: true });
  };
  for (const file of await packedFiles()) {
    put(file, join(resources, 'app.asar', file));
    const unpacked = config.asarUnpack.map((glob) => glob.replace(/\*\*\/\*$/, '')).some((start) => file.startsWith(start));
    if (unpacked) put(file, join(resources, 'app.asar.unpacked', file));
  }
  for (const { from, to } of config.extraResources) {
    // An executable of other sources would be another program.
    if (existsSync(join(root, from)) && (from !== 'dist/bin' || isBuilt())) put(from, join(resources, to));
  }
}
