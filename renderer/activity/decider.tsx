// Says in words which rule decided, and leads to it: never a bare identifier.
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { Link } from 'wouter';
import type { Entry, Grant } from '../../shared/vocabulary.ts';
import { useConsole } from '../data/console.tsx';
import { en } from '../strings/en.ts';
import { ruleDay } from '../strings/format.ts';
import { useTranslation } from '../strings/i18n.ts';
import { Foreign } from '../untrusted/foreign.tsx';
import { isAct } from './threads.ts';

const words: Readonly<Record<string, string>> = en.decided;

/** The grants there are now, by id. */
export function useGrants(): ReadonlyMap<string, Grant> {
  const { orpc } = useConsole();
  const { data } = useQuery(orpc.grant.list.queryOptions());
  return useMemo(() => new Map(data?.map((grant) => [grant.id, grant])), [data]);
}

/** Rows that a rule covers are many, so the few grants are looked up once for the list and handed in. */
export function Decider({
  entry,
  outcome,
  grants,
  link = false,
}: {
  entry: Entry;
  outcome: Entry | null;
  grants: ReadonlyMap<string, Grant>;
  link?: boolean;
}) {
  const { t } = useTranslation();
  const by = outcome?.decidedBy ?? entry.decidedBy;
  // An act says itself who did it.
  if (by === undefined || isAct(entry)) return null;
  if (by === 'default' && entry.verdict === 'ask' && outcome === null) return t('decided.waiting');
  const kind = by.split(/[: (]/, 1)[0] ?? '';
  const id = by.slice(kind.length + 1);
  const grant = kind === 'grant' ? grants.get(id) : undefined;
  if (grant !== undefined) {
    const rule = t('decided.rule', { day: ruleDay(grant.createdAt) });
    if (!link) return rule;
    return (
      // One of many in a list that is one stop of the Tab key (keys.ts).
      <Link
        href={`/permissions/${encodeURIComponent(id)}`}
        tabIndex={-1}
        className="relative rounded underline-offset-2 hover:text-ink hover:underline"
      >
        {rule}
      </Link>
    );
  }
  if (kind === 'policy' && id !== '') {
    return (
      <>
        {t('decided.policyNamed')} <Foreign text={id} />
      </>
    );
  }
  return kind in words ? t(`decided.${kind}`) : <Foreign text={by} />;
}
