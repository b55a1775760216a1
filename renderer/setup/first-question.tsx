// The last step: a harmless first question, asked by the person's own client and answered here. Nothing of it is made up.
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useConsole } from '../data/console.tsx';
import { useTranslation } from '../strings/i18n.ts';
import { CopyBox } from '../ui/copy.tsx';
import { Mark } from '../ui/mark.tsx';

export function FirstQuestion({ onDone }: { onDone: (words: string) => void }) {
  const { t } = useTranslation();
  const { orpc } = useConsole();
  const { data: servers } = useQuery(orpc.server.list.queryOptions());
  const { data: answered } = useQuery({ ...orpc.log.list.queryOptions({ input: { verdict: 'ask', limit: 1 } }), refetchInterval: 2000 });
  const { data: waiting } = useQuery(orpc.approval.list.queryOptions());
  const has = answered !== undefined && answered.length > 0 && waiting?.length === 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: told once
  useEffect(() => {
    if (has) onDone(t('setup.question.did'));
  }, [has]);
  // What only reads and stays inside is harmless; a folder is what most people have.
  const [first] =
    servers?.filter(({ capabilities }) => capabilities.some((each) => each.accepted && !each.labels.includes('outward'))) ?? [];
  return (
    <>
      <p className="max-w-prose text-soft">{t(first === undefined ? 'setup.question.none' : 'setup.question.about')}</p>
      {first === undefined ? null : <CopyBox label={t('setup.question.label')} text={t('setup.question.say', { server: first.name })} />}
      <p role="status" className="flex items-center gap-2.5 text-soft">
        <Mark outcome={has ? 'passed' : 'asked'} quiet />
        {t(has ? 'setup.question.came' : 'setup.question.waits')}
      </p>
    </>
  );
}
