// The second step: each server is shown word for word before it is started once, and its keys go to the vault on the way.
import { useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import type { ImportRow } from '../../shared/setup-contract.ts';
import { useConsole } from '../data/console.tsx';
import { clock } from '../strings/format.ts';
import { useTranslation } from '../strings/i18n.ts';
import { Button } from '../ui/button.tsx';
import { Tag } from '../ui/layout.tsx';
import { Mark } from '../ui/mark.tsx';
import { Fault, Loading } from '../ui/states.tsx';
import { clientTitle } from '../untrusted/client-title.ts';
import { Code, Foreign, Name } from '../untrusted/foreign.tsx';

const idOf = (row: ImportRow) => row.server ?? row.entries.map(({ path, name }) => `${path} ${name}`).join();

export function BringIn({ onDone }: { onDone: (words: string) => void }) {
  const { t } = useTranslation();
  const { orpc, client } = useConsole();
  const { data, error, refetch } = useQuery(orpc.setup.previewImport.queryOptions({ gcTime: 0 }));
  const [off, setOff] = useState<ReadonlySet<string>>(new Set());
  const [done, setDone] = useState<ReadonlyMap<string, ImportRow>>(new Map());
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const stop = useRef<AbortController | null>(null);
  if (error) return <Fault error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Loading rows={3} />;
  const rows = data.rows.map((row) => done.get(idOf(row)) ?? row);
  const wanted = rows.flatMap(({ state, server }) => (state === 'new' && server !== null && !off.has(server) ? [server] : []));
  const bring = async () => {
    const abort = new AbortController();
    stop.current = abort;
    setBusy(true);
    setFault(null);
    const results = new Map(done);
    try {
      for await (const row of await client.setup.import({ digest: data.digest, servers: wanted }, { signal: abort.signal })) {
        results.set(idOf(row), row);
        setDone(new Map(results));
      }
    } catch (problem) {
      if (!abort.signal.aborted) setFault(problem);
    } finally {
      setBusy(false);
      const added = [...results.values()].filter((row) => row.state === 'added');
      const keys = added.reduce((sum, row) => sum + row.secrets.length, 0);
      if (added.length > 0)
        onDone(t('setup.bring.did', { count: added.length, keys: t('setup.bring.keys', { count: keys }), time: clock(Date.now()) }));
    }
  };
  return (
    <>
      <p className="max-w-prose text-soft">{t(rows.length > 0 ? 'setup.bring.about' : 'setup.bring.none')}</p>
      {rows.length > 0 ? (
        <ul className="divide-y divide-line border-y border-line">
          {rows.map((row) => (
            <Row
              key={idOf(row)}
              row={row}
              on={row.server !== null && !off.has(row.server)}
              busy={busy}
              onToggle={(on) => {
                const next = new Set(off);
                if (row.server !== null && on) next.delete(row.server);
                else if (row.server !== null) next.add(row.server);
                setOff(next);
              }}
            />
          ))}
        </ul>
      ) : null}
      {fault ? <Fault error={fault} retry={() => void refetch()} /> : null}
      {rows.some((row) => row.state === 'new') ? (
        <div className="flex flex-wrap items-center gap-3">
          {busy ? (
            <Button onClick={() => stop.current?.abort()}>{t('setup.bring.stop')}</Button>
          ) : (
            <Button kind="main" disabled={wanted.length === 0} onClick={() => void bring()}>
              {t('setup.bring.go', { count: wanted.length })}
            </Button>
          )}
          <span role="status" className="text-sm text-muted">
            {busy ? t('setup.bring.busy') : ''}
          </span>
        </div>
      ) : null}
    </>
  );
}

const tones = { new: 'plain', added: 'passed', known: 'passed', failed: 'vermilion', left: 'amber' } as const;

function Row({ row, on, busy, onToggle }: { row: ImportRow; on: boolean; busy: boolean; onToggle: (on: boolean) => void }) {
  const { t } = useTranslation();
  const name = row.server ?? row.entries[0]?.name ?? '?';
  // What is done already is no choice any more.
  const Frame = row.state === 'new' ? 'label' : 'div';
  const clients = [...new Set(row.entries.map((each) => clientTitle(each.client)))];
  return (
    <li className="py-2.5">
      <Frame className="flex items-start gap-3">
        {row.state === 'new' ? (
          <input
            type="checkbox"
            className="mt-0.5 size-4 shrink-0 accent-[var(--ink)]"
            checked={on}
            disabled={busy}
            onChange={(event) => onToggle(event.target.checked)}
          />
        ) : (
          <Mark outcome={row.state === 'failed' ? 'failed' : row.state === 'left' ? 'act' : 'passed'} quiet />
        )}
        <span className="grid min-w-0 flex-1 gap-0.5">
          <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
            <Name text={name} />
            <span className="text-sm text-muted">
              <Foreign text={clients.join(', ')} />
            </span>
            {row.state === 'new' ? null : <Tag tone={tones[row.state]}>{t(`setup.bring.state.${row.state}`)}</Tag>}
            {row.secrets.length > 0 ? <Tag tone="amber">{t('setup.bring.keys', { count: row.secrets.length })}</Tag> : null}
            {row.waiting > 0 ? <Tag tone="amber">{t('setup.bring.waiting', { count: row.waiting })}</Tag> : null}
          </span>
          {row.starts === '' ? null : (
            <span className="text-sm break-all text-soft">
              <Code text={row.starts} />
            </span>
          )}
          {row.why === null ? null : (
            <span className="text-sm text-muted">
              <Foreign text={row.why} />
            </span>
          )}
          {row.findings.map((finding) => (
            <span key={`${finding.capability} ${finding.title}`} className="text-sm text-amber">
              {finding.capability === null ? null : <Code text={finding.capability} />} <Foreign text={finding.title} />
            </span>
          ))}
        </span>
      </Frame>
    </li>
  );
}
