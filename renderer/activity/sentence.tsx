// Says an entry of the log as a sentence, with what it is about in bold; every foreign name is isolated.
import type { ReactNode } from 'react';
import type { Entry } from '../../shared/vocabulary.ts';
import { type Parts, SentenceObject, SentenceParts } from '../prompt/headline.tsx';
import { nameOf } from '../prompt/name.ts';
import { en } from '../strings/en.ts';
import { number } from '../strings/format.ts';
import { useTranslation } from '../strings/i18n.ts';
import { Say } from '../strings/say.tsx';
import { clientTitle } from '../untrusted/client-title.ts';
import { ClientName, Code, Foreign, Name } from '../untrusted/foreign.tsx';
import type { Ending } from './threads.ts';

export function EntrySentence({ entry, ending }: { entry: Entry; ending: Ending }) {
  if (ending === 'act') return <Act entry={entry} />;
  const form = ending === 'open' ? 'waits' : ending;
  if (entry.sentence && entry.sentence.length > 0) {
    return <Say k={`said.${form}`} parts={{ what: <SentenceParts parts={entry.sentence} past={form === 'ok'} /> }} />;
  }
  return (
    <>
      <Say k={`did.${groupOf(entry)}.${form}`} parts={partsOf(entry)} />
      <Objects entries={[entry]} />
    </>
  );
}

/** Several equal actions as one: "Read 3 files in ~/code/acme". */
export function GroupSentence({ entries, ending }: { entries: readonly Entry[]; ending: Ending }) {
  const { t, phrases } = useTranslation();
  const entry = entries[0] as Entry;
  const count = entries.length;
  const [first, ...rest] = entry.sentence ?? [];
  if (first?.several !== undefined) {
    // A few are told by the newest of them, many by their number.
    const things = phrases?.things(first.several) ?? first.several;
    const more = { verb: t('activity.and'), object: t('activity.more', { count: count - 1, things }) };
    const parts: Parts = count <= 4 ? [first, more, ...rest] : [{ ...first, object: `${number(count)} ${things}` }, ...rest];
    return <Say k={`said.${ending}`} parts={{ what: <SentenceParts parts={parts} past={ending === 'ok'} /> }} />;
  }
  return (
    <>
      <Say k={`did.${groupOf(entry)}.${ending}`} parts={partsOf(entry)} />
      <Objects entries={entries} /> <span className="text-muted">{t('activity.times', { count })}</span>
    </>
  );
}

/** What the broker understood the arguments to name; never an argument as it was. */
interface Named {
  readonly some?: readonly string[];
  readonly more?: number;
}
const kindsNamed = ['paths', 'repositories', 'hosts', 'recipients'] as const;

/** `: README.md in ~/code/acme` after a capability that we have no verb for; several of one kind are counted. */
function Objects({ entries }: { entries: readonly Entry[] }) {
  const { t } = useTranslation();
  for (const kind of kindsNamed) {
    const all = new Set(entries.flatMap((entry) => (entry.facts as Record<string, Named> | undefined)?.[kind]?.some ?? []));
    const [only] = all;
    if (only === undefined) continue;
    return <>: {all.size === 1 ? <SentenceObject text={only} /> : <strong>{t(`activity.named.${kind}`, { count: all.size })}</strong>}</>;
  }
  return null;
}

function groupOf(entry: Entry): string {
  if (entry.server === undefined) return 'alone';
  const { kind } = nameOf(entry.capability ?? '');
  if (kind === 'other') return 'plain';
  return kind === 'sampling' || kind === 'elicitation' || kind === 'roots' ? 'ask' : 'use';
}

function partsOf(entry: Entry): Record<string, ReactNode> {
  const about =
    entry.capability === undefined ? (
      <Foreign text={String(entry.method ?? entry.type)} mono />
    ) : (
      <Code text={nameOf(entry.capability).name} />
    );
  return { name: about, server: <Name text={entry.server ?? '?'} /> };
}

const acts: Readonly<Record<string, string>> = en.act;

function Act({ entry }: { entry: Entry }) {
  const { t } = useTranslation();
  const name = ['name', 'secret', 'key', 'policy', 'id'].map((key) => entry[key]).find((value) => typeof value === 'string') as
    | string
    | undefined;
  const parts: Record<string, ReactNode> = {};
  if (entry.client !== undefined) parts.client = <ClientName name={entry.client} />;
  if (entry.server !== undefined) parts.server = <Name text={entry.server} />;
  if (entry.capability !== undefined) parts.what = <Code text={nameOf(entry.capability).name} />;
  if (name !== undefined) parts.name = <Code text={name} />;
  if (typeof entry.program === 'string') parts.program = <Code text={entry.program} />;
  const key = entry.type.replaceAll(/[.-]/g, '_');
  const sentence = acts[key];
  const needs = [...(sentence ?? '').matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1] ?? '');
  if (sentence !== undefined && needs.every((need) => need in parts)) return <Say k={`act.${key}`} parts={parts} />;
  const short = acts[`${key}_plain`];
  if (short !== undefined) return t(`act.${key}_plain`);
  const objects = Object.values(parts);
  return (
    <>
      <Foreign text={entry.type.replaceAll(/[._]/g, ' ')} english className="first-letter:uppercase" />
      {objects.map((object, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: parts of one sentence
        <span key={index}> · {object}</span>
      ))}
    </>
  );
}

export const titleOf = (client: string | null): string | null => (client === null ? null : clientTitle(client));
