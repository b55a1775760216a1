// The policies in force: the set that comes with Gatehouse and the operator's own, each readable, the own ones to be changed or taken away.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { PolicyInfo } from '../../shared/vocabulary.ts';
import { useConsole } from '../data/console.tsx';
import { useTranslation } from '../strings/i18n.ts';
import { Say } from '../strings/say.tsx';
import { Ask } from '../ui/ask.tsx';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icons.tsx';
import { Part, Tag } from '../ui/layout.tsx';
import { Fault } from '../ui/states.tsx';
import { Code } from '../untrusted/foreign.tsx';
import { LongText } from '../untrusted/long-text.tsx';
import { PolicyEditor } from './policy-editor.tsx';

export function Policies() {
  const { t } = useTranslation();
  const { orpc } = useConsole();
  const { data, error } = useQuery(orpc.policy.list.queryOptions());
  const [editing, setEditing] = useState<{ name: string; text: string } | null>(null);
  return (
    <Part
      title={t('policies.title')}
      about={t('policies.about')}
      actions={
        <Button small onClick={() => setEditing({ name: '', text: '' })}>
          <Icon name="plus" size={14} />
          {t('policies.add')}
        </Button>
      }
    >
      {error ? <Fault error={error} /> : null}
      <ul className="divide-y divide-line border-b border-line">
        {data?.map((policy) => (
          <PolicyRow key={policy.name} policy={policy} onEdit={() => setEditing(policy)} />
        ))}
      </ul>
      {editing === null ? null : <PolicyEditor key={editing.name} given={editing} onClose={() => setEditing(null)} />}
    </Part>
  );
}

function PolicyRow({ policy, onEdit }: { policy: PolicyInfo; onEdit: () => void }) {
  const { t } = useTranslation();
  const { client } = useConsole();
  const [open, setOpen] = useState(false);
  const count = (kind: 'permit' | 'forbid' | 'asks') =>
    policy.policies.filter((part) => (kind === 'asks' ? part.asks : !part.asks && part.effect === kind)).length;
  const says = (['forbid', 'asks', 'permit'] as const)
    .filter((kind) => count(kind) > 0)
    .map((kind) => t(`policies.${kind}`, { count: count(kind) }));
  return (
    <li className="py-2.5">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <span className="min-w-0 flex-1 basis-56">
          <span className="flex items-center gap-2">
            <Code text={policy.name} />
            {policy.source === 'set' ? <Tag>{t('policies.set')}</Tag> : null}
          </span>
          <span className="block text-sm text-muted">{says.length > 0 ? says.join(' · ') : t('policies.nothing')}</span>
        </span>
        <Button small kind="quiet" aria-expanded={open} onClick={() => setOpen(!open)}>
          {t(open ? 'policies.hide' : 'policies.read')}
        </Button>
        {policy.source === 'set' ? null : (
          <>
            <Button small onClick={onEdit}>
              {t('policies.change')}
            </Button>
            <Ask
              trigger={(ask) => (
                <Button small kind="quiet" onClick={ask}>
                  {t('remove')}
                </Button>
              )}
              title={<Say k="policies.removeTitle" parts={{ name: <Code text={policy.name} /> }} />}
              about={t('policies.removeAbout')}
              confirm={t('remove')}
              act={() => client.policy.remove({ name: policy.name })}
            />
          </>
        )}
      </div>
      {open ? (
        <div className="mt-2.5">
          <LongText label={policy.name} text={policy.text} tall />
        </div>
      ) : null}
    </li>
  );
}
