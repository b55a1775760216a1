// What can only be seen across servers: names that look alike, tools of one named in the text of another, a server that poses as another.
import { isLookAlike, mixesScripts, skeleton } from './lookalike.ts';
import { type Finding, finding, type Subject } from './scan.ts';
import { walk } from './strings.ts';

export interface Neighbour {
  readonly server: string;
  /** What the program is, where known (`npm:@acme/server`): the same program twice is no impostor. */
  readonly identity: string | null;
  /** Name it gives itself. */
  readonly saysItIs: string | null;
  readonly subjects: readonly Subject[];
}

const nameOf = (capability: string) => capability.slice(capability.indexOf(':') + 1);
const named = ({ capability }: Subject) => capability !== null && /^(tool|prompt):/.test(capability);

/** A word that nobody writes by chance: `create_issue`, `createIssue`; not `search`. */
const distinctive = (name: string) => name.length >= 7 && /[_-]|[a-z][A-Z]/.test(name);

/** Findings about `own`. Who was there first is the original; who speaks of whose tools does not depend on that. */
export function scanNeighbours(own: Neighbour, earlier: readonly Neighbour[], others: readonly Neighbour[]): Finding[] {
  const stranger = (other: Neighbour) => own.identity === null || other.identity !== own.identity;
  return [
    // A program that runs twice has its names twice, letter by letter: names that only look the same are never its own.
    ...lookAlikes(own, earlier),
    ...impostor(own, earlier.filter(stranger)),
    ...mentions(own, others.filter(stranger)),
  ];
}

function lookAlikes(own: Neighbour, others: readonly Neighbour[]): Finding[] {
  const found: Finding[] = [];
  const known = new Map<string, { server: string; name: string }[]>();
  for (const other of others)
    for (const subject of other.subjects.filter(named)) {
      const name = nameOf(subject.capability as string);
      const key = skeleton(name);
      known.set(key, [...(known.get(key) ?? []), { server: other.server, name }]);
    }
  for (const subject of own.subjects.filter(named)) {
    const capability = subject.capability as string;
    const name = nameOf(capability);
    const twin = known.get(skeleton(name))?.find((other) => isLookAlike(name, other.name));
    if (twin)
      found.push(
        finding({
          ...{ rule: 'look-alike', severity: 'serious', server: own.server, capability, evidence: `${twin.server} ${twin.name}` },
          title: 'Its name looks like that of another',
          detail: `${JSON.stringify(name)} reads like ${JSON.stringify(twin.name)} of ${twin.server}, and is not that.`,
        }),
      );
    else if (mixesScripts(name))
      found.push(
        finding({
          ...{ rule: 'mixed-letters', severity: 'serious', server: own.server, capability, evidence: name },
          title: 'Its name mixes letters of two alphabets',
          detail: `${JSON.stringify(name)} is not what it reads like.`,
        }),
      );
  }
  for (const other of others) {
    const names: [string, string | null][] = [
      [own.server, other.server],
      [own.saysItIs ?? '', other.saysItIs],
      [own.saysItIs ?? '', other.server],
    ];
    const pair = names.find(([mine, theirs]) => theirs !== null && mine !== '' && isLookAlike(mine, theirs));
    if (pair)
      found.push(
        finding({
          ...{ rule: 'look-alike', severity: 'serious', server: own.server, capability: null, evidence: `${pair[0]} ${pair[1]}` },
          title: 'The server looks like another by its name',
          detail: `${JSON.stringify(pair[0])} reads like ${JSON.stringify(pair[1])}, and is not that.`,
        }),
      );
  }
  return found;
}

function mentions(own: Neighbour, others: readonly Neighbour[]): Finding[] {
  const mine = new Set(own.subjects.filter(named).map(({ capability }) => nameOf(capability as string)));
  const theirs = new Map<string, string>();
  for (const other of others)
    for (const subject of other.subjects.filter(named)) {
      const name = nameOf(subject.capability as string);
      if (distinctive(name) && !mine.has(name)) theirs.set(name, other.server);
      theirs.set(`${other.server}__${name}`, other.server);
    }
  if (theirs.size === 0) return [];
  return own.subjects.flatMap((subject) => {
    for (const { place, text } of walk(JSON.parse(subject.text)).said) {
      for (const [word] of text.matchAll(/[\p{L}\p{N}][\p{L}\p{N}_-]{5,}/gu)) {
        const server = theirs.get(word);
        if (server === undefined) continue;
        return [
          finding({
            ...{ rule: 'mentions-other', severity: 'serious', server: own.server, capability: subject.capability, evidence: word + place },
            title: 'It speaks of a tool of another server',
            detail: `${place} names ${word}, which belongs to ${server}.`,
          }),
        ];
      }
    }
    return [];
  });
}

/** A server that offers what another offers, under its very names, and is another program. */
function impostor(own: Neighbour, others: readonly Neighbour[]): Finding[] {
  const mine = new Set(own.subjects.filter(named).map(({ capability }) => nameOf(capability as string)));
  return others.flatMap((other) => {
    const theirs = other.subjects.filter(named).map(({ capability }) => nameOf(capability as string));
    const same = theirs.filter((name) => mine.has(name)).length;
    // Two honest services of one trade share some names; a copy shares most of them.
    if (same < 2 || same < 0.6 * (mine.size + theirs.length - same)) return [];
    return [
      finding({
        ...{ rule: 'same-tools', severity: 'warning', server: own.server, capability: null, evidence: other.server },
        title: 'It offers the tools of another server',
        detail: `${same} of its tools are named as those of ${other.server}, and it is another program.`,
      }),
    ];
  });
}
