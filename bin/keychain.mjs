// Does a keychain answer here? Asked in a process of its own with a time limit, because a keychain that is not there may never answer.
import { spawnSync } from 'node:child_process';
import { root } from './node24.mjs';

const question = "const { default: keytar } = await import('keytar'); await keytar.findCredentials('gatehouse is a keychain here');";

/** null when one answers, else why not, in a few words. macOS and Windows always have one. */
export function whyNoKeychain(node) {
  if (process.platform !== 'linux') return null;
  const asked = spawnSync(node, ['--input-type=module', '-e', question], { cwd: root, encoding: 'utf8', timeout: 5_000 });
  if (asked.status === 0) return null;
  if (asked.error?.code === 'ETIMEDOUT') return 'it did not answer within 5 s';
  const line = asked.stderr.split('\n').find((text) => /Error: /.test(text));
  return line === undefined ? 'the reason is unknown' : line.replace(/^.*?Error: /, '').trim();
}
