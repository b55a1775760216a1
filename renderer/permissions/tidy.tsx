// The weekly tidy-up: how much was given against how much was of use, and the way to take back what was not.
import { useState } from 'react';
import type { Grant } from '../../shared/vocabulary.ts';
import { useConsole } from '../data/console.tsx';
import { explain } from '../data/fault.ts';
import { useTranslation } from '../strings/i18n.ts';
import { Button } from '../ui/button.tsx';
import { notice } from '../ui/notice.tsx';

const week = 7 * 86_400_000;

/** Given over a week ago and of no use since: a permission that nobody would miss. A no is kept, however old. */
export function idle(grant: Grant, now: number): boolean {
  const last = Date.parse(grant.lastUsedAt ?? grant.createdAt);
  return grant.effect === 'allow' && grant.session === null && now - Date.parse(grant.createdAt) > week && now - last > week;
}

interface Props {
  grants: readonly Grant[];
  now: number;
  only: boolean;
  onOnly: (only: boolean) => void;
}

export function Tidy({ grants, now, only, onOnly }: Props) {
  const { t } = useTranslation();
  const { client } = useConsole();
  const [busy, setBusy] = useState(false);
  const given = grants.filter((grant) => grant.effect === 'allow');
  const used = given.filter((grant) => grant.lastUsedAt !== null && now - Date.parse(grant.lastUsedAt) <= week);
  const rest = grants.filter((grant) => idle(grant, now));
  if (given.length === 0) return null;
  const takeBack = async () => {
    setBusy(true);
    try {
      for (const { id } of rest) await client.grant.revoke({ id });
      notice(t('tidy.did', { count: rest.length }));
      onOnly(false);
    } catch (error) {
      notice(explain(error).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <section
      aria-label={t('tidy.title')}
      className="mb-8 flex flex-wrap items-center gap-x-5 gap-y-3 rounded-xl border border-line bg-surface px-4 py-3.5"
    >
      <Meter given={given.length} used={used.length} />
      <div className="min-w-0 flex-1 basis-64">
        <p className="font-semibold">{t('tidy.sentence', { count: given.length, used: used.length })}</p>
        {rest.length > 0 ? <p className="text-soft">{t('tidy.about', { count: rest.length })}</p> : null}
      </div>
      {rest.length === 0 ? null : only ? (
        <span className="flex gap-2">
          <Button onClick={() => onOnly(false)}>{t('tidy.every')}</Button>
          <Button kind="stop" disabled={busy} onClick={() => void takeBack()}>
            {t('tidy.take', { count: rest.length })}
          </Button>
        </span>
      ) : (
        <Button onClick={() => onOnly(true)}>{t('tidy.show')}</Button>
      )}
    </section>
  );
}

/** One mark for each permission, filled where it was of use; many become a bar. */
function Meter({ given, used }: { given: number; used: number }) {
  return (
    <span aria-hidden="true" className="flex h-8 w-24 items-end gap-[3px]">
      {Array.from({ length: Math.min(given, 16) }, (_, index) => (
        <span
          // biome-ignore lint/suspicious/noArrayIndexKey: marks of a meter
          key={index}
          className={`h-full flex-1 rounded-[2px] ${index < Math.round((used / given) * Math.min(given, 16)) ? 'bg-passed' : 'bg-bar'}`}
        />
      ))}
    </span>
  );
}
