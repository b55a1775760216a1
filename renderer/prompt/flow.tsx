// The path of a flow: what the session touched and when, and what would happen now, as a short line from top to bottom.

import type { Approval } from '../../shared/vocabulary.ts';
import { en } from '../strings/en.ts';
import { clock, full } from '../strings/format.ts';
import { useTranslation } from '../strings/i18n.ts';
import { isLabel } from '../ui/labels.ts';
import { Foreign, Name } from '../untrusted/foreign.tsx';

type Path = NonNullable<Approval['path']>;

/** `It read .env`; a step that a language has no words for is said as the broker says it. */
function StepWords({ step: { what, object } }: { step: Path[number] }) {
  const { t, phrases } = useTranslation();
  const own = phrases?.step(what, object !== undefined) ?? null;
  const name = object === undefined ? null : <Name text={object} />;
  const before = name === null ? '' : ' ';
  if (own !== null) {
    return (
      <>
        {t('flow.it')} {own.before}
        {before}
        {name} {own.after}
      </>
    );
  }
  return (
    <span lang="en">
      {en.flow.it} <Foreign text={what} />
      {before}
      {name}
    </span>
  );
}

/** Older steps of a long path are counted, the newest are shown. */
const mostSteps = 4;

export function Flow({ path }: { path: Path }) {
  const { t } = useTranslation();
  const shown = path.slice(-mostSteps);
  const before = path.length - shown.length;
  return (
    <ol aria-label={t('flow.label')} className="grid" data-testid="flow">
      {before > 0 ? <li className="pb-1 pl-[22px] text-sm text-muted">{t('flow.before', { count: before })}</li> : null}
      {shown.map((step, index) => {
        const now = step.at === null;
        return (
          <li key={`${step.at} ${step.what} ${step.object}`} className="relative flex items-baseline gap-3 py-[5px] pl-[22px]">
            {index < shown.length - 1 ? (
              <span aria-hidden="true" className="absolute top-[1.15rem] -bottom-[0.55rem] left-[5px] w-px bg-edge" />
            ) : null}
            <span
              aria-hidden="true"
              className={`absolute top-[0.68rem] left-[0.5px] size-2.5 ${now ? 'rounded-[2px] bg-vermilion' : 'rounded-full bg-amber'}`}
            />
            <span className="min-w-0 flex-1">
              <StepWords step={step} />
              {step.label === null || now ? null : (
                <span className="text-muted">
                  , {isLabel(step.label) ? t(`label.${step.label}`) : <Foreign text={step.label} english />}
                </span>
              )}
            </span>
            {step.at === null ? (
              <span className="shrink-0 text-sm text-muted">{t('activity.now')}</span>
            ) : (
              <time dateTime={step.at} title={full(step.at)} className="shrink-0 text-sm text-muted tabular">
                {clock(step.at)}
              </time>
            )}
          </li>
        );
      })}
    </ol>
  );
}
