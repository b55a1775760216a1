// The top of a prompt: the bar that says in words what is grave about it, and the one sentence, ours alone.

import type { Approval, Entry } from '../../shared/vocabulary.ts';
import { useTranslation } from '../strings/i18n.ts';
import { Say } from '../strings/say.tsx';
import { Icon } from '../ui/icons.tsx';
import { Mark } from '../ui/mark.tsx';
import { ClientName, Code, Foreign, Name } from '../untrusted/foreign.tsx';
import { headAndTail } from '../untrusted/value.ts';
import { nameOf } from './name.ts';

export type Parts = NonNullable<Entry['sentence']>;

/** An object in a sentence is as long as a sentence bears; the rows below hold all of it. */
const longestObject = 90;

export function SentenceObject({ text }: { text: string }) {
  if (text.length <= longestObject) return <Name text={text} />;
  const { head, tail } = headAndTail(text, longestObject / 2);
  return <Name text={`${head}…${tail}`} />;
}

/** `read README.md in ~/code/acme`: the verbs are ours, each object is isolated. `past`: it was done, and begins the sentence. */
export function SentenceParts({ parts, past = false }: { parts: Parts; past?: boolean }) {
  const { phrases } = useTranslation();
  const own = phrases?.sentence(parts, past) ?? null;
  const said = own ?? parts.map((part) => ({ verb: past ? (part.past ?? part.verb) : part.verb, object: part.object }));
  const words = said.map(({ verb, object }, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one sentence
    <span key={index}>
      {index === 0 ? '' : ' '}
      {past && index === 0 ? verb.charAt(0).toUpperCase() + verb.slice(1) : verb}
      {verb === '' || object === '' ? '' : ' '}
      {object === '' ? null : <SentenceObject text={object} />}
    </span>
  ));
  if (phrases === null || own !== null) return words;
  return <span lang="en">“{words}”</span>;
}

export function Sentence({ approval }: { approval: Approval }) {
  const { kind, name } = nameOf(approval.capability);
  const parts = { client: <ClientName name={approval.client} />, server: <Name text={approval.server} />, name: <Code text={name} /> };
  if (approval.review) return <Say k="sentence.review" parts={parts} />;
  if (approval.sentence && approval.sentence.length > 0)
    return <Say k="sentence.known" parts={{ ...parts, what: <SentenceParts parts={approval.sentence} /> }} />;
  return <Say k={approval.capability === 'elicitation:url' ? 'sentence.page' : `sentence.${kind}`} parts={parts} />;
}

/** Low risk has none: it must look like a different thing from across the room. */
export function AlarmBar({ approval }: { approval: Approval }) {
  const { t } = useTranslation();
  const { risk, alarm } = approval;
  if (risk === 'low') return null;
  const look = { medium: 'bg-amber-faint text-amber', high: 'bg-vermilion-faint text-vermilion', critical: 'bg-solid text-on-solid' }[risk];
  return (
    <p className={`flex items-center gap-2.5 px-5 py-2.5 font-bold ${look}`} data-testid="alarm">
      {risk === 'medium' ? (
        <Mark outcome="asked" quiet />
      ) : risk === 'critical' ? (
        <Icon name="lock" />
      ) : (
        <Mark outcome={alarm === 'changed' || alarm === 'hidden' ? 'failed' : 'leaves'} quiet size={16} />
      )}
      {alarm ? t(`alarm.${alarm}`) : t(`risk.${risk}`)}
    </p>
  );
}

/** What the server says of itself stands in a box of its own, and is marked as its word (security.md, section 2, rule 2). */
export function Claim({ approval }: { approval: Approval }) {
  const { t } = useTranslation();
  const { title, description } = approval.claim;
  if ((!title && !description) || approval.review) return null;
  const words = description || title || '';
  return (
    <aside
      aria-label={t('prompt.serverSays')}
      className="rounded-lg border border-dashed claim px-3 py-2 text-sm text-muted"
      data-testid="claim"
    >
      <span className="font-semibold text-soft">{t('prompt.serverSays')}</span>{' '}
      <Foreign text={words.length > 150 ? `${words.slice(0, 150)}…` : words} />
    </aside>
  );
}
