// Every sentence that the sources name exists in the catalogue, so that no key is ever shown to a person.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { en } from '../../renderer/strings/en.ts';

const root = join(import.meta.dirname, '../../renderer');
const found = (key: string): boolean => {
  const at = (path: string) => path.split('.').reduce<unknown>((node, part) => (node as Record<string, unknown> | undefined)?.[part], en);
  return typeof at(key) === 'string' || (typeof at(`${key}_one`) === 'string' && typeof at(`${key}_other`) === 'string');
};

it('has words for every key', () => {
  const missing: string[] = [];
  for (const file of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    if (!/\.tsx?$/.test(file)) continue;
    const source = readFileSync(join(root, file), 'utf8');
    for (const match of source.matchAll(/(?:\bt\(\s*|\bk=)'?"?([a-zA-Z][\w.]*)['"]/g))
      if (!found(match[1] ?? '')) missing.push(`${file}: ${match[1]}`);
  }
  expect(missing).toEqual([]);
});
