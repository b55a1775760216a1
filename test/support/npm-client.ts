// Real AI clients from npm, for tests: far too large for the lock file, so they are installed beside it, once, when the registry answers.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from './house.ts';
import { scale } from './scale.ts';

/** Versions that the tests were written with. */
const clients = {
  'claude-code': {
    spec: '@anthropic-ai/claude-code@2.1.197',
    native: ['@anthropic-ai', `claude-code-${process.platform}-${process.arch}`, 'claude'],
  },
  codex: { spec: '@openai/codex@0.169.0', native: ['@openai', 'codex', 'bin', 'codex.js'] },
  gemini: { spec: '@google/gemini-cli@0.61.0', native: ['@google', 'gemini-cli', 'bundle', 'gemini.js'] },
  opencode: {
    spec: 'opencode-ai@1.18.33',
    native: [`opencode-${process.platform}-${process.arch}`, 'bin', 'opencode'],
  },
  cline: {
    spec: 'cline@3.0.65',
    native: ['@cline', `cli-${process.platform}-${process.arch}`, 'bin', 'cline'],
  },
} as const;

/** The command that runs a client; or, in words, why there is none here. */
export function npmClient(name: keyof typeof clients): { command: string[]; why: null } | { command: null; why: string } {
  const { spec, native } = clients[name];
  const folder = join(checkout, '.cache', 'clients', name);
  const program = join(folder, 'node_modules', ...native);
  if (!existsSync(program)) {
    if (scale(0, 1) === 0 && name !== 'claude-code')
      return { command: null, why: `${spec} is large, and only "npm run test:long" installs it` };
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{"private":true}');
    // Install scripts stay off: the native program comes in a package of its own.
    const words = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-save', '--fetch-retries=0', spec];
    const ran = spawnSync('npm', words, { cwd: folder, encoding: 'utf8', timeout: 240_000 });
    const last =
      ran.stderr
        .trim()
        .split('\n')
        .at(-1)
        ?.replace(/https?:\/\/\S+/g, 'the registry') ?? '';
    if (!existsSync(program))
      return { command: null, why: `${spec} could not be installed: ${last || ran.error?.message || 'no program came'}` };
  }
  return { command: program.endsWith('.js') ? [process.execPath, program] : [program], why: null };
}
