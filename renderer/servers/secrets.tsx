// The names of the secrets in the vault. Values go in and never come out.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useConsole, useNow } from '../data/console.tsx';
import { ago, list } from '../strings/format.ts';
import { useTranslation } from '../strings/i18n.ts';
import { Say } from '../strings/say.tsx';
import { Ask } from '../ui/ask.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, Input } from '../ui/field.tsx';
import { Icon } from '../ui/icons.tsx';
import { Part } from '../ui/layout.tsx';
import { notice } from '../ui/notice.tsx';
import { Fault } from '../ui/states.tsx';
import { Code } from '../untrusted/foreign.tsx';

export function Secrets() {
  const { t } = useTranslation();
  const { orpc, client } = useConsole();
  const { data, error } = useQuery(orpc.secret.list.queryOptions());
  const { data: status } = useQuery(orpc.status.queryOptions());
  const [setting, setSetting] = useState<string | null>(null);
  const now = useNow(60_000);
  return (
    <Part
      title={t('secrets.title')}
      about={t(status?.vault === 'keychain' ? 'secrets.aboutKeychain' : 'secrets.aboutFile')}
      actions={
        <Button small onClick={() => setSetting('')}>
          <Icon name="plus" size={14} />
          {t('secrets.add')}
        </Button>
      }
    >
      {error ? <Fault error={error} /> : null}
      {data?.length === 0 ? <p className="py-3 text-muted">{t('secrets.empty')}</p> : null}
      <ul className="divide-y divide-line border-b border-line empty:border-0">
        {data?.map((secret) => (
          <li key={secret.name} className="flex flex-wrap items-center gap-x-4 gap-y-1 py-2.5">
            <span className="text-muted">
              <Icon name="key" />
            </span>
            <span className="min-w-0 flex-1 basis-44">
              <Code text={secret.name} />
              <span className="block text-sm text-muted">
                {secret.usedBy.length === 0 ? t('secrets.unused') : t('secrets.usedBy', { names: list(secret.usedBy) })}
              </span>
            </span>
            <span className={`text-sm tabular ${isOld(secret.createdAt, now) ? 'text-amber' : 'text-muted'}`}>
              {t(isOld(secret.createdAt, now) ? 'secrets.old' : 'secrets.age', { ago: ago(secret.createdAt, now) })}
            </span>
            <span className="flex gap-2">
              <Button small onClick={() => setSetting(secret.name)}>
                {t('secrets.change')}
              </Button>
              <Ask
                trigger={(open) => (
                  <Button small kind="quiet" onClick={open}>
                    {t('remove')}
                  </Button>
                )}
                title={<Say k="secrets.removeTitle" parts={{ name: <Code text={secret.name} /> }} />}
                about={secret.usedBy.length === 0 ? t('secrets.removeAbout') : t('secrets.removeUsed', { names: list(secret.usedBy) })}
                confirm={t('remove')}
                act={() => client.secret.remove({ name: secret.name })}
              />
            </span>
          </li>
        ))}
      </ul>
      {setting === null ? null : <SetSecret name={setting} onClose={() => setSetting(null)} />}
    </Part>
  );
}

/** After half a year a key is worth a change. */
const isOld = (at: string, now: number) => now - Date.parse(at) > 180 * 86_400_000;

function SetSecret({ name: given, onClose }: { name: string; onClose: () => void }) {
  const { t } = useTranslation();
  const { client } = useConsole();
  const [name, setName] = useState(given);
  const [value, setValue] = useState('');
  const [fault, setFault] = useState<unknown>(null);
  const named = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name);
  const save = () =>
    client.secret.set({ name, value }).then(
      () => {
        notice(t('secrets.didSet'));
        onClose();
      },
      (error: unknown) => setFault(error),
    );
  return (
    <Dialog
      open
      onClose={onClose}
      title={given === '' ? t('secrets.add') : <Say k="secrets.changeTitle" parts={{ name: <Code text={given} /> }} />}
      about={t('secrets.setAbout')}
      footer={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button kind="main" type="submit" form="set-secret" disabled={!named || value === ''}>
            {t('secrets.keep')}
          </Button>
        </>
      }
    >
      <form
        id="set-secret"
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (named && value !== '') void save();
        }}
      >
        {given === '' ? (
          <Field label={t('secrets.name')} error={name !== '' && !named ? t('secrets.nameWrong') : undefined}>
            {(ids) => <Input {...ids} mono value={name} onChange={(event) => setName(event.target.value)} placeholder="github-token" />}
          </Field>
        ) : null}
        <Field label={t('secrets.value')}>
          {(ids) => (
            <Input
              {...ids}
              mono
              type="password"
              autoComplete="new-password"
              value={value}
              onChange={(event) => setValue(event.target.value)}
            />
          )}
        </Field>
        {fault ? <Fault error={fault} /> : null}
      </form>
    </Dialog>
  );
}
