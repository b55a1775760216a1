// The rows of what is asked: each argument by itself, foreign and isolated; what is long or hides something must be opened first.
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { bytes } from '../strings/format.ts';
import { Foreign } from '../untrusted/foreign.tsx';
import { LongText } from '../untrusted/long-text.tsx';
import { bytesOf, firstRows, headAndTail, type Row, sha256 } from '../untrusted/value.ts';
import { flat } from '../untrusted/visible.ts';

/** Stands for the rows after the first ones, and for the reasons of a grave question without arguments. */
export const moreRows = 'more';
export const why = 'why';

/** Everything that a person must have opened before a yes to these rows can count. */
export function mustOpen(rows: readonly Row[], grave: boolean): string[] {
  const ids = rows.filter((row) => row.long || row.hidden).map((row) => row.id);
  if (rows.length > firstRows) ids.push(moreRows);
  if (grave && ids.length === 0) ids.push(weightiest(rows)?.id ?? why);
  return ids;
}

const weightiest = (rows: readonly Row[]): Row | undefined =>
  rows.reduce<Row | undefined>((most, row) => (most === undefined || row.text.length > most.text.length ? row : most), undefined);

interface Props {
  rows: readonly Row[];
  needed: readonly string[];
  opened: ReadonlySet<string>;
  onOpen: (id: string) => void;
  emptyWords: string;
}

export function Arguments({ rows, needed, opened, onOpen, emptyWords }: Props) {
  const { t } = useTranslation();
  const all = opened.has(moreRows) || rows.length <= firstRows;
  const shown = all ? rows : rows.slice(0, firstRows);
  if (rows.length === 0) return <p className="border-y border-line py-2.5 text-muted">{emptyWords}</p>;
  return (
    <>
      <dl className="divide-y divide-line border-y border-line" data-testid="arguments">
        {shown.map((row) => (
          <ArgumentRow key={row.id} row={row} gated={needed.includes(row.id)} open={opened.has(row.id)} onOpen={() => onOpen(row.id)} />
        ))}
      </dl>
      {all ? null : (
        <button type="button" className="mt-2 rounded font-medium underline underline-offset-2" onClick={() => onOpen(moreRows)}>
          {t('prompt.moreRows', { count: rows.length - firstRows })}
        </button>
      )}
    </>
  );
}

function ArgumentRow({ row, gated, open, onOpen }: { row: Row; gated: boolean; open: boolean; onOpen: () => void }) {
  const { t } = useTranslation();
  const label = row.name === null ? t('prompt.address') : flat(row.name, 40);
  return (
    <div
      className={`grid gap-x-3 gap-y-1 py-2 ${open && (row.long || row.hidden) ? '' : 'grid-cols-[minmax(4.5rem,6.5rem)_1fr]'}`}
      data-argument={row.id}
    >
      <dt className="min-w-0 overflow-hidden text-muted">
        {row.name === null ? label : <Foreign text={row.name.length > 60 && !open ? `${row.name.slice(0, 60)}…` : row.name} />}
      </dt>
      <dd className="min-w-0 overflow-hidden">
        {!gated ? (
          <Foreign text={row.text} lines mono className="block text-[0.82rem]" />
        ) : open ? (
          <Opened row={row} label={label} />
        ) : (
          <Closed row={row} onOpen={onOpen} />
        )}
      </dd>
    </div>
  );
}

function Closed({ row, onOpen }: { row: Row; onOpen: () => void }) {
  const { t } = useTranslation();
  const { head, tail } = headAndTail(row.text);
  return (
    <div className="grid gap-1.5">
      {row.long ? (
        <div className="overflow-hidden font-mono text-[0.78rem] leading-[1.1rem]">
          {/* Never clipped by the layout: the very last character is where a danger would be put. */}
          <Foreign text={head} className="block" />
          <span className="text-muted" aria-hidden="true">
            ⋯
          </span>
          <Foreign text={tail} className="block" />
        </div>
      ) : (
        <Foreign text={row.text} lines mono className="block text-[0.82rem]" />
      )}
      <p className="text-sm">
        {row.hidden ? (
          <span className="text-amber">{t('prompt.hides')} · </span>
        ) : row.long ? (
          <span className="text-muted">{t('prompt.size', { size: bytes(bytesOf(row.text)) })} · </span>
        ) : null}
        <button type="button" onClick={onOpen} className="rounded font-medium underline underline-offset-2">
          {t(row.long || row.hidden ? 'prompt.open' : 'prompt.read')}
        </button>{' '}
        <span className="text-muted">{t('prompt.toEnable')}</span>
      </p>
      {row.long ? <Size text={row.text} /> : null}
    </div>
  );
}

function Opened({ row, label }: { row: Row; label: string }) {
  if (!row.long && !row.hidden) return <Foreign text={row.text} lines mono className="block text-[0.82rem]" />;
  return (
    <div className="grid gap-1.5">
      <LongText text={row.text} label={label} />
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
      {t('prompt.bytes', { count: bytesOf(text) })} · sha256 <span className="font-mono">{digest.slice(0, 16)}…</span>
    </p>
  );
}
