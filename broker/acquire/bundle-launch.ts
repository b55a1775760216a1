// How a bundle is started here: its own command with this system's overrides, its places and the operator's answers filled in.
import { posix, win32 } from 'node:path';
import { GatehouseError } from '../../shared/errors.ts';
import { type Answers, answered, type Field } from './fields.ts';
import type { Manifest, ManifestOption } from './manifest.ts';
import { fill, type Given } from './template.ts';

/** The machine, as far as a bundle may ask for it. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly userHome: string;
}

export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly secretEnv: Readonly<Record<string, string>>;
}

export interface BundleLaunch {
  readonly launch: Launch;
  readonly fields: readonly Field[];
  readonly missing: readonly string[];
  readonly warnings: readonly string[];
}

function places({ platform, userHome }: Machine): Readonly<Record<string, string>> {
  const { join, sep } = platform === 'win32' ? win32 : posix;
  return {
    HOME: userHome,
    DESKTOP: join(userHome, 'Desktop'),
    DOCUMENTS: join(userHome, 'Documents'),
    DOWNLOADS: join(userHome, 'Downloads'),
    pathSeparator: sep,
    '/': sep,
  };
}

function fieldOf(key: string, option: ManifestOption, machine: Machine): Field {
  const usual = option.default === undefined ? [] : Array.isArray(option.default) ? option.default : [String(option.default)];
  const known = places(machine);
  return {
    key,
    title: option.title,
    description: option.description,
    type: option.type,
    required: option.required === true,
    secret: option.sensitive === true,
    multiple: option.multiple === true && (option.type === 'directory' || option.type === 'file'),
    usual: option.sensitive === true ? [] : usual.map((text) => fill(text, 'bundle', (name) => known[name]).text),
    choices: [],
    min: option.min,
    max: option.max,
  };
}

/**
 * @param folder where the bundle is or will be unpacked; absolute
 * @param paths its files, for programs that Windows finds by another name
 * @throws GatehouseError refused for another system's bundle; usage for answers that do not fit
 */
export function launchOfBundle(
  manifest: Manifest,
  folder: string,
  paths: readonly string[],
  answers: Answers,
  machine: Machine,
): BundleLaunch {
  const platforms = manifest.compatibility?.platforms;
  if (platforms && platforms.length > 0 && !platforms.includes(machine.platform))
    throw new GatehouseError(
      'refused',
      `This bundle says that it runs on ${platforms.join(', ')}, and this is ${machine.platform}.`,
      'Ask whoever made it for one that runs here.',
    );
  const fields = Object.entries(manifest.user_config ?? {}).map(([key, option]) => fieldOf(key, option, machine));
  const { values, missing } = answered(fields, answers);
  const config = configOf(manifest, machine);
  const known = places(machine);
  const warnings: string[] = [];
  const left = new Set<string>();
  const find = (name: string): Given | null | undefined => {
    if (name === '__dirname') return folder;
    if (Object.hasOwn(known, name)) return known[name];
    if (name.startsWith('user_config.')) return values.get(name.slice('user_config.'.length)) ?? null;
    left.add(name);
    return undefined;
  };
  const { join, isAbsolute } = machine.platform === 'win32' ? win32 : posix;
  let command = fill(config.command, 'bundle', find).text;
  // A program inside the bundle, told by a relative path: never one of the PATH that happens to have the name.
  if (/[\\/]/.test(command) && !isAbsolute(command)) command = join(folder, command);
  const exe = `${command}.exe`;
  if (machine.platform === 'win32' && paths.some((path) => join(folder, path) === exe)) command = exe;
  const args = (config.args ?? []).flatMap((arg) => {
    const alone = /^\$\{user_config\.([^}]+)\}$/.exec(arg)?.[1];
    const several = alone === undefined ? undefined : values.get(alone);
    if (Array.isArray(several)) return [...several];
    const { text, nothing } = fill(arg, 'bundle', find);
    return nothing ? [] : [text];
  });
  const env: Record<string, string> = {};
  const secretEnv: Record<string, string> = {};
  for (const [key, template] of Object.entries(config.env ?? {})) {
    const alone = /^\$\{user_config\.([^}]+)\}$/.exec(template)?.[1];
    const value = alone === undefined ? undefined : values.get(alone);
    if (value !== undefined && typeof value === 'object' && 'secret' in value) secretEnv[key] = value.secret;
    else if (Array.isArray(value)) env[key] = value.join(machine.platform === 'win32' ? ';' : ':');
    else {
      const { text, nothing } = fill(template, 'bundle', find);
      if (!nothing) env[key] = text;
    }
  }
  // What Python writes beside its sources would be program files that nobody looked at.
  if (manifest.server.type === 'python' || manifest.server.type === 'uv') env.PYTHONDONTWRITEBYTECODE ??= '1';
  for (const name of left) warnings.push(`It names \${${name}}, which means nothing here and is left as it stands.`);
  if (args.some((arg) => arg.includes('${secret:')))
    warnings.push('A secret is part of its command line, where other programs of yours can read it while it runs.');
  return { launch: { command, args, cwd: folder, env, secretEnv }, fields, missing, warnings };
}

/** `${__dirname}`: where the bundle is. */
const here = `\${${'__dirname'}}`;

function configOf({ server }: Manifest, { platform }: Machine): { command: string; args?: string[]; env?: Record<string, string> } {
  const config = server.mcp_config ?? { command: 'uv', args: ['run', '--directory', here, server.entry_point] };
  const over = 'platform_overrides' in config ? config.platform_overrides?.[platform] : undefined;
  const args = over?.args ?? config.args;
  const env = over?.env ?? ('env' in config ? config.env : undefined);
  return { command: over?.command ?? config.command, ...(args ? { args } : {}), ...(env ? { env } : {}) };
}
