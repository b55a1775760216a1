import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const checker = join(root, 'test', 'architecture', 'import-rules.mjs');
const planted: string[] = [];
afterEach(() => {
  for (const folder of planted.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Runs the checker over a small tree of its own that holds `files`, each as path -> text. */
function check(files: Record<string, string>): { code: number | null; said: string } {
  const tree = mkdtempSync(join(tmpdir(), 'gatehouse-rules-'));
  planted.push(tree);
  symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'), 'junction');
  const sound = {
    'package.json': readFileSync(join(root, 'package.json'), 'utf8'),
    'shared/word.ts': "import { z } from 'zod';\nexport const word = z.string();\n",
    'broker/vault/vault.ts': "import { word } from '../../shared/word.ts';\nexport const vault = word;\n",
    'broker/host/peer.ts': "import { openSync } from 'node:fs';\nexport const peer = openSync;\n",
    'broker/start.ts': "import { vault } from './vault/vault.ts';\nexport const start = vault;\n",
    'broker/cli/serve.ts':
      "import { start } from '../start.ts';\nimport { peer } from '../host/peer.ts';\nexport const serve = [start, peer];\n",
    'electron/main.ts': "import { app } from 'electron';\nimport { start } from '../broker/start.ts';\nexport const main = [app, start];\n",
    'renderer/page.ts':
      "import { word } from '../shared/word.ts';\nimport { createElement } from 'react';\nexport const page = [word, createElement];\n",
  };
  for (const [path, text] of Object.entries({ ...sound, ...files })) {
    mkdirSync(join(tree, dirname(path)), { recursive: true });
    writeFileSync(join(tree, path), text);
  }
  const run = spawnSync(process.execPath, [checker, '--root', tree], { encoding: 'utf8' });
  return { code: run.status, said: run.stdout + run.stderr };
}

const violations: [string, string, string][] = [
  ['a room that reaches into another', 'broker/mediate/plant.ts', '../vault/vault.ts'],
  ['a room that borrows only a type from another', 'broker/mediate/plant.ts', 'type:../vault/vault.ts'],
  ['a room that imports the constructor', 'broker/record/plant.ts', '../start.ts'],
  ['a room that uses a package meant for building', 'broker/wire/plant.ts', 'vite'],
  ['the broker that knows Electron', 'broker/receive/plant.ts', 'electron'],
  ['the shell past start.ts', 'electron/plant.ts', '../broker/vault/vault.ts'],
  ['the console that knows the broker', 'renderer/plant.ts', '../broker/vault/vault.ts'],
  ['the console that knows Node', 'renderer/plant.ts', 'node:fs'],
  ['the vocabulary with another library', 'shared/plant.ts', 'commander'],
  ['the vocabulary that knows Node', 'shared/plant.ts', 'node:fs'],
  ['the command line past its doors', 'broker/cli/plant.ts', '../vault/vault.ts'],
  ['the product that imports a test', 'broker/host/plant.ts', '../../test/thing.ts'],
  ['an import of nothing', 'broker/host/plant.ts', './not-there.ts'],
];

describe('the import rules', () => {
  it('pass a sound tree and count what they saw', () => {
    const { code, said } = check({});
    expect(said).toMatch(/7 files, \d+ modules seen, 0 problems/);
    expect(code).toBe(0);
  });

  it.each(violations)('catch %s', (_, path, target) => {
    const line = target.startsWith('type:') ? `import type * as plant from '${target.slice(5)}';` : `import * as plant from '${target}';`;
    const { code, said } = check({ [path]: `${line}\nexport type Plant = typeof plant;\n`, 'test/thing.ts': 'export const thing = 1;\n' });
    expect(said).toContain(path);
    expect(said).toMatch(/may not import|which is not there/);
    expect(code).toBe(1);
  });

  it('catch a cycle', () => {
    const { code, said } = check({
      'broker/wire/one.ts': "import { two } from './two.ts';\nexport const one = () => two;\n",
      'broker/wire/two.ts': "import { one } from './one.ts';\nexport const two = () => one;\n",
    });
    expect(said).toContain('imports itself by way of');
    expect(code).toBe(1);
  });

  it.each(['broker/newroom/plant.ts', 'tools/plant.mjs', 'broker/plant.ts', 'plant.ts'])('catch a file nobody covers: %s', (path) => {
    const { code, said } = check({ [path]: 'export const plant = 1;\n' });
    expect(said).toContain(`${path}: no rule covers this file`);
    expect(code).toBe(1);
  });

  it('hold for this tree, and see all of it', () => {
    const run = spawnSync(process.execPath, [checker], { encoding: 'utf8' });
    expect(run.stderr).toBe('');
    const [, files, modules] = run.stdout.match(/(\d+) files, (\d+) modules seen, 0 problems/) ?? [];
    expect(Number(files)).toBeGreaterThan(20);
    expect(Number(modules)).toBeGreaterThanOrEqual(Number(files));
  });
});
