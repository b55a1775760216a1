// Variables in an entry, filled in as its client would: only with what is known here, so that what stays unknown is said and not guessed.
import { parseEnv } from 'node:util';
import { referenceTo } from '../../shared/secret-reference.ts';
import type { Dialect, Place } from './kind.ts';
import type { Launch } from './launch.ts';
import { at, type Machine } from './machine.ts';

export interface Known {
  readonly machine: Machine;
  readonly place: Place;
  readonly expands: Dialect['expands'];
  /** Whether a secret of this name is in the vault: what a client would ask for is taken from there. */
  hasSecret(name: string): boolean;
}

/** The launch with every variable filled in; or why that cannot be done, in the middle of a sentence. */
export function expanded(launch: Launch, known: Known): Launch | { readonly kind: 'unclear'; readonly why: string } {
  const problems = new Set<string>();
  const fill = (text: string) => filled(text, known, problems);
  const all = (map: Readonly<Record<string, string>>) => Object.fromEntries(Object.entries(map).map(([key, text]) => [key, fill(text)]));
  let result: Launch = launch;
  if (launch.kind === 'command') {
    const env = { ...fromFile(launch.envFile === null ? null : fill(launch.envFile), known, problems), ...all(launch.env) };
    const cwd = launch.cwd === null ? null : folder(fill(launch.cwd), known, problems);
    result = { ...launch, command: fill(launch.command), args: launch.args.map(fill), env, cwd, envFile: null };
  } else if (launch.kind === 'url') result = { ...launch, url: fill(launch.url), headers: all(launch.headers) };
  const [why] = problems;
  return why === undefined ? result : { kind: 'unclear', why };
}

function filled(text: string, known: Known, problems: Set<string>): string {
  if (known.expands === 'shell') {
    return text.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}|\$([A-Za-z_][A-Za-z0-9_]*)/g, (whole, name, otherwise, bare) => {
      // Claude Code fills in only what stands in braces.
      if (bare !== undefined) return known.machine.env[bare as string] ?? whole;
      if (name === 'CLAUDE_PROJECT_DIR') return project(known, problems);
      return fromEnvironment(name as string, otherwise as string | undefined, known, problems);
    });
  }
  if (known.expands === 'colon') return text.replace(/\$\{([^}]+)\}/g, (whole, name: string) => colon(name, whole, known, problems));
  if (known.expands === 'braces') {
    return text.replace(/\{(env|file):([^}]+)\}/g, (_, what: string, name: string) => {
      if (what === 'env') return fromEnvironment(name, undefined, known, problems);
      try {
        return known.machine
          .read(name.replace(/^~(?=\/)/, known.machine.home))
          .toString('utf8')
          .trim();
      } catch {
        problems.add(`it reads the file ${name}, which cannot be read here`);
        return '';
      }
    });
  }
  return text;
}

function colon(name: string, whole: string, known: Known, problems: Set<string>): string {
  const { machine } = known;
  if (name === 'userHome') return machine.home;
  if (name === 'pathSeparator' || name === '/') return machine.platform === 'win32' ? '\\' : '/';
  if (name === 'workspaceFolder' || name === 'workspaceRoot') return project(known, problems);
  if (name === 'workspaceFolderBasename') return project(known, problems).split(/[\\/]/).at(-1) ?? '';
  if (name.startsWith('env:')) return fromEnvironment(name.slice(4), undefined, known, problems);
  if (name.startsWith('input:')) {
    const id = name.slice(6);
    if (known.hasSecret(id)) return referenceTo(id);
    problems.add(
      `its client asks for "${id}", which is not in the vault (put it there with "gatehouse secret set ${id}", then import again)`,
    );
    return '';
  }
  problems.add(`it uses ${whole}, which only its client can fill in`);
  return '';
}

function project({ place }: Known, problems: Set<string>): string {
  if (place.project !== null) return place.project;
  problems.add('it depends on the project its client is opened in');
  return '';
}

function fromEnvironment(name: string, otherwise: string | undefined, { machine }: Known, problems: Set<string>): string {
  const value = machine.env[name] || otherwise;
  if (value === undefined) problems.add(`it takes ${name} from the environment, where it is not set now`);
  return value ?? '';
}

function folder(path: string, known: Known, problems: Set<string>): string {
  const { machine } = known;
  if (path.startsWith('~')) return at(machine, machine.home, path.slice(1));
  if (/^(?:[\\/]|[A-Za-z]:[\\/])/.test(path)) return path;
  return at(machine, project(known, problems), path);
}

function fromFile(path: string | null, known: Known, problems: Set<string>): Record<string, string> {
  if (path === null || problems.size > 0) return {};
  try {
    return parseEnv(known.machine.read(path).toString('utf8')) as Record<string, string>;
  } catch {
    problems.add(`it reads its environment from ${path}, which cannot be read here`);
    return {};
  }
}
