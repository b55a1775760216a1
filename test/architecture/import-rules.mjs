// Checks every import against territories.mjs. `--root DIR` checks another tree (tests plant violations there).
// Fails too when a file belongs to no territory, and when fewer modules were seen than there are files:
// dependency-cruiser with the wrong TypeScript sees 0 modules and calls that clean.
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cruise } from 'dependency-cruiser';
import { territories } from './territories.mjs';

const sources = /\.(ts|tsx|mts|cts|js|jsx|mjs|cjs)$/;
const passedOver = new Set(['node_modules', 'dist', 'out', 'coverage', 'test-results']);

/** Every source file under `folder`, as paths with forward slashes. */
export function sourceFiles(folder, prefix = '') {
  return readdirSync(join(folder, prefix), { withFileTypes: true }).flatMap((entry) => {
    if (entry.name.startsWith('.') || passedOver.has(entry.name)) return [];
    const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
    if (entry.isDirectory()) return sourceFiles(folder, path);
    return entry.isFile() && sources.test(entry.name) ? [path] : [];
  });
}

const inPackage = (name) => `node_modules/${name.replaceAll('.', '\\.')}/`;
const own = '(^|/)node_modules/(@types/)?';

/** Our territories in the words of dependency-cruiser; `$1` in a target is the first group of the file's path. */
function ruleSet() {
  const allowed = territories.flatMap(({ files, imports, packages, only, node }, index) => {
    // First match wins: a file is judged by no territory behind the one it belongs to.
    const before = territories.slice(0, index).map((other) => other.files);
    const from = { path: files, ...(before.length > 0 ? { pathNot: before } : {}) };
    return [
      ...imports.map((path) => ({ from, to: { path, pathNot: '(^|/)node_modules/' } })),
      ...(only ?? []).map((name) => ({ from, to: { path: inPackage(name) } })),
      ...(packages === 'product' ? [{ from, to: { path: own, dependencyTypes: ['npm'] } }] : []),
      ...(packages === 'any' ? [{ from, to: { path: own, dependencyTypes: ['npm', 'npm-dev'] } }] : []),
      ...(node ? [{ from, to: { dependencyTypes: ['core'] } }] : []),
    ];
  });
  return {
    forbidden: [
      // A cycle that holds only for types is none when it runs.
      { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
      { name: 'found', severity: 'error', from: {}, to: { couldNotResolve: true } },
    ],
    allowed,
    allowedSeverity: 'error',
  };
}

async function examine(root) {
  process.chdir(root);
  const files = sourceFiles(root);
  const problems = files
    .filter((file) => !territories.some((territory) => new RegExp(territory.files).test(file)))
    .map((file) => `${file}: no rule covers this file. Put it where CONTRIBUTING.md says, or name its place in territories.mjs.`);
  const top = readdirSync(root).filter((name) => files.some((file) => file === name || file.startsWith(`${name}/`)));
  const { output } = await cruise(top, {
    ruleSet: ruleSet(),
    validate: true,
    tsPreCompilationDeps: true,
    exclude: '^(dist|out|coverage|test-results|\\.cache)/',
    doNotFollow: 'node_modules',
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types'],
    },
  });
  const seen = new Set(output.modules.map((module) => module.source));
  const unseen = files.filter((file) => !seen.has(file));
  if (files.length === 0) problems.push('No source file was found: nothing was checked.');
  for (const file of unseen)
    problems.push(`${file}: dependency-cruiser did not see this file (is the package "typescript" still version 6?).`);
  const missing = new Set(output.summary.violations.filter(({ rule }) => rule.name === 'found').map(({ from, to }) => `${from} ${to}`));
  for (const { from, to, rule, cycle } of output.summary.violations) {
    // What is not there belongs to no territory; once is enough.
    if (rule.name === 'not-in-allowed' && missing.has(`${from} ${to}`)) continue;
    if (rule.name === 'no-cycle') problems.push(`${from}: imports itself by way of ${cycle.map((step) => step.name ?? step).join(' -> ')}`);
    else if (rule.name === 'found') problems.push(`${from}: imports ${to}, which is not there`);
    else problems.push(`${from}: may not import ${to}. A room imports shared/, libraries and its own files; start.ts hands it the rest.`);
  }
  return { files: files.length, modules: seen.size, problems };
}

const argument = process.argv.indexOf('--root');
const root = argument === -1 ? fileURLToPath(new URL('../..', import.meta.url)) : resolve(process.argv[argument + 1]);
if (!existsSync(root)) throw new Error(`${root} is not there`);
const { files, modules, problems } = await examine(root);
for (const problem of problems) console.error(problem);
console.log(`import rules: ${files} files, ${modules} modules seen, ${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);
