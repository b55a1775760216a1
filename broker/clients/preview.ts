// A change as a difference for people: what goes, what comes, with keys covered.
import type { Edit } from './change.ts';
import type { ClientKind } from './kind.ts';
import { meaningOf } from './launch.ts';
import { plainSecrets } from './secrets.ts';

const cover = '••••';

/** Lines with `-` and `+`, an entry after the other. `back`: the edits are undone. */
export function differenceLines(kind: ClientKind, edits: readonly Edit[], back = false): string[] {
  return edits.flatMap((edit) => {
    const title = [...edit.at, edit.name].join(' > ');
    const was = edit.before === null ? [] : covered(kind, edit.before.value, edit.before.text).split(/\r?\n/);
    const items = (list: readonly unknown[]) =>
      list.flatMap((item) => covered(kind, item, typeof item === 'string' ? item : JSON.stringify(item, null, 2)).split('\n'));
    const is = edit.added ? items(edit.added) : covered(kind, edit.after, JSON.stringify(edit.after, null, 2)).split('\n');
    const old = edit.added ? items(edit.replaced ?? []) : was;
    const [gone, come] = back ? [is, old] : [old, is];
    return [`  ${title}`, ...gone.map((line) => `  - ${line}`), ...come.map((line) => `  + ${line}`)];
  });
}

function covered(kind: ClientKind, value: unknown, text: string): string {
  const values = plainSecrets(meaningOf(value, kind.dialect).launch).map((secret) => secret.value);
  const tokens = [...text.matchAll(/\bght_[A-Za-z0-9_-]+/g)].map(([token]) => token);
  return [...values, ...tokens]
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)])
    .sort((a, b) => b.length - a.length)
    .reduce((made, secret) => made.replaceAll(secret, cover), text);
}
