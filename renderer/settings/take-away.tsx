// The log as a file: chosen here, written by the broker in parts, put together in this page and saved by the browser.
import { useRef, useState } from 'react';
import { useConsole } from '../data/console.tsx';
import { number } from '../strings/format.ts';
import { useTranslation } from '../strings/i18n.ts';
import { Button } from '../ui/button.tsx';
import { CopyBox } from '../ui/copy.tsx';
import { Choice, Segments } from '../ui/field.tsx';
import { Part } from '../ui/layout.tsx';
import { Fault } from '../ui/states.tsx';

const formats = ['jsonl', 'csv', 'ocsf'] as const;
type Format = (typeof formats)[number];
const spans = { all: null, '1d': 1, '7d': 7, '30d': 30 } as const;
type Span = keyof typeof spans;
const day = 86_400_000;
const types: Readonly<Record<Format, string>> = { jsonl: 'application/jsonl', csv: 'text/csv', ocsf: 'application/jsonl' };

export function TakeAway() {
  const { t } = useTranslation();
  const { client, host } = useConsole();
  const [format, setFormat] = useState<Format>('jsonl');
  const [since, setSince] = useState<Span>('all');
  const [count, setCount] = useState<number | null>(null);
  const [done, setDone] = useState<number | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const stop = useRef<AbortController | null>(null);
  const save = async () => {
    const abort = new AbortController();
    stop.current = abort;
    setFault(null);
    setDone(null);
    setCount(0);
    try {
      const days = spans[since];
      const parts: string[] = [];
      let entries = 0;
      const wish = { format, ...(days === null ? {} : { since: new Date(Date.now() - days * day).toISOString() }) };
      for await (const part of await client.log.export(wish, { signal: abort.signal })) {
        parts.push(part.text);
        entries += part.entries;
        setCount(entries);
      }
      const address = URL.createObjectURL(new Blob(parts, { type: types[format] }));
      const link = document.createElement('a');
      link.href = address;
      link.download = `gatehouse-log-${new Date().toISOString().slice(0, 10)}.${format === 'csv' ? 'csv' : 'jsonl'}`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(address), 60_000);
      setDone(entries);
    } catch (error) {
      if (!abort.signal.aborted) setFault(error);
    } finally {
      setCount(null);
    }
  };
  const command = `gatehouse log export --format ${format}${since === 'all' ? '' : ` --since ${since}`} > log.${format === 'csv' ? 'csv' : 'jsonl'}`;
  return (
    <Part title={t('takeAway.title')} about={t('takeAway.about')}>
      <div className="grid gap-3 pt-2">
        <div className="flex flex-wrap items-center gap-2">
          <Segments
            label={t('takeAway.format')}
            value={format}
            onChange={setFormat}
            options={formats.map((value) => ({ value, label: t(`takeAway.formats.${value}`) }))}
          />
          <Choice aria-label={t('takeAway.since')} value={since} onChange={(event) => setSince(event.target.value as Span)}>
            {(Object.keys(spans) as Span[]).map((each) => (
              <option key={each} value={each}>
                {t(`takeAway.spans.${each}`)}
              </option>
            ))}
          </Choice>
          {host.kind === 'desktop' ? null : count === null ? (
            <Button onClick={() => void save()}>{t('takeAway.save')}</Button>
          ) : (
            <Button onClick={() => stop.current?.abort()}>{t('cancel')}</Button>
          )}
          <span role="status" className="text-muted tabular">
            {count !== null
              ? t('takeAway.reading', { count: number(count) })
              : done !== null
                ? t('takeAway.done', { count: done, entries: number(done) })
                : ''}
          </span>
        </div>
        {host.kind === 'desktop' ? (
          <>
            <p className="text-soft">{t('takeAway.desktop')}</p>
            <CopyBox label={t('takeAway.command')} text={command} />
          </>
        ) : null}
        {fault ? <Fault error={fault} /> : null}
      </div>
    </Part>
  );
}
