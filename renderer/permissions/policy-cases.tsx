// Cases against a policy before it counts: one request a line, and what the policies should say of it.
import { useState } from 'react';
import type { PolicyCase } from '../../shared/vocabulary.ts';
import { useConsole } from '../data/console.tsx';
import { useTranslation } from '../strings/i18n.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { Icon } from '../ui/icons.tsx';
import { Mark } from '../ui/mark.tsx';
import { Fault } from '../ui/states.tsx';
import { Foreign } from '../untrusted/foreign.tsx';

const sample = `{"client":"cursor","server":"github","capability":"tool:delete_file","expect":"deny"}`;

/** The cases, or the number of the first line that is none. */
function casesOf(text: string): { cases: PolicyCase[] } | { wrong: number } {
  const cases: PolicyCase[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    try {
      const value: unknown = JSON.parse(line);
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return { wrong: index + 1 };
      cases.push({ name: `${index + 1}`, ...value } as PolicyCase);
    } catch {
      return { wrong: index + 1 };
    }
  }
  return { cases };
}

type Result = { name: string; expected: string; got: string; by: string[]; ok: boolean };

/** `policy`: the one that is being written; null while it is not sound, and the cases go against what is in force. */
export function PolicyCases({ policy }: { policy: { name: string; text: string } | null }) {
  const { t } = useTranslation();
  const { client } = useConsole();
  const [text, setText] = useState('');
  const [shown, setShown] = useState<{ of: string; results: Result[] } | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const read = casesOf(text);
  const of = JSON.stringify([text, policy]);
  const results = shown?.of === of ? shown.results : null;
  const run = async (cases: PolicyCase[]) => {
    setFault(null);
    try {
      const { results: all } = await client.policy.test({ cases, ...(policy ?? {}) });
      setShown({ of, results: all });
    } catch (error) {
      setFault(error);
    }
  };
  return (
    <details className="group rounded-lg border border-line">
      <summary className="flex list-none items-center gap-1.5 rounded-lg px-3.5 py-2 font-medium select-none [&::-webkit-details-marker]:hidden">
        {t('cases.title')}
        <span className="text-muted transition-transform duration-150 group-open:rotate-180">
          <Icon name="down" size={14} />
        </span>
      </summary>
      <div className="grid gap-3 border-t border-line px-3.5 py-3">
        <Field label={t('cases.label')} hint={t('cases.hint')} error={'wrong' in read ? t('cases.wrong', { line: read.wrong }) : undefined}>
          {(ids) => (
            <textarea
              {...ids}
              value={text}
              rows={4}
              spellCheck={false}
              placeholder={sample}
              onChange={(event) => setText(event.target.value)}
              className="scroll-calm w-full resize-y rounded-lg border border-edge bg-surface px-3 py-2 font-mono text-[0.78rem] leading-5 placeholder:text-muted"
            />
          )}
        </Field>
        <Button
          small
          className="justify-self-start"
          disabled={'wrong' in read || read.cases.length === 0}
          onClick={() => 'cases' in read && void run(read.cases)}
        >
          {t(policy === null ? 'cases.runInForce' : 'cases.run')}
        </Button>
        {fault ? <Fault error={fault} /> : null}
        {results === null ? null : (
          <div role="status">
            <ul className="grid gap-1" data-testid="cases">
              {results.map((each) => (
                <li key={each.name} className="flex items-start gap-2.5 text-sm">
                  <Mark outcome={each.ok ? 'passed' : 'failed'} quiet />
                  <span className="min-w-0">
                    {t(each.ok ? 'cases.met' : 'cases.missed', {
                      line: each.name,
                      got: t(`policies.verdict.${each.got}`),
                      expected: t(`policies.verdict.${each.expected}`),
                    })}
                    {each.by.length > 0 ? (
                      <span className="text-muted">
                        {' · '}
                        <Foreign text={each.by.join(', ')} />
                      </span>
                    ) : null}
                  </span>
                </li>
              ))}
            </ul>
          </div>
        )}
      </div>
    </details>
  );
}
