// Finds a server: asks the registry when the person searches and never before, or opens a bundle that they have.
import { useRef, useState } from 'react';
import type { Candidate, FoundServer } from '../../shared/candidate.ts';
import { useConsole, useNow } from '../data/console.tsx';
import { ago } from '../strings/format.ts';
import { useTranslation } from '../strings/i18n.ts';
import { Say } from '../strings/say.tsx';
import { Button } from '../ui/button.tsx';
import { Input } from '../ui/field.tsx';
import { Icon } from '../ui/icons.tsx';
import { Page, Tag } from '../ui/layout.tsx';
import { Empty, Fault, Loading } from '../ui/states.tsx';
import { Code, Foreign } from '../untrusted/foreign.tsx';
import { CandidateReview, type Source } from './candidate.tsx';
import { RegistryAddress } from './registry-address.tsx';

interface Found {
  words: string;
  at: string;
  offline: boolean;
  why: string | null;
  servers: FoundServer[];
  next: string | null;
}

/** Larger bundles go by their path: gatehouse server add NAME --bundle FILE. */
const mostBytes = 45 * 1024 * 1024;

export function FindServersPage() {
  const { t } = useTranslation();
  const { client } = useConsole();
  const [words, setWords] = useState('');
  const [found, setFound] = useState<Found | null>(null);
  const [busy, setBusy] = useState<'search' | 'open' | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const [looked, setLooked] = useState<{ candidate: Candidate; source: Source } | null>(null);
  const picker = useRef<HTMLInputElement>(null);
  const during = async (what: 'search' | 'open', act: () => Promise<void>) => {
    setBusy(what);
    setFault(null);
    await act().catch((error: unknown) => setFault(error));
    setBusy(null);
  };
  const search = (cursor?: string) =>
    during('search', async () => {
      if (cursor === undefined) setFound(null);
      const said = await client.registry.search({ words, ...(cursor === undefined ? {} : { cursor }) });
      const before = cursor === undefined ? [] : (found?.servers ?? []);
      setFound({ ...said, words, servers: [...before, ...said.servers] });
    });
  const look = (source: Source) =>
    during('open', async () => {
      const candidate = source.kind === 'bundle' ? await client.candidate.bundle(source.of) : await client.candidate.registry(source.of);
      // The bytes went there once; from here on its hash is its name.
      const known: Source =
        source.kind === 'bundle' && candidate.bundle ? { kind: 'bundle', of: { sha256: candidate.bundle.sha256 } } : source;
      setLooked({ candidate, source: known });
    });
  const openFile = (file: File | undefined) => {
    if (file === undefined) return;
    if (file.size > mostBytes) return setFault(new Error(t('find.tooLarge')));
    void file.arrayBuffer().then((bytes) => look({ kind: 'bundle', of: { data: base64(new Uint8Array(bytes)) } }));
  };
  return (
    <Page
      title={t('find.title')}
      about={t('find.about')}
      back={{ to: '/servers', label: t('nav.servers') }}
      actions={
        <Button disabled={busy !== null} onClick={() => picker.current?.click()}>
          {t('find.bundle')}
        </Button>
      }
    >
      <input
        ref={picker}
        type="file"
        accept=".mcpb,.dxt"
        className="hidden"
        aria-label={t('find.bundle')}
        onChange={(event) => {
          openFile(event.target.files?.[0]);
          event.target.value = '';
        }}
      />
      <form
        className="flex flex-wrap items-center gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (words.trim() !== '') void search();
        }}
      >
        <Input
          aria-label={t('find.words')}
          placeholder={t('find.placeholder')}
          className="max-w-md flex-1 basis-52"
          value={words}
          maxLength={200}
          onChange={(event) => setWords(event.target.value)}
        />
        <Button kind="main" type="submit" disabled={busy !== null || words.trim() === ''}>
          <Icon name="search" />
          {t('find.go')}
        </Button>
      </form>
      <RegistryAddress />
      {fault ? (
        <div className="mb-6">
          <Fault error={fault} />
        </div>
      ) : null}
      {busy === 'search' && found === null ? <Loading /> : null}
      {found === null && busy === null && !fault ? <Empty title={t('find.start')}>{t('find.startAbout')}</Empty> : null}
      {found ? (
        <Results found={found} busy={busy !== null} onLook={(id) => void look({ kind: 'registry', of: { id } })} onMore={search} />
      ) : null}
      {looked ? <CandidateReview first={looked.candidate} source={looked.source} onClose={() => setLooked(null)} /> : null}
    </Page>
  );
}

