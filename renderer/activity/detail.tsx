// All that is kept of one action: what was asked and answered, how long it took, and the rule that decided, with the way to take it back.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import type { Entry } from '../../shared/vocabulary.ts';
import { useConsole } from '../data/console.tsx';
import { GrantWords } from '../permissions/words.tsx';
import { bytes, full, number, span } from '../strings/format.ts';
import { useTranslation } from '../strings/i18n.ts';
import { Button } from '../ui/button.tsx';
import { SidePanel } from '../ui/dialog.tsx';
import { Fact, Facts } from '../ui/layout.tsx';
import { Mark } from '../ui/mark.tsx';
import { notice } from '../ui/notice.tsx';
import { Fault, Loading } from '../ui/states.tsx';
import { ClientName, Code, Foreign } from '../untrusted/foreign.tsx';
import { readable, readJson } from '../untrusted/json-text.ts';
import { LongText } from '../untrusted/long-text.tsx';
import { Decider, useGrants } from './decider.tsx';
import { EntrySentence } from './sentence.tsx';
import { endingOf, markOf } from './threads.ts';

export function EntryDetail({ seq, onClose }: { seq: number | null; onClose: () => void }) {
  const { t } = useTranslation();
  const { orpc } = useConsole();
  const { data, error, isPending, refetch } = useQuery({
    ...orpc.log.show.queryOptions({ input: { seq: seq ?? 0 } }),
    enabled: seq !== null,
  });
  const outcome = data?.related.find((entry) => entry.type === 'outcome' && entry.asked === data.entry.seq) ?? null;
  const ending = data ? endingOf(data.entry, outcome) : 'act';
  return (
    <SidePanel
      open={seq !== null}
      onClose={onClose}
      title={
        data ? (
          <span className="flex items-start gap-2.5">
            <span className="mt-1">
              <Mark outcome={markOf(data.entry, ending)} />
            </span>
            <span className="min-w-0 font-normal">
              <EntrySentence entry={data.entry} ending={ending} />
            </span>
          </span>
        ) : (
          t('detail.title')
        )
      }
    >
      {error ? (
        <Fault error={error} retry={() => void refetch()} />
      ) : isPending ? (
        <Loading rows={5} />
      ) : (
        <Body entry={data.entry} outcome={outcome} related={data.related} request={data.request} reply={data.reply} />
      )}
    </SidePanel>
  );
}

