// Writes what lies beside the app in its package, into dist/papers: the licences of everything in it, a bill of materials (CycloneDX, made by
// npm), and what it was built from. The same commit gives the same bytes.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './node24.mjs';
import { consolePackages, packedPackages } from './packages.mjs';

export const papers = join(root, 'dist', 'papers');
const read = (...path) => readFileSync(join(root, ...path), 'utf8');

/** Everything in the package that is not ours; Electron brings its own and Chromium's licences beside its binary. */
export function everyPackage() {
  const all = new Map([...packedPackages(), ...consolePackages()].map((one) => [one.path, one]));
  return [...all.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The texts a package brings: its licence and, where it has one, its notice. */
function texts(path) {
  return readdirSync(join(root, path))
    .filter((name) => /^(licen[cs]e|copying|notice|unlicense)([.-]|$)/i.test(name) && !/\.(js|json|ts|html)$/i.test(name))
    .sort()
    .map((name) => read(path, name).trim());
}

export function licences() {
  const parts = everyPackage().map(({ path, name, version, licence }) => {
    const found = texts(path);
    const said = found.length > 0 ? found.join('\n\n') : `The package brings no text of its own; it is published under ${licence}.`;
    return `${name} ${version} (${licence})\n${'-'.repeat(70)}\n${said}\n`;
  });
  const node = ['node_modules/node/LICENSE', 'node_modules/electron/LICENSE'].find((path) => existsSync(join(root, path)));
  return [
    `Gatehouse\n${'-'.repeat(70)}\n${read('LICENSE').trim()}\n`,
    ...parts,
    `Node.js and Electron\n${'-'.repeat(70)}\n${node ? `${read(node).trim()}\n` : ''}Node.js: https://github.com/nodejs/node/blob/main/LICENSE\n`,
  ].join('\n\n');
}

/** npm's own list of the whole tree, cut to what is packed, without what differs from run to run. */
export function billOfMaterials() {
  const made = spawnSync('npm', ['sbom', '--sbom-format=cyclonedx', '--package-lock-only'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    shell: process.platform === 'win32',
  });
  if (made.status !== 0) throw new Error(`npm sbom: ${made.error?.message ?? made.stderr}`);
  const { serialNumber: _, ...bill } = JSON.parse(made.stdout);
  const folder = (path) => path.slice(path.lastIndexOf('node_modules/') + 13);
  // npm knows a package under an alias by the one name or the other.
  const wanted = new Set(everyPackage().flatMap(({ path, name, version }) => [`${name}@${version}`, `${folder(path)}@${version}`]));
  const components = bill.components.filter(({ group, name, version }) => wanted.has(`${group ? `${group}/` : ''}${name}@${version}`));
  const refs = new Set([bill.metadata.component['bom-ref'], ...components.map((component) => component['bom-ref'])]);
  const dependencies = bill.dependencies
    .filter(({ ref }) => refs.has(ref))
    .map((one) => ({ ...one, dependsOn: (one.dependsOn ?? []).filter((ref) => refs.has(ref)) }));
  delete bill.metadata.timestamp;
  return { ...bill, components, dependencies };
}

/** Version, commit and lock file: enough to build the same again. */
export function origin() {
  const git = (...args) => spawnSync('git', args, { cwd: root, encoding: 'utf8' }).stdout?.trim() || null;
  return {
    version: JSON.parse(read('package.json')).version,
    commit: git('rev-parse', 'HEAD'),
    committedAt: git('log', '-1', '--format=%cI'),
    lockfile: createHash('sha256').update(read('package-lock.json')).digest('hex'),
  };
}

export function writePapers() {
  mkdirSync(papers, { recursive: true });
  writeFileSync(join(papers, 'LICENCES.txt'), licences());
  writeFileSync(join(papers, 'sbom.cdx.json'), `${JSON.stringify(billOfMaterials(), null, 1)}\n`);
  writeFileSync(join(papers, 'origin.json'), `${JSON.stringify(origin(), null, 1)}\n`);
}