function Results({
  found,
  busy,
  onLook,
  onMore,
}: {
  found: Found;
  busy: boolean;
  onLook: (id: string) => void;
  onMore: (cursor: string) => Promise<void>;
}) {
  const { t } = useTranslation();
  const now = useNow(60_000);
  return (
    <>
      {found.offline ? (
        <p role="status" className="mb-4 rounded-xl border border-amber-line bg-amber-faint px-4 py-3">
          <span className="font-medium">{t('find.offline', { ago: ago(found.at, now) })}</span>{' '}
          {found.why === null ? null : <span className="text-soft">{found.why}</span>}
        </p>
      ) : null}
      {found.servers.length === 0 ? (
        <Empty title={<Say k="find.none" parts={{ words: <Foreign text={found.words} /> }} />}>{t('find.noneAbout')}</Empty>
      ) : null}
      <ul className="divide-y divide-line border-y border-line empty:border-0">
        {found.servers.map((server) => (
          <li key={`${server.id} ${server.version}`}>
            <Row server={server} busy={busy} onLook={() => onLook(server.id)} />
          </li>
        ))}
      </ul>
      {found.next === null ? null : (
        <div className="mt-4">
          <Button disabled={busy} onClick={() => void onMore(found.next ?? '')}>
            {t('find.more')}
          </Button>
        </div>
      )}
    </>
  );
}

function Row({ server, busy, onLook }: { server: FoundServer; busy: boolean; onLook: () => void }) {
  const { t } = useTranslation();
  const possible = server.ways.some((way) => way.possible);
  const kinds = [...new Set(server.ways.map(({ kind }) => kind))];
  return (
    <div className="flex flex-wrap items-start gap-x-4 gap-y-2 py-3">
      <div className="min-w-0 flex-1 basis-64">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <strong>
            <Foreign text={server.title ?? server.id} />
          </strong>
          <span className="text-sm text-muted tabular">
            <Foreign text={server.version} />
          </span>
          {server.status === 'deprecated' ? <Tag tone="amber">{t('find.deprecated')}</Tag> : null}
          {server.status === 'deleted' ? <Tag tone="vermilion">{t('find.deleted')}</Tag> : null}
        </p>
        {server.title === null ? null : (
          <p className="text-sm break-all text-muted">
            <Code text={server.id} />
          </p>
        )}
        <p className="mt-0.5 line-clamp-2 text-sm text-soft">
          <Foreign text={server.description} />
        </p>
      </div>
      <span className="flex shrink-0 items-center gap-2 pt-0.5">
        {kinds.map((kind) => (
          <Tag key={kind}>{kind === 'remote' ? t('find.remote') : <Foreign text={kind} />}</Tag>
        ))}
        {possible ? (
          <Button small disabled={busy} onClick={onLook} aria-label={t('find.lookAt', { name: server.title ?? server.id })}>
            {t('find.look')}
          </Button>
        ) : (
          <span className="text-sm text-muted">{t('find.impossible')}</span>
        )}
      </span>
    </div>
  );
}

function base64(bytes: Uint8Array): string {
  const parts: string[] = [];
  // In threes, so that the pieces join without padding between them.
  for (let at = 0; at < bytes.length; at += 30_000) parts.push(btoa(String.fromCharCode(...bytes.subarray(at, at + 30_000))));
  return parts.join('');
}
