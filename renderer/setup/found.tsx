// The first step: which clients there are on this computer, what they start, and which keys lie open in their files.
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { ClientScan } from '../../shared/setup-contract.ts';
import { useConsole } from '../data/console.tsx';
import { useTranslation } from '../strings/i18n.ts';
import { Button } from '../ui/button.tsx';
import { Tag } from '../ui/layout.tsx';
import { Fault, Loading } from '../ui/states.tsx';
import { Code, Foreign } from '../untrusted/foreign.tsx';

type File = ClientScan['files'][number];

export function Found({ onDone }: { onDone: (words: string) => void }) {
  const { t } = useTranslation();
  const { orpc } = useConsole();
  const { data, error, isFetching, refetch } = useQuery(orpc.setup.look.queryOptions({ gcTime: 0 }));
  const clients = new Map<string, File[]>();
  for (const file of data?.files ?? []) clients.set(file.title, [...(clients.get(file.title) ?? []), file]);
  const entries = data?.files.reduce((sum, file) => sum + file.entries.length, 0) ?? 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: told once for each look
  useEffect(() => {
    if (data !== undefined && clients.size > 0)
      onDone(t('setup.find.did', { count: clients.size, servers: t('setup.servers', { count: entries }) }));
  }, [data]);
  if (error) return <Fault error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Loading rows={3} />;
  return (
    <>
      <p className="max-w-prose text-soft">{t(clients.size > 0 ? 'setup.find.about' : 'setup.find.none')}</p>
      {clients.size > 0 ? (
        <ul className="divide-y divide-line border-y border-line">
          {[...clients].map(([title, files]) => (
            <li key={title} className="flex flex-wrap items-center gap-x-4 gap-y-1 py-2.5">
              <div className="min-w-0 flex-1 basis-56">
                <p className="font-semibold">
                  <Foreign text={title} />
                </p>
                {files.map((file) => (
                  <p key={file.path} className="truncate text-sm text-muted">
                    <Code text={file.path} />
                  </p>
                ))}
              </div>
              <Tags files={files} leaks={data.leaks} />
            </li>
          ))}
        </ul>
      ) : null}
      {data.unreadable.map((each) => (
        <p key={each.path} className="text-sm text-amber">
          <Code text={each.path} /> <Foreign text={each.why} />
        </p>
      ))}
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-muted">
        <span className="min-w-0 flex-1 basis-64">{t('setup.find.where')}</span>
        <Button small disabled={isFetching} onClick={() => void refetch()}>
          {t('setup.find.again')}
        </Button>
      </p>
    </>
  );
}

function Tags({ files, leaks }: { files: readonly File[]; leaks: ClientScan['leaks'] }) {
  const { t } = useTranslation();
  const paths = new Set(files.map(({ path }) => path));
  const keys = leaks.filter((leak) => leak.code === 'plaintext-key' && paths.has(leak.path)).length;
  const managed = files.flatMap(({ entries }) => entries).filter((entry) => entry.managed).length;
  const all = files.reduce((sum, file) => sum + file.entries.length, 0);
  return (
    <span className="flex flex-wrap gap-1.5">
      <Tag tone={all > 0 && managed === all ? 'passed' : 'plain'}>
        {all > 0 && managed === all ? t('setup.find.managed') : t('setup.servers', { count: all })}
      </Tag>
      {keys > 0 ? <Tag tone="amber">{t('setup.find.keys', { count: keys })}</Tag> : null}
    </span>
  );
}
