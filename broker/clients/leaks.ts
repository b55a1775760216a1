// What is wrong with how clients reach servers now: keys in plain text, files others can read, packages without a version, open addresses.
import type { Discovery, FoundEntry } from './discover.ts';
import type { Machine } from './machine.ts';
import { plainSecrets } from './secrets.ts';

export interface Leak {
  readonly code: 'plaintext-key' | 'wide-file' | 'unpinned-package' | 'plain-http' | 'shell' | 'unmanaged';
  readonly severity: 'note' | 'warning' | 'serious';
  readonly client: string;
  readonly path: string;
  /** Null for what concerns the whole file. */
  readonly entry: string | null;
  /** Holds no value of any secret. */
  readonly says: string;
}

export function leaksOf({ files, entries }: Discovery, machine: Machine): Leak[] {
  const leaks: Leak[] = [];
  const keyed = new Set(entries.filter((entry) => plainSecrets(entry.meaning.launch).length > 0).map(({ file }) => file.path));
  if (machine.platform !== 'win32') {
    for (const { kind, path, mode } of files) {
      if (!keyed.has(path) || (mode & 0o077) === 0) continue;
      const who = (mode & 0o007) !== 0 ? 'every user of this computer' : 'your group';
      leaks.push({
        code: 'wide-file',
        severity: 'serious',
        client: kind.name,
        path,
        entry: null,
        says: `holds keys and can be read by ${who} (mode ${mode.toString(8)})`,
      });
    }
  }
  return [...leaks, ...entries.flatMap(ofEntry)];
}

function ofEntry(entry: FoundEntry): Leak[] {
  const { launch } = entry.meaning;
  const leak = (code: Leak['code'], severity: Leak['severity'], says: string): Leak => ({
    code,
    severity,
    client: entry.kind.name,
    path: entry.file.path,
    entry: entry.name,
    says,
  });
  if (entry.ours) return [];
  const leaks = [leak('unmanaged', 'note', 'is reached without Gatehouse: nothing is asked and nothing is logged')];
  for (const secret of plainSecrets(launch)) {
    const where = {
      env: `in its environment as ${secret.key}`,
      args: `in argument ${Number(secret.key) + 1}, where every program of this user can see it while it runs`,
      url: 'in its address',
      headers: `in its header ${secret.key}`,
    }[secret.in];
    const shared = entry.file.file.shared ? '; this file may be shared with the project' : '';
    leaks.push(leak('plaintext-key', 'serious', `a key or password stands in plain text ${where}${shared}`));
  }
  if (
    launch.kind === 'url' &&
    /^http:\/\//i.test(launch.url) &&
    !/^http:\/\/(?:localhost|127\.[0-9.]+|\[::1\])(?:[:/]|$)/i.test(launch.url)
  )
    leaks.push(leak('plain-http', 'serious', 'is reached over plain http: anybody on the way can read and change it'));
  if (launch.kind === 'command') {
    const loose = unpinned(launch.command, launch.args);
    if (loose !== null) leaks.push(leak('unpinned-package', 'warning', `runs whatever version of ${loose} is newest when it starts`));
    if (runsShell(launch.command, launch.args)) leaks.push(leak('shell', 'warning', 'runs a command line through a shell'));
  }
  return leaks;
}

const bare = (command: string) =>
  command
    .replace(/^.*[\\/]/, '')
    .replace(/\.(?:exe|cmd|bat)$/i, '')
    .toLowerCase();

/** The package an entry runs without a fixed version; null when it is fixed, or no package runner is used. */
export function unpinned(command: string, args: readonly string[]): string | null {
  let program = bare(command);
  let words = [...args];
  // Windows: cmd /c npx ...
  if (program === 'cmd' && /^\/[cs]$/i.test(words[0] ?? '')) {
    program = bare(words[1] ?? '');
    words = words.slice(2);
  }
  if (
    ['npx', 'bunx', 'pnpx'].includes(program) ||
    (['npm', 'pnpm', 'yarn', 'bun'].includes(program) && /^(?:exec|x|dlx)$/.test(words[0] ?? ''))
  ) {
    if (!['npx', 'bunx', 'pnpx'].includes(program)) words = words.slice(1);
    const name = packageWord(words, ['-p', '--package'], []);
    return name === null || /^(?:\.|\/|file:|https?:|git)/.test(name) || /^(?:@[^/]+\/)?[^@/]+@[0-9]+\.[0-9]+\.[0-9]+/.test(name)
      ? null
      : name;
  }
  if (program === 'uvx' || program === 'pipx' || (program === 'uv' && words[0] === 'tool')) {
    const run = program === 'uvx' ? words : words.slice(words.indexOf('run') + 1);
    const name = packageWord(run, ['--from', '--spec'], ['--python', '-p', '--with', '--index-url']);
    return name === null || /(?:==|@)[0-9]/.test(name) || /^(?:\.|\/|git\+)/.test(name) ? null : name;
  }
  if (program === 'docker' || program === 'podman') {
    const image = words.slice(words.indexOf('run') + 1).find((word, at, all) => !word.startsWith('-') && !takesValue(all[at - 1] ?? ''));
    return words.includes('run') && image !== undefined && !image.includes('@sha256:') ? image : null;
  }
  return null;
}

/** The value of the option that names the package, else the first word that is no option. */
function packageWord(words: readonly string[], naming: readonly string[], valued: readonly string[]): string | null {
  for (const [at, word] of words.entries()) {
    const option = word.split('=')[0] ?? '';
    if (naming.includes(option)) return word.includes('=') ? word.slice(option.length + 1) : (words[at + 1] ?? null);
    if (!word.startsWith('-') && !valued.includes(words[at - 1] ?? '')) return word;
  }
  return null;
}

const takesValue = (word: string) =>
  /^(?:-[evpwul]|--(?:env|volume|publish|name|network|mount|workdir|user|env-file|platform|entrypoint|label|add-host|memory|cpus))$/.test(
    word,
  );

function runsShell(command: string, args: readonly string[]): boolean {
  return (
    /^(?:sh|bash|zsh|dash|fish|powershell|pwsh)$/.test(bare(command)) &&
    args.some((word) => /^-(?:l?i?c|Command|EncodedCommand)$/i.test(word))
  );
}
