// What a server from elsewhere wants to be told: a control for each answer; what is secret goes to the vault and never into its settings.
import { useQuery } from '@tanstack/react-query';
import type { Candidate } from '../../shared/candidate.ts';
import { useConsole } from '../data/console.tsx';
import { useTranslation } from '../strings/i18n.ts';
import { Choice, Field, Input } from '../ui/field.tsx';
import { Foreign } from '../untrusted/foreign.tsx';

type Question = Candidate['fields'][number];

export interface Given {
  /** Several are divided by line breaks. */
  text: string;
  /** The name of a secret in the vault; empty: the text is a new one. */
  secret: string;
}

export const given = (fields: readonly Question[]): Record<string, Given> =>
  Object.fromEntries(fields.map(({ key, usual }) => [key, { text: usual.join('\n'), secret: '' }]));

/** The answers as the broker takes them; new secrets are kept in the vault first, under a name made of both. */
export async function whole(
  fields: readonly Question[],
  answers: Readonly<Record<string, Given>>,
  server: string,
  keep: (name: string, value: string) => Promise<unknown>,
): Promise<{ config: Record<string, string | string[]>; secretConfig: Record<string, string> }> {
  const config: Record<string, string | string[]> = {};
  const secretConfig: Record<string, string> = {};
  for (const { key, secret, multiple, usual } of fields) {
    const answer = answers[key];
    if (answer === undefined) continue;
    if (answer.secret !== '') secretConfig[key] = answer.secret;
    else if (secret && answer.text !== '') {
      const name = `${server}-${key.replace(/[^A-Za-z0-9._-]+/g, '-')}`.slice(0, 64);
      await keep(name, answer.text);
      secretConfig[key] = name;
    } else if (!secret && answer.text !== usual.join('\n'))
      config[key] = multiple ? answer.text.split('\n').filter((line) => line !== '') : answer.text;
  }
  return { config, secretConfig };
}

export function QuestionFields({
  fields,
  answers,
  onChange,
}: {
  fields: readonly Question[];
  answers: Record<string, Given>;
  onChange: (answers: Record<string, Given>) => void;
}) {
  const { t } = useTranslation();
  return fields.map((field) => {
    const answer = answers[field.key] ?? { text: '', secret: '' };
    const set = (change: Partial<Given>) => onChange({ ...answers, [field.key]: { ...answer, ...change } });
    return (
      <div key={field.key} className="grid gap-1.5">
        <Field
          label={field.required ? field.title : t('find.mayBeEmpty', { title: field.title })}
          hint={
            <>
              <Foreign text={field.description} />
              {field.multiple ? ` ${t('find.several')}` : ''}
            </>
          }
        >
          {(ids) => <Control ids={ids} field={field} answer={answer} set={set} />}
        </Field>
        {field.secret ? <FromVault title={field.title} answer={answer} set={set} /> : null}
      </div>
    );
  });
}

interface Own {
  answer: Given;
  set: (change: Partial<Given>) => void;
}

function Control({ ids, field, answer, set }: Own & { ids: { id: string }; field: Question }) {
  const { t } = useTranslation();
  if (field.secret)
    return (
      <Input
        {...ids}
        mono
        type="password"
        autoComplete="new-password"
        required={field.required && answer.secret === ''}
        disabled={answer.secret !== ''}
        value={answer.text}
        onChange={(event) => set({ text: event.target.value })}
      />
    );
  const choices = field.type === 'boolean' ? ['true', 'false'] : field.choices;
  if (choices.length > 0)
    return (
      <Choice
        {...ids}
        className="w-full"
        required={field.required}
        value={answer.text}
        onChange={(event) => set({ text: event.target.value })}
      >
        <option value="">{t('find.choose')}</option>
        {choices.map((choice) => (
          <option key={choice} value={choice}>
            {field.type === 'boolean' ? t(choice === 'true' ? 'find.yes' : 'find.no') : choice}
          </option>
        ))}
      </Choice>
    );
  if (field.multiple)
    return (
      <textarea
        {...ids}
        rows={2}
        spellCheck={false}
        required={field.required}
        className="min-h-16 w-full rounded-lg border border-edge bg-surface px-3 py-2 font-mono text-sm text-ink"
        value={answer.text}
        onChange={(event) => set({ text: event.target.value })}
      />
    );
  return (
    <Input
      {...ids}
      mono={field.type !== 'string'}
      inputMode={field.type === 'number' ? 'decimal' : undefined}
      placeholder={field.type === 'directory' || field.type === 'file' ? t('find.path') : undefined}
      required={field.required}
      value={answer.text}
      onChange={(event) => set({ text: event.target.value })}
    />
  );
}

/** One that the vault has already, in place of typing it again. */
function FromVault({ title, answer, set }: Own & { title: string }) {
  const { t } = useTranslation();
  const { orpc } = useConsole();
  const { data } = useQuery(orpc.secret.list.queryOptions());
  if (data === undefined || data.length === 0) return null;
  return (
    <Choice
      aria-label={t('find.secretOf', { title })}
      className="w-full"
      value={answer.secret}
      onChange={(event) => set({ secret: event.target.value })}
    >
      <option value="">{t('find.newSecret')}</option>
      {data.map(({ name }) => (
        <option key={name} value={name}>
          {t('find.oldSecret', { name })}
        </option>
      ))}
    </Choice>
  );
}
