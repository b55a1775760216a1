// The rows of what is asked: what the broker knows in our words, then each argument by itself, foreign and isolated.
import { type ReactNode, useEffect, useState } from 'react';
import type { Approval } from '../../shared/vocabulary.ts';
import { bytes, when } from '../strings/format.ts';
import { useTranslation } from '../strings/i18n.ts';
import { Changes } from '../untrusted/changes.tsx';
import { Foreign } from '../untrusted/foreign.tsx';
import { LongText } from '../untrusted/long-text.tsx';
import { bytesOf, firstRows, headAndTail, type Row, rowsOf, sha256 } from '../untrusted/value.ts';
import { flat } from '../untrusted/visible.ts';
import { withMessages } from './messages.ts';

type Fact = NonNullable<Approval['facts']>[number];

/** Stands for the rows after the first ones, and for what a grave question is about where it has no rows. */
export const moreRows = 'more';
export const why = 'why';

export interface Shown {
  readonly facts: readonly Fact[];
  readonly rows: readonly Row[];
  /** Arguments that a fact says in full: they stand under Details. */
  readonly covered: readonly Row[];
}

/** It must be read: it is cut, or part of it does not show. */
const weighs = (row: Row): boolean => row.long || row.hidden;

/** What a long or hidden argument says is never left to a fact: such a row is always shown. */
export function shownOf(approval: Approval): Shown {
  const facts = approval.facts ?? [];
  const names = new Set(facts.flatMap((fact) => fact.covers ?? []));
  const said = (row: Row) => row.name !== null && names.has(row.name) && !weighs(row);
  const each = rowsOf(approval.argumentsText);
  const all = approval.capability.startsWith('sampling:') ? withMessages(each, approval.argumentsText) : each;
  const rows = all.filter((row) => !said(row));
  // A fact that only repeats what an argument's own row says word for word would be the same row twice.
  const repeated = new Set(rows.filter((row) => !weighs(row)).map((row) => row.text));
  return { facts: facts.filter((fact) => !repeated.has(fact.value)), rows, covered: all.filter(said) };
}

/** Everything that a person must have opened before a yes to these rows can count. */
export function mustOpen({ facts, rows }: Shown, grave: boolean, review: boolean): string[] {
  const ids = rows.filter(weighs).map((row) => row.id);
  if (facts.length + rows.length > firstRows && rows.length > 0) ids.push(moreRows);
  if (review) ids.push(why);
  if (grave && ids.length === 0) ids.push(weightiest(rows)?.id ?? why);
  return ids;
}

/** Where not all rows have room: what must be read goes before what is short, each in its own order. */
function firstOf(rows: readonly Row[], room: number): readonly Row[] {
  const chosen = new Set([...rows.filter(weighs), ...rows.filter((row) => !weighs(row))].slice(0, room));
  return rows.filter((row) => chosen.has(row));
}

const weightiest = (rows: readonly Row[]): Row | undefined =>
  rows.reduce<Row | undefined>((most, row) => (most === undefined || row.text.length > most.text.length ? row : most), undefined);

interface Props {
  shown: Shown;
  needed: readonly string[];
  opened: ReadonlySet<string>;
  onOpen: (id: string) => void;
  /** The arguments of the last yes to the same capability. */
  last: Approval['lastTime'];
}

export function Arguments({ shown: { facts, rows }, needed, opened, onOpen, last }: Props) {
  const { t } = useTranslation();
  const room = Math.max(0, firstRows - facts.length);
  const all = opened.has(moreRows) || !needed.includes(moreRows);
  const before = new Map(last ? rowsOf(last.argumentsText).map((row) => [row.name, row.text]) : []);
  if (rows.length + facts.length === 0) return <p className="border-y border-line py-2.5 text-muted">{t('prompt.noArguments')}</p>;
  return (
    <>
      <dl className="divide-y divide-line border-y border-line" data-testid="arguments">
        {facts.map((fact) => (
          <Line key={`${fact.name} ${fact.value}`} name={<FactName text={fact.name} />}>
            <Foreign text={fact.value} lines className="font-medium" />
            {fact.mark ? <Mark mark={fact.mark} /> : null}
          </Line>
        ))}
        {(all ? rows : firstOf(rows, room)).map((row) => (
          <ArgumentRow
            key={row.id}
            row={row}
            gated={needed.includes(row.id)}
            open={opened.has(row.id)}
            onOpen={() => onOpen(row.id)}
            was={last && before.get(row.name) !== row.text ? { at: last.at, text: before.get(row.name) ?? null } : null}
          />
        ))}
      </dl>
      {all ? null : (
        <button type="button" className="mt-2 rounded font-medium underline underline-offset-2" onClick={() => onOpen(moreRows)}>
          {t('prompt.moreRows', { count: rows.length - room })}
        </button>
      )}
    </>
  );
}

