// What a bundle says of itself and how it wants to be started (manifest.json, versions 0.1 to 0.4). Its claims, checked for form only.
import { z } from 'zod';
import { malformed } from './entry-name.ts';

const versions = ['0.1', '0.2', '0.3', '0.4'] as const;
const words = (most: number) => z.string().max(most);

const command = z.object({
  command: words(4096).min(1),
  args: z.array(words(8192)).max(256).optional(),
  env: z.record(words(256), words(32_768)).optional(),
});

const option = z.object({
  type: z.enum(['string', 'number', 'boolean', 'directory', 'file']),
  title: words(200),
  description: words(4000),
  required: z.boolean().optional(),
  default: z.union([words(8192), z.number(), z.boolean(), z.array(words(8192)).max(100)]).optional(),
  multiple: z.boolean().optional(),
  sensitive: z.boolean().optional(),
  min: z.number().optional(),
  max: z.number().optional(),
});

/** Names that a reader could take for something else have no place in a template. */
const optionName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/);

const manifest = z
  .object({
    manifest_version: z.enum(versions).optional(),
    dxt_version: z.enum(versions).optional(),
    name: words(200).min(1),
    display_name: words(200).optional(),
    version: words(64).min(1),
    description: words(8000),
    author: z.object({ name: words(200) }),
    server: z.object({
      type: z.enum(['python', 'node', 'binary', 'uv']),
      entry_point: words(512),
      mcp_config: command.extend({ platform_overrides: z.record(words(32), command.partial()).optional() }).optional(),
    }),
    compatibility: z.object({ platforms: z.array(words(32)).max(16).optional() }).optional(),
    user_config: z.record(optionName, option).optional(),
  })
  .refine((one) => one.manifest_version !== undefined || one.dxt_version !== undefined, { message: 'manifest_version is missing' })
  .refine((one) => one.server.mcp_config !== undefined || one.server.type === 'uv', { message: 'server.mcp_config is missing' });

export type Manifest = z.infer<typeof manifest>;
export type ManifestOption = z.infer<typeof option>;

/** @throws GatehouseError refused, naming the first thing that does not fit */
export function readManifest(text: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw malformed('its manifest.json is not JSON');
  }
  const read = manifest.safeParse(value);
  if (read.success) return read.data;
  const first = read.error.issues[0];
  throw malformed(`its manifest.json does not fit (${[first?.path.join('.'), first?.message].filter(Boolean).join(': ').slice(0, 200)})`);
}
