// Our own bundle: its form holds for the format's own checker, our opener takes it, and what it runs connects a client that is paired.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unpackExtension, v0_3 } from '@anthropic-ai/mcpb';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { expect, onTestFinished, test } from 'vitest';
import { buildBundle } from '../../bin/build-bundle.mjs';
import { launchOfBundle } from '../../broker/acquire/bundle-launch.ts';
import { openBundle } from '../../broker/acquire/open-bundle.ts';
import { checkout, closeHouse, openHouse } from '../support/house.ts';
import { operate } from '../support/operate.ts';
import { cleanEnvironment } from '../support/run.ts';

test('gatehouse.mcpb is well formed, the same each time, and connects', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-own-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'gatehouse.mcpb');
  const { sha256 } = await buildBundle(path);
  const bytes = readFileSync(path);
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);

  // The format's own library unpacks it, and finds its manifest in order.
  const unpacked = join(folder, 'unpacked');
  expect(await unpackExtension({ mcpbPath: path, outputDir: unpacked, silent: true })).toBe(true);
  expect(v0_3.McpbManifestSchema.safeParse(JSON.parse(readFileSync(join(unpacked, 'manifest.json'), 'utf8'))).error).toBeUndefined();

  const bundle = await openBundle(bytes);
  expect(bundle.files.map(({ path: name }) => name)).toEqual(['manifest.json', 'LICENSE', 'server/connect.mjs']);
  const machine = { platform: process.platform, userHome: folder };
  const { launch, missing } = launchOfBundle(bundle.manifest, unpacked, [], { config: { client: 'desk' }, secretConfig: {} }, machine);
  expect([launch.command, missing]).toEqual(['node', []]);
  expect(launch.args).toEqual([join(unpacked, 'server', 'connect.mjs'), 'connect', '--client', 'desk']);

  const house = await openHouse();
  onTestFinished(() => closeHouse(house));
  const server = join(checkout, 'test', 'support', 'servers', 'curious.ts');
  await operate(house.ready, 'server/add', { name: 'curious', command: process.execPath, args: [server], accept: true });
  await operate(house.ready, 'client/add', { name: 'desk', servers: 'all' });
  const client = new Client({ name: 'desk', version: '1' });
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [...launch.args],
      cwd: unpacked,
      env: { ...cleanEnvironment(), GATEHOUSE_HOME: house.home },
      stderr: 'pipe',
    }),
  );
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toContain('curious__env');
  await client.close();
  // Nothing else can be done with it.
  expect(() => execFileSync(process.execPath, [join(unpacked, 'server', 'connect.mjs'), 'approve', 'x'], { stdio: 'pipe' })).toThrow(
    /does nothing else/,
  );
}, 120_000);
