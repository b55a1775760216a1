// What stands behind the first view of a prompt: where it comes from, its fingerprints, and the server's whole claim.
import { type ReactNode, useState } from 'react';
import type { Approval } from '../../shared/vocabulary.ts';
import { seconds } from '../strings/format.ts';
import { useTranslation } from '../strings/i18n.ts';
import { Icon } from '../ui/icons.tsx';
import { Code, Foreign } from '../untrusted/foreign.tsx';
import { LongText } from '../untrusted/long-text.tsx';
import type { Row } from '../untrusted/value.ts';

export function Details({ approval, covered, children }: { approval: Approval; covered: readonly Row[]; children: ReactNode }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const { title, description } = approval.claim;
  const facts: [string, ReactNode][] = [
    ['capability', <Code key="c" text={approval.capability} />],
    ['server', <Code key="v" text={approval.server} />],
    ['folder', approval.folder === null ? t('unknown') : <Code key="f" text={approval.folder} />],
    ['session', <Code key="s" text={approval.session} />],
    ['question', <Code key="q" text={approval.id} />],
    ['asked', seconds(approval.createdAt)],
    ['digest', <Code key="d" text={approval.digest} />],
  ];
  return (
    <div>
      <div className="flex items-center gap-3 text-sm text-muted">
        <button
          type="button"
          aria-expanded={open}
          className="-ml-1 inline-flex items-center gap-0.5 rounded px-1 font-medium hover:text-ink"
          onClick={() => setOpen(!open)}
        >
          {t('prompt.details')}
          <span className={`transition-transform duration-150 ${open ? 'rotate-180' : ''}`}>
            <Icon name="down" size={14} />
          </span>
        </button>
        <span className="ml-auto text-right">{children}</span>
      </div>
      {open ? (
        <div className="scroll-calm mt-2 grid max-h-56 gap-2 overflow-auto border-t border-line pt-2 text-sm">
          {approval.reasons.length > 0 ? (
            <ul className="list-disc pl-4 text-soft">
              {approval.reasons.map((reason) => (
                <li key={reason}>
                  <Foreign text={reason} english />
                </li>
              ))}
            </ul>
          ) : null}
          <dl className="grid gap-1">
            {facts.map(([name, value]) => (
              <div key={name} className="grid grid-cols-[5.5rem_1fr] gap-2">
                <dt className="text-muted">{t(`prompt.fact.${name}`)}</dt>
                <dd className="min-w-0">{value}</dd>
              </div>
            ))}
            {covered.map((row) => (
              <div key={row.id} className="grid grid-cols-[5.5rem_1fr] gap-2" data-argument={row.id}>
                <dt className="min-w-0 text-muted">{row.name === null ? null : <Foreign text={row.name} />}</dt>
                <dd className="min-w-0">
                  <Foreign text={row.text} lines mono />
                </dd>
              </div>
            ))}
          </dl>
          {title || description ? (
            <div className="rounded-lg border border-dashed border-edge p-2">
              <p className="mb-1 font-semibold text-soft">{t('prompt.serverSays')}</p>
              <LongText text={[title, description].filter(Boolean).join('\n\n')} label={t('prompt.serverSays')} />
            </div>
          ) : null}
          <p className="text-muted">{t('prompt.escape')}</p>
        </div>
      ) : null}
    </div>
  );
}
