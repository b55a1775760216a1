// `doctor --scan` as a command: what clients have and what leaks, with no broker and nothing installed.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { gatehouse } from './gatehouse.ts';

const home = mkdtempSync(join(tmpdir(), 'gatehouse-scan-'));
afterAll(() => rmSync(home, { recursive: true }));

test('entries, leaks and broken files are told; no value is, and no file changes', async () => {
  const key = 'ghp_0123456789abcdefghij0123456789abcdef';
  const text = JSON.stringify({ mcpServers: { gh: { command: 'npx', args: ['-y', 'x'], env: { GITHUB_TOKEN: key } } } });
  mkdirSync(join(home, '.cursor'));
  writeFileSync(join(home, '.cursor', 'mcp.json'), text, { mode: 0o644 });
  mkdirSync(join(home, '.codex'));
  writeFileSync(join(home, '.codex', 'config.toml'), 'model = ');
  const how = { home: join(home, 'nothing'), env: { HOME: home, XDG_CONFIG_HOME: '' } };
  const json = await gatehouse(['doctor', '--scan', '--json'], how);
  const { checks, scan } = JSON.parse(json.out) as {
    checks: { name: string; state: string }[];
    scan: { files: { client: string; entries: { name: string; managed: boolean }[] }[]; leaks: { code: string }[]; unreadable: unknown[] };
  };
  expect(checks.find(({ name }) => name === 'clients')).toMatchObject({ state: 'warning' });
  expect(scan.files).toMatchObject([{ client: 'cursor', entries: [{ name: 'gh', managed: false }] }]);
  expect(scan.leaks.map(({ code }) => code)).toEqual(['wide-file', 'unmanaged', 'plaintext-key', 'unpinned-package']);
  expect(scan.unreadable).toMatchObject([{ client: 'codex', why: expect.stringContaining('not TOML') }]);
  const words = await gatehouse(['doctor', '--scan'], how);
  expect(words.out).toContain('1 entry goes past Gatehouse');
  expect(json.out + words.out).not.toContain(key);
  expect(readFileSync(join(home, '.cursor', 'mcp.json'), 'utf8')).toBe(text);
});
