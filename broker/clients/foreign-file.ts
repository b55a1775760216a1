// A configuration file named by a person: whose it is, by where it stands, by its name, or by what it holds.

import { parseJson } from './json.ts';
import { type ClientFile, type ClientKind, jsonFile } from './kind.ts';
import { kinds } from './kinds.ts';
import type { Machine } from './machine.ts';
import { isRecord } from './tree.ts';

/** By the key that holds the entries. `mcpServers` is spelled alike nearly everywhere. */
const byKey = { servers: 'vscode', context_servers: 'zed', mcp: 'opencode', mcpServers: 'claude-code' } as const;

export function foreignFile(machine: Machine, path: string): { kind: ClientKind; file: ClientFile } | null {
  for (const kind of kinds) {
    const file = kind.files(machine).find((one) => one.path === path);
    if (file) return { kind, file };
  }
  if (machine.look(path) === null) return null;
  const named = (name: string) => kinds.find((kind) => kind.name === name);
  const ofKind = (name: string, format: ClientFile['format']) => {
    const kind = named(name);
    const file = kind?.files(machine).find((one) => one.format === format);
    return kind && file ? { kind, file: { ...file, path } } : null;
  };
  if (/\.toml$/i.test(path)) return ofKind('codex', 'toml');
  if (/\.ya?ml$/i.test(path)) return ofKind('goose', 'yaml');
  let value: unknown = {};
  try {
    value = parseJson(
      machine
        .read(path)
        .toString('utf8')
        .replace(/^\uFEFF/, ''),
    ).value;
  } catch {
    // Whoever reads it next says what is wrong with it.
  }
  const key = (Object.keys(byKey) as (keyof typeof byKey)[]).find((one) => isRecord(value) && isRecord(value[one]));
  const kind = named(key === undefined ? 'claude-code' : byKey[key]);
  return kind ? { kind, file: jsonFile(path, key ?? 'mcpServers') } : null;
}
