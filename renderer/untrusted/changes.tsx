// Draws what is different between two foreign texts: what is gone struck through, what is new marked, what stayed cut short.
import { type ReactNode, useMemo } from 'react';
import { useTranslation } from '../strings/i18n.ts';
import { type FieldChange, fieldsChanged, runsOf } from './difference.ts';
import { Code, Foreign } from './foreign.tsx';
import { headAndTail } from './value.ts';

/** Of a part that did not change, this many characters stand on each side of a change. */
const context = 70;

/** Two texts as one, word by word. Only what stayed is ever cut. */
export function Changes({ was, is }: { was: string; is: string }) {
  const { t } = useTranslation();
  const runs = useMemo(() => runsOf(was, is), [was, is]);
  return (
    <span className="foreign lines block">
      {runs.map((run, index) => {
        const key = `${index}`;
        if (run.kind === 'gone') {
          return (
            <del key={key} className="text-muted decoration-vermilion decoration-[1.5px]">
              <span className="sr-only">{t('changes.gone')} </span>
              <Foreign text={run.text} lines />
            </del>
          );
        }
        if (run.kind === 'new') {
          return (
            <ins key={key} className="rounded-[3px] bg-amber-faint font-semibold text-amber no-underline shadow-[0_1.5px_0_var(--amber)]">
              <span className="sr-only">{t('changes.new')} </span>
              <Foreign text={run.text} lines />
            </ins>
          );
        }
        const { head, tail } = headAndTail(run.text, context);
        const cut = run.text.length > 2 * context + 20;
        return (
          <span key={key}>
            {cut ? (
              <>
                {index === 0 ? null : <Foreign text={head} lines />}
                <span className="text-muted" aria-hidden="true">
                  {' ⋯ '}
                </span>
                {index === runs.length - 1 ? null : <Foreign text={tail} lines />}
              </>
            ) : (
              <Foreign text={run.text} lines />
            )}
          </span>
        );
      })}
    </span>
  );
}

/** Two definitions, a row for each field that differs. */
export function DefinitionChanges({ was, is }: { was: string; is: string }) {
  const { t } = useTranslation();
  const fields = useMemo(() => fieldsChanged(was, is), [was, is]);
  if (fields.length === 0) return <p className="py-2 text-muted">{t('changes.none')}</p>;
  return (
    <Fields
      id="changes"
      fields={fields}
      note={(field) => (field.was === null ? ` ${t('changes.added')}` : field.is === null ? ` ${t('changes.removed')}` : '')}
    >
      {(field) =>
        field.was === null || field.is === null ? (
          <Foreign
            text={field.is ?? field.was ?? ''}
            lines
            mono
            className={`block border-l-2 pl-2.5 ${field.is === null ? 'border-vermilion text-muted line-through' : 'border-amber'}`}
          />
        ) : (
          <Changes was={field.was} is={field.is} />
        )
      }
    </Fields>
  );
}

/** What every tool has; said of none. */
const bare = '{"inputSchema":{"type":"object","properties":{}}}';

/** One definition whole, a row for each of its fields: what it says, each argument, and whatever else it has. */
export function DefinitionFields({ text }: { text: string }) {
  const fields = useMemo(() => fieldsChanged(bare, text).filter(({ is }) => is !== null), [text]);
  return (
    <Fields id="definition" fields={fields}>
      {(field) => <Foreign text={field.is ?? ''} lines mono={field.path.length !== 1} className="block" />}
    </Fields>
  );
}

/** A row for each field: its name, what is to be noted of it, and its contents. */
function Fields({
  id,
  fields,
  note,
  children,
}: {
  id: string;
  fields: readonly FieldChange[];
  note?: (field: FieldChange) => string;
  children: (field: FieldChange) => ReactNode;
}) {
  return (
    <dl className="divide-y divide-line" data-testid={id}>
      {fields.map((field) => (
        <div key={field.path.join('\u0000')} className="grid gap-1 py-2.5">
          <dt className="text-sm text-muted">
            <FieldName path={field.path} />
            {note?.(field)}
          </dt>
          <dd className="min-w-0">{children(field)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The well-known places of a definition in our words, everything else as the server names it. */
function FieldName({ path }: { path: readonly string[] }) {
  const { t } = useTranslation();
  const [first, second, name, ...rest] = path;
  if (first === undefined) return null;
  if (path.length === 1 && (first === 'description' || first === 'title')) return t(`changes.${first}`);
  if (first === 'inputSchema' && second === 'properties' && name !== undefined) {
    return (
      <>
        {t('changes.argument')} <Code text={[name, ...rest].join('.')} />
      </>
    );
  }
  return <Code text={path.join('.')} />;
}
