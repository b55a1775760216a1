// Which package a program comes from: by its place on the disk or its runner's words, never by the interpreter it runs in.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { packageOf } from '../../broker/forward/package-identity.ts';

const root = mkdtempSync(join(tmpdir(), 'gatehouse-package-'));
const own = join(root, 'node_modules', '@acme', 'server');
mkdirSync(join(own, 'dist'), { recursive: true });
mkdirSync(join(root, 'node_modules', '.bin'));
writeFileSync(join(own, 'package.json'), '{"name":"@acme/server","version":"1.2.3"}');
writeFileSync(join(own, 'dist', 'index.js'), '');
writeFileSync(join(root, 'own.js'), '');
symlinkSync(join(own, 'dist', 'index.js'), join(root, 'node_modules', '.bin', 'acme'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const built = { name: 'npm:@acme/server', version: '1.2.3', integrity: null, scripts: false };
test.each<[string, string[], { name: string; version: string | null; integrity?: string | null; scripts?: boolean } | null]>([
  ['/usr/bin/node', [join(own, 'dist', 'index.js'), 'stdio'], built],
  ['/usr/bin/node', ['--disable-sigusr1', join(own, 'dist', 'index.js')], built],
  [join(root, 'node_modules', '.bin', 'acme'), [], built],
  [process.execPath, [join(root, 'own.js')], null],
  [process.execPath, [], null],
  ['/usr/bin/npx', ['-y', '@acme/server@1.2.3', '/home/a'], { name: 'npm:@acme/server', version: '1.2.3' }],
  ['/usr/bin/npx', ['-y', '@acme/server@latest'], { name: 'npm:@acme/server', version: null }],
  ['/usr/bin/npx', ['-y', '@acme/server'], { name: 'npm:@acme/server', version: null }],
  ['/usr/bin/uvx', ['mcp-server-git==2.0.1', '--repository', '/w'], { name: 'pypi:mcp-server-git', version: '2.0.1' }],
  ['/usr/local/bin/github-mcp-server', ['stdio'], null],
])('%s %j', (command, args, expected) => {
  expect(packageOf(command, args)).toEqual(expected);
});