function Body({
  entry,
  outcome,
  related,
  request,
  reply,
}: {
  entry: Entry;
  outcome: Entry | null;
  related: Entry[];
  request: string | null;
  reply: string | null;
}) {
  const { t } = useTranslation();
  const grants = useGrants();
  /** What a client's own tool came to, told by its hook afterwards. */
  const came = entry.type === 'client-tool.ended' ? entry : related.find((each) => each.type === 'client-tool.ended');
  const duration = came?.durationMs ?? outcome?.durationMs ?? entry.durationMs;
  const decidedBy = outcome?.decidedBy ?? entry.decidedBy;
  const reason = outcome?.reason ?? entry.reason;
  return (
    <div className="grid gap-5">
      <Facts>
        <Fact name={t('detail.when')}>
          <span className="tabular">{full(entry.at)}</span>
        </Fact>
        {entry.client ? (
          <Fact name={t('detail.client')}>
            <ClientName name={entry.client} />
          </Fact>
        ) : null}
        {duration === undefined ? null : <Fact name={t('detail.took')}>{span(duration)}</Fact>}
        {came ? (
          <Fact name={t('detail.came')}>
            {t(came.result === 'ok' ? 'detail.cameOk' : 'detail.cameFailed', { size: bytes(Number(came.bytes ?? 0)) })}
          </Fact>
        ) : null}
        {decidedBy === undefined ? null : (
          <Fact name={t('detail.decided')}>
            <span className="first-letter:uppercase">
              <Decider entry={entry} outcome={outcome} grants={grants} />
            </span>
            {reason ? (
              <p className="text-muted">
                <Foreign text={reason} english />
              </p>
            ) : null}
            {decidedBy.startsWith('grant:') ? <DecidingGrant id={decidedBy.slice(6)} /> : null}
            {decidedBy.startsWith('policy') ? <DecidingPolicy seq={entry.seq} /> : null}
          </Fact>
        )}
        <Fact name={t('detail.place')}>
          <span className="tabular">{t('detail.seq', { seq: entry.seq })}</span>
          <Code text={`  ${entry.hash.slice(0, 16)}…`} />
        </Fact>
      </Facts>
      {request === null && reply === null ? (
        came && <Noticed entry={came} />
      ) : (
        <>
          <Kept title={t('detail.request')} text={request} />
          <Noticed entry={outcome ?? entry} />
          {came ? <Noticed entry={came} /> : <Kept title={t('detail.reply')} text={reply} />}
        </>
      )}
      {related.length > 0 ? (
        <section>
          <h3 className="mb-1 font-semibold">{t('detail.related')}</h3>
          <ul className="divide-y divide-line border-y border-line">
            {related.map((each) => (
              <li key={each.seq} className="flex gap-3 py-1.5 text-sm">
                <span className="text-muted tabular">{t('detail.seq', { seq: each.seq })}</span>
                <span className="min-w-0 flex-1 truncate">
                  <Foreign text={[each.type, each.verdict, each.result].filter(Boolean).join(' · ')} english />
                </span>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
    </div>
  );
}

/** What the broker saw in an answer that it passed on as it came. */
function Noticed({ entry: { findings = [], partlyRead } }: { entry: Entry }) {
  const { t } = useTranslation();
  if (findings.length === 0 && partlyRead === undefined) return null;
  return (
    <section data-testid="noticed">
      <h3 className="mb-1.5 font-semibold">{t('detail.noticed')}</h3>
      <ul className="grid gap-2 empty:hidden">
        {findings.map((finding) => (
          <li key={`${finding.rule} ${finding.title}`} className="flex items-start gap-2.5">
            <Mark outcome={finding.severity === 'serious' ? 'failed' : 'asked'} quiet />
            <p className="min-w-0 flex-1">
              <b>
                <Foreign text={finding.title} english />
              </b>{' '}
              {finding.detail ? (
                <span className="text-soft">
                  <Foreign text={finding.detail} english />
                </span>
              ) : null}
            </p>
          </li>
        ))}
      </ul>
      {partlyRead ? (
        <p className="mt-1.5 text-muted first:mt-0">
          {t('detail.partlyRead', { read: number(partlyRead.read), of: number(partlyRead.of) })}
        </p>
      ) : null}
    </section>
  );
}

function Kept({ title, text }: { title: string; text: string | null }) {
  const { t } = useTranslation();
  const node = text === null ? null : readJson(text);
  return (
    <section>
      <h3 className="mb-1.5 font-semibold">{title}</h3>
      {text === null ? (
        <p className="text-muted">{t('detail.notKept')}</p>
      ) : (
        <LongText text={node === null ? text : readable(node)} label={title} />
      )}
    </section>
  );
}

function DecidingGrant({ id }: { id: string }) {
  const { t } = useTranslation();
  const { orpc, client } = useConsole();
  const { data: grant } = useQuery({ ...orpc.grant.show.queryOptions({ input: { id } }), retry: false });
  const [fault, setFault] = useState<unknown>(null);
  const [gone, setGone] = useState(false);
  const revoke = () =>
    client.grant.revoke({ id }).then(
      () => {
        setGone(true);
        notice(t('permissions.didRevoke'));
      },
      (error: unknown) => setFault(error),
    );
  return (
    <div className="mt-2 grid gap-2 rounded-lg border border-line p-3">
      <p>{gone ? t('detail.revoked') : grant ? <GrantWords grant={grant} /> : t('detail.grantGone')}</p>
      <div className="flex gap-2">
        {grant && !gone ? (
          <Button small kind="stop" onClick={revoke}>
            {t('permissions.revoke')}
          </Button>
        ) : null}
        <Link href="/permissions" className="inline-flex h-7 items-center rounded-md px-2 text-sm font-medium text-muted hover:text-ink">
          {t('detail.allPermissions')}
        </Link>
      </div>
      {fault ? <Fault error={fault} /> : null}
    </div>
  );
}

/** The text of the policy that decided, as it is in force now. */
function DecidingPolicy({ seq }: { seq: number }) {
  const { t } = useTranslation();
  const { orpc } = useConsole();
  const { data } = useQuery({ ...orpc.policy.explain.queryOptions({ input: { seq } }), retry: false });
  if (!data?.rule) return null;
  return (
    <div className="mt-2 grid gap-2">
      <LongText label={t('detail.rule')} text={data.rule.text} />
      <Link href="/permissions" className="justify-self-start rounded text-sm font-medium underline underline-offset-2">
        {t('policies.title')}
      </Link>
    </div>
  );
}
