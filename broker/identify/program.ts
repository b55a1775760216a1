// Which program a path names, whatever version of it is installed: an update is the same program, a copy elsewhere is another one.
import { hash } from 'node:crypto';

/** Characters of a path that are kept; what is longer ends in its digest, in base64url because hex would be taken for a commit. */
const longest = 1024;
const digestFrom = 900;

/** `24.1.0`, `v24.1.0-rc.1`, `2026.01.09-7ae6800`, `24.1.0_1`: dotted numbers, and after them only what names a build. */
const version =
  /(?<![0-9.])v?\d+(?:\.\d+)+(?:_\d+)?(?:-(?:(?:alpha|beta|rc|pre|preview|canary|nightly|insiders?)(?:\.?\d+)*|[0-9a-f]{7,40}))?(?![\w.+])/g;
/** `node@24` of Homebrew. */
const major = /@\d+$/;
/** A commit or a digest: `Stable-<commit>` of a VS Code server, a Flatpak deployment. */
const commit = /(?<![0-9a-z])(?:[0-9a-f]{64}|[0-9a-f]{40})$/;

/** What is kept of a program's path, of whatever length it is. */
export function keptPath(path: string): string {
  // Linux says this of a program whose file was replaced while it runs, as each update does.
  const named = path.replace(/(?: \(deleted\))+$/, '');
  return named.length <= longest ? named : `${named.slice(0, digestFrom)}…${hash('sha256', named, 'base64url')}`;
}

/**
 * Two paths with the same key are one program. Folded is only what installers themselves change from one update or start to the next:
 * numbers of versions and builds, and the inside of an application's bundle. Everything else counts, letter by letter: the user's home,
 * a word after a version, another folder.
 */
export function programKey(path: string): string {
  const named = keptPath(path);
  const bundle = /^(.*?\/[^/]+\.app)\/Contents\//.exec(named);
  return (bundle?.[1] ?? named)
    .replace(/^(\/(?:var\/lib\/)?snap\/[^/]+)\/x?\d+\//, '$1/*/')
    .replace(/^(\/nix\/store|\/gnu\/store)\/[0-9a-z]{32}-/, '$1/*-')
    .replace(/\/AppTranslocation\/[0-9A-F-]{36}\//, '/AppTranslocation/*/')
    .split('/')
    .map((part) =>
      part
        .replace(/^(\.mount_.{1,6})[A-Za-z0-9]{6}$/, '$1*')
        .replace(version, '*')
        .replace(major, '@*')
        .replace(commit, '*'),
    )
    .join('/');
}
