// Builds the command line into one executable, dist/bin/gatehouse: Node 24 with our bundle in it (a single executable application), so that
// AI clients can launch the connector on a computer without Node. `node bin/build-executable.mjs`; electron-builder packs dist/bin.
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { node24, root } from './node24.mjs';

const folder = join(root, 'dist', 'bin');
export const executable = join(folder, process.platform === 'win32' ? 'gatehouse.exe' : 'gatehouse');
const bundle = join(root, 'dist', 'executable', 'gatehouse.cjs');
const blob = join(root, 'dist', 'executable', 'gatehouse.blob');
/** Marks the place in Node's binary; part of Node's documentation of single executables. */
const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

/** Native modules lie outside the archive of the package, beside this executable's folder. */
const fromPackage = (name) =>
  `import { createRequire } from 'node:module';\nimport { dirname, join } from 'node:path';\n` +
  `export default createRequire(join(dirname(process.execPath), '..', 'app.asar.unpacked', 'package.json'))('${name}');\n`;

const inThePackage = {
  name: 'what the package has elsewhere',
  enforce: 'pre',
  resolveId(id) {
    if (['./serve.ts', './recover.ts', './at-rest.ts'].includes(id)) return join(root, 'broker', 'cli', 'in-the-app.ts');
    return id === 'keytar' ? '\0keytar' : null;
  },
  load: (id) => (id === '\0keytar' ? fromPackage('keytar') : null),
};

const sources = [
  'broker/cli',
  'broker/clients',
  'broker/host',
  'broker/identify',
  'broker/operate/request-proof.ts',
  'broker/record',
  'broker/wire/scan.ts',
  'shared',
  'package-lock.json',
  'bin/build-executable.mjs',
];

function newest(path) {
  const stat = statSync(path);
  return stat.isDirectory() ? Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name)))) : stat.mtimeMs;
}

/** True when it is there and not older than what it is made of. */
export const isBuilt = () =>
  existsSync(executable) && statSync(executable).mtimeMs > Math.max(...sources.map((name) => newest(join(root, name))));

/** A source that is not in the list would change, and what was built before would still count. */
function checkSources(built) {
  const modules = [built].flat().flatMap(({ output }) => output.flatMap(({ modules: own = {} }) => Object.keys(own)));
  const missed = modules
    .filter((id) => id.startsWith(root) && !id.includes('node_modules'))
    .map((id) => relative(root, id).replaceAll(sep, '/'))
    .filter((id) => !sources.some((source) => id === source || id.startsWith(`${source}/`)));
  if (missed.length > 0) throw new Error(`bin/build-executable.mjs does not know that the executable is made of ${missed.join(', ')}.`);
}

function run(program, args) {
  const { status, stderr, error } = spawnSync(program, args, { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr}`);
}

/** Path of what was built. @throws where this system cannot build it, saying why */
export async function buildExecutable() {
  const { build } = await import('vite');
  const built = await build({
    root,
    configFile: false,
    logLevel: 'warn',
    plugins: [inThePackage],
    ssr: { noExternal: true },
    build: {
      ssr: 'broker/cli/executable.ts',
      outDir: 'dist/executable',
      emptyOutDir: true,
      minify: true,
      target: 'node24',
      rolldownOptions: { output: { format: 'cjs', entryFileNames: 'gatehouse.cjs', codeSplitting: false } },
    },
  });
  checkSources(built);
  const config = join(root, 'dist', 'executable', 'sea.json');
  writeFileSync(
    config,
    JSON.stringify({
      main: bundle,
      output: blob,
      disableExperimentalSEAWarning: true,
      useCodeCache: true,
      execArgv: ['--disable-sigusr1'],
      // Else NODE_OPTIONS would run the code of whoever starts it, in our name.
      execArgvExtension: 'none',
    }),
  );
  const node = node24();
  run(node, ['--experimental-sea-config', config]);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  copyFileSync(node, executable);
  chmodSync(executable, 0o755);
  if (process.platform === 'darwin') run('codesign', ['--remove-signature', executable]);
  const { inject } = await import('postject');
  await inject(executable, 'NODE_SEA_BLOB', readFileSync(blob), { sentinelFuse: fuse, machoSegmentName: 'NODE_SEA' });
  // A signature of nobody's, so that macOS runs it here; the package is signed whole afterwards.
  if (process.platform === 'darwin') run('codesign', ['--sign', '-', executable]);
  return executable;
}

if (process.argv[1] === import.meta.filename) console.log(`Built ${await buildExecutable()}.`);
