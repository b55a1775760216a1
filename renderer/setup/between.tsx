// The third step: a client's own file is changed to lead here, after its change was shown line by line.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useConsole } from '../data/console.tsx';
import { useTranslation } from '../strings/i18n.ts';
import { Button } from '../ui/button.tsx';
import { Tick } from '../ui/field.tsx';
import { Tag } from '../ui/layout.tsx';
import { Fault, Loading } from '../ui/states.tsx';
import { Code, Foreign } from '../untrusted/foreign.tsx';
import { Back } from './back.tsx';

export function Between({ onDone }: { onDone: (words: string) => void }) {
  const { t } = useTranslation();
  const { orpc } = useConsole();
  const { data, error, refetch } = useQuery(orpc.setup.look.queryOptions({ gcTime: 0 }));
  const { data: kept } = useQuery(orpc.clientFile.list.queryOptions());
  const [open, setOpen] = useState<string | null>(null);
  if (error) return <Fault error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Loading rows={3} />;
  const clients = new Map(data.files.map(({ client, title }) => [client, title]));
  return (
    <>
      <p className="max-w-prose text-soft">{t(clients.size > 0 ? 'setup.between.about' : 'setup.between.none')}</p>
      {clients.size > 0 ? (
        <ul className="divide-y divide-line border-y border-line">
          {[...clients].map(([client, title]) => {
            const through = kept?.some((file) => file.client === client) === true;
            return (
              <li key={client} className="grid gap-3 py-2.5">
                <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
                  <span className="min-w-0 flex-1 basis-48 font-semibold">
                    <Foreign text={title} />
                  </span>
                  {through ? <Tag tone="passed">{t('setup.between.through')}</Tag> : null}
                  <Button
                    small
                    aria-expanded={open === client}
                    onClick={() => setOpen(open === client ? null : client)}
                    aria-label={t(through ? 'setup.between.undoOf' : 'setup.between.lookOf', { client: title })}
                  >
                    {t(through ? 'setup.between.undo' : 'setup.between.look')}
                  </Button>
                </div>
                {open !== client ? null : through ? (
                  <Back
                    client={client}
                    onDone={() => {
                      setOpen(null);
                      void refetch();
                    }}
                  />
                ) : (
                  <Change
                    client={client}
                    onDone={() => {
                      setOpen(null);
                      onDone(t('setup.between.did', { client: title }));
                      void refetch();
                    }}
                  />
                )}
              </li>
            );
          })}
        </ul>
      ) : null}
    </>
  );
}

/** A change of a client's files, shown and made. `also`: servers it shall see beside those it sees. */
export function Change({ client: name, also = [], onDone }: { client: string; also?: string[]; onDone: () => void }) {
  const { t } = useTranslation();
  const { orpc, client } = useConsole();
  const [passDialogs, setPassDialogs] = useState(false);
  const [hooks, setHooks] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const wish = { client: name, passDialogs, hooks, also };
  const { data, error } = useQuery(orpc.setup.previewInstall.queryOptions({ input: wish, gcTime: 0 }));
  if (error) return <Fault error={error} />;
  if (data === undefined) return <Loading rows={2} />;
  const write = () => {
    setBusy(true);
    client.setup
      .install({ ...wish, digest: data.digest })
      .then(
        ({ refused }) =>
          refused.length > 0 ? setFault(new Error(refused.map((each) => `${each.path}: ${each.why}`).join('\n'))) : onDone(),
        setFault,
      )
      .finally(() => setBusy(false));
  };
  return (
    <div className="grid gap-3">
      {data.changes.map((change) => (
        <Difference key={change.path} path={change.path} lines={change.difference} />
      ))}
      {[
        ...data.left.map(({ path, entry, why }) => `${entry} (${path}): ${why}`),
        ...data.refused.map(({ path, why }) => `${path}: ${why}`),
      ].map((line) => (
        <p key={line} className="text-sm text-amber">
          <Foreign text={line} />
        </p>
      ))}
      {data.can.passDialogs ? (
        <Tick label={t('setup.between.passDialogs')} checked={passDialogs} onChange={(event) => setPassDialogs(event.target.checked)} />
      ) : null}
      {data.can.hooks ? (
        <Tick label={t('setup.between.hooks')} checked={hooks} onChange={(event) => setHooks(event.target.checked)} />
      ) : null}
      {fault ? <Fault error={fault} /> : null}
      <Button
        kind="main"
        className="justify-self-start"
        disabled={busy || (data.changes.length === 0 && also.length === 0)}
        onClick={write}
      >
        {t(data.changes.length > 0 ? 'setup.between.go' : also.length > 0 ? 'clients.offerTake' : 'setup.between.nothing')}
      </Button>
    </div>
  );
}

/** A line that goes or comes; the broker sets it in by two blanks (clients/preview.ts). */
const marked = /^ {0,2}([+-]) /;

/** Lines with - and +, as they will be written. */
function Difference({ path, lines }: { path: string; lines: readonly string[] }) {
  const tones: Readonly<Record<string, string>> = { '+': 'bg-passed-faint', '-': 'bg-vermilion-faint' };
  return (
    <section
      aria-label={path}
      className="scroll-calm max-h-72 overflow-auto rounded-lg border border-line bg-sunken"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
      tabIndex={0}
    >
      <p className="border-b border-line px-3 py-1.5 text-sm text-muted">
        <Code text={path} />
      </p>
      <pre className="min-w-fit py-1 text-[0.78rem] leading-[1.2rem]">
        {lines.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the lines of one difference
          <span key={index} className={`block px-3 ${tones[marked.exec(line)?.[1] ?? ''] ?? ''}`}>
            <Foreign text={line} lines />
          </span>
        ))}
      </pre>
    </section>
  );
}
