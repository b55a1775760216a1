// Says an entry of the log as a sentence, with what it is about in bold; every foreign name is isolated.
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Entry } from '../../shared/vocabulary.ts';
import { nameOf } from '../prompt/name.ts';
import { en } from '../strings/en.ts';
import { Say } from '../strings/say.tsx';
import { Code, Foreign, Name } from '../untrusted/foreign.tsx';
import type { Ending } from './threads.ts';

export function EntrySentence({ entry, ending }: { entry: Entry; ending: Ending }) {
  if (ending === 'act') return <Act entry={entry} />;
  const { kind, name } = nameOf(entry.capability ?? '');
  const about = entry.capability === undefined ? <Foreign text={String(entry.method ?? entry.type)} mono /> : <Code text={name} />;
  const parts = { name: about, server: <Name text={entry.server ?? '?'} /> };
  const group =
    kind === 'tool' || kind === 'prompt' || kind === 'resource' || kind === 'template' ? 'use' : kind === 'other' ? 'plain' : 'ask';
  const form = entry.server === undefined ? 'alone' : group;
  return <Say k={`did.${form}.${ending === 'open' ? 'waits' : ending}`} parts={parts} />;
}

const acts: Readonly<Record<string, string>> = en.act;

function Act({ entry }: { entry: Entry }) {
  const { t } = useTranslation();
  const name = ['name', 'secret', 'key', 'id'].map((key) => entry[key]).find((value) => typeof value === 'string') as string | undefined;
  const parts: Record<string, ReactNode> = {};
  if (entry.client !== undefined) parts.client = <Name text={entry.client} />;
  if (entry.server !== undefined) parts.server = <Name text={entry.server} />;
  if (entry.capability !== undefined) parts.what = <Code text={nameOf(entry.capability).name} />;
  if (name !== undefined) parts.name = <Code text={name} />;
  const key = entry.type.replaceAll(/[.-]/g, '_');
  const sentence = acts[key];
  const needs = [...(sentence ?? '').matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1] ?? '');
  if (sentence !== undefined && needs.every((need) => need in parts)) return <Say k={`act.${key}`} parts={parts} />;
  const short = acts[`${key}_plain`];
  if (short !== undefined) return t(`act.${key}_plain`);
  const objects = Object.values(parts);
  return (
    <>
      <Foreign text={entry.type.replaceAll(/[._]/g, ' ')} className="first-letter:uppercase" />
      {objects.map((object, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: parts of one sentence
        <span key={index}> · {object}</span>
      ))}
    </>
  );
}

/** The rule that decided, in words: never a bare identifier. */
export function Decider({ entry, outcome }: { entry: Entry; outcome: Entry | null }) {
  const { t } = useTranslation();
  const by = outcome?.decidedBy ?? entry.decidedBy;
  if (by === undefined) return null;
  const kind = by.split(/[: (]/, 1)[0] ?? '';
  const known = [
    'grant',
    'operator',
    'default',
    'lockdown',
    'pin',
    'policy',
    'away',
    'hygiene',
    'client',
    'server',
    'expiry',
    'protocol',
    'digest',
    'visibility',
    'budget',
    'no-operator',
    'shutdown',
    'waiting',
  ];
  return known.includes(kind) ? t(`decided.${kind}`) : <Foreign text={by} />;
}
