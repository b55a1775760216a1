// What a server offers, by kind: accepted or not, what it touches, what a scan noticed, and what the server says of it.
import { useState } from 'react';
import type { Label, Server } from '../../shared/vocabulary.ts';
import { useConsole } from '../data/console.tsx';
import { explain } from '../data/fault.ts';
import { nameOf } from '../prompt/name.ts';
import { useTranslation } from '../strings/i18n.ts';
import { Tick } from '../ui/field.tsx';
import { Icon } from '../ui/icons.tsx';
import { labels } from '../ui/labels.ts';
import { LabelTag, Part, Tag } from '../ui/layout.tsx';
import { Mark } from '../ui/mark.tsx';
import { notice } from '../ui/notice.tsx';
import { Code } from '../untrusted/foreign.tsx';
import { LongText } from '../untrusted/long-text.tsx';
import { Findings } from './findings.tsx';

type Capability = Server['capabilities'][number];

export function Capabilities({ server }: { server: Server }) {
  const { t } = useTranslation();
  const kinds = new Map<string, Capability[]>();
  for (const each of server.capabilities) {
    const { kind } = nameOf(each.capability);
    kinds.set(kind, [...(kinds.get(kind) ?? []), each]);
  }
  if (kinds.size === 0) {
    return (
      <Part title={t('servers.offersTitle')}>
        <p className="py-3 text-muted">{t('servers.offersNothing')}</p>
      </Part>
    );
  }
  return [...kinds].map(([kind, all]) => (
    <Part key={kind} title={t(`kind.${kind}`, { count: all.length })}>
      <ul className="divide-y divide-line border-b border-line">
        {all.map((each) => (
          <CapabilityRow key={each.capability} server={server.name} capability={each} />
        ))}
      </ul>
    </Part>
  ));
}

function CapabilityRow({ server, capability }: { server: string; capability: Capability }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const worst = capability.findings.some((finding) => finding.severity === 'serious');
  return (
    <li>
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="-mx-3 flex w-[calc(100%+1.5rem)] items-center gap-3 rounded-lg px-3 py-2 text-left hover:bg-sunken"
      >
        <Mark outcome={capability.accepted ? 'passed' : 'asked'} quiet />
        <span className="min-w-0 flex-1">
          <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
            <Code text={nameOf(capability.capability).name} />
            {capability.accepted ? null : <Tag tone="amber">{t('servers.notAccepted')}</Tag>}
            {capability.labels.map((label) => (
              <LabelTag key={label} label={label} />
            ))}
            {capability.findings.length > 0 ? (
              <Tag tone={worst ? 'vermilion' : 'amber'}>{t('servers.findings', { count: capability.findings.length })}</Tag>
            ) : null}
          </span>
        </span>
        <span className={`text-muted transition-transform duration-150 ${open ? 'rotate-180' : ''}`}>
          <Icon name="down" />
        </span>
      </button>
      {open ? (
        <div className="grid gap-3 pt-1 pb-4 pl-8">
          <Findings findings={capability.findings} />
          {capability.title || capability.description ? (
            <div className="rounded-lg border border-dashed claim p-2.5">
              <p className="mb-1 text-sm font-semibold text-soft">{t('prompt.serverSays')}</p>
              <LongText label={t('prompt.serverSays')} text={[capability.title, capability.description].filter(Boolean).join('\n\n')} />
            </div>
          ) : (
            <p className="text-muted">{t('servers.saysNothing')}</p>
          )}
          <Labels server={server} capability={capability} />
        </div>
      ) : null}
    </li>
  );
}

/** Our judgement of what it touches, and the operator's word over it. */
function Labels({ server, capability }: { server: string; capability: Capability }) {
  const { t } = useTranslation();
  const { client } = useConsole();
  const set = (label: Label, on: boolean) =>
    client.label.set({ server, capability: capability.capability, label, on }).then(
      () => notice(t('saved')),
      (error: unknown) => notice(explain(error).message),
    );
  return (
    <fieldset>
      <legend className="mb-1 text-sm text-muted">{t('servers.touches')}</legend>
      <div className="flex flex-wrap gap-x-5">
        {labels.map((label) => (
          <Tick
            key={label}
            label={t(`label.${label}`)}
            checked={capability.labels.includes(label)}
            onChange={(event) => void set(label, event.target.checked)}
          />
        ))}
      </div>
    </fieldset>
  );
}