function FactName({ text }: { text: string }) {
  const { phrases } = useTranslation();
  const own = phrases?.fact(text) ?? null;
  return <Foreign text={own ?? text} english={own === null} />;
}

function Mark({ mark }: { mark: NonNullable<Fact['mark']> }) {
  const { t } = useTranslation();
  const tone = mark === 'private' || mark === 'changed' ? 'text-amber' : 'text-vermilion';
  return <span className={`ml-2 text-sm font-bold ${tone}`}>{t(`factMark.${mark}`)}</span>;
}

function Line({ name, wide = false, id, children }: { name: ReactNode; wide?: boolean; id?: string; children: ReactNode }) {
  return (
    <div
      className={`grid gap-x-3 gap-y-1 py-2 ${wide ? '' : 'grid-cols-[minmax(4.5rem,6.5rem)_1fr]'}`}
      {...(id === undefined ? {} : { 'data-argument': id })}
    >
      <dt className="min-w-0 overflow-hidden text-muted">{name}</dt>
      <dd className="min-w-0 overflow-hidden">{children}</dd>
    </div>
  );
}

interface RowProps {
  row: Row;
  gated: boolean;
  open: boolean;
  onOpen: () => void;
  was: { at: string; text: string | null } | null;
}

function ArgumentRow({ row, gated, open, onOpen, was }: RowProps) {
  const { t } = useTranslation();
  const label = row.name === null ? t('prompt.address') : flat(row.name, 40);
  const name = row.name === null ? label : <Foreign text={row.name.length > 60 && !open ? `${row.name.slice(0, 60)}…` : row.name} />;
  return (
    <Line id={row.id} name={name} wide={open && weighs(row)}>
      {!gated || (open && !weighs(row)) ? (
        was?.text && was.text.length <= row.text.length * 4 ? (
          <span className="block font-mono text-[0.82rem]">
            <Changes was={was.text} is={row.text} />
          </span>
        ) : (
          <Value text={row.text} />
        )
      ) : open ? (
        <div className="grid gap-1.5">
          <LongText text={row.text} label={label} />
          {row.long ? <Size text={row.text} /> : null}
        </div>
      ) : (
        <Closed row={row} onOpen={onOpen} />
      )}
      {was === null ? null : (
        <p className="mt-0.5 text-sm text-amber">{t(was.text === null ? 'prompt.newSince' : 'prompt.otherThan', { time: when(was.at) })}</p>
      )}
    </Line>
  );
}

function Value({ text }: { text: string }) {
  return <Foreign text={text} lines mono className="block text-[0.82rem] leading-[1.2rem]" />;
}

function Closed({ row, onOpen }: { row: Row; onOpen: () => void }) {
  const { t } = useTranslation();
  const { head, tail } = headAndTail(row.text, 44);
  return (
    <div className="grid gap-1">
      {row.long ? (
        <div className="overflow-hidden font-mono text-[0.78rem] leading-[1.1rem]">
          {/* Never clipped by the layout: the very last character is where a danger would be put. */}
          <Foreign text={head} />
          <span className="text-muted" aria-hidden="true">
            {' ⋯ '}
          </span>
          <Foreign text={tail} />
        </div>
      ) : (
        <Value text={row.text} />
      )}
      <p>
        {row.hidden ? (
          <span className="text-amber">{t('prompt.hides')} · </span>
        ) : row.long ? (
          <span>{t('prompt.size', { size: bytes(bytesOf(row.text)) })} · </span>
        ) : null}
        <button type="button" onClick={onOpen} className="rounded font-medium underline underline-offset-2">
          {t(row.hidden ? 'prompt.open' : row.long ? 'prompt.readIt' : 'prompt.read')}
        </button>{' '}
        <span className="text-muted">{t('prompt.toEnable')}</span>
      </p>
      {row.long ? <Size text={row.text} /> : null}
    </div>
  );
}

function Size({ text }: { text: string }) {
  const { t } = useTranslation();
  const [digest, setDigest] = useState('');
  useEffect(() => {
    let current = true;
    sha256(text).then((hex) => current && setDigest(hex));
    return () => {
      current = false;
    };
  }, [text]);
  return (
    <p className="overflow-hidden text-xs text-ellipsis whitespace-nowrap text-muted tabular" title={digest}>
      {t('prompt.bytes', { count: bytesOf(text) })} · sha256 <span className="font-mono">{digest.slice(0, 12)}…</span>
    </p>
  );
}
