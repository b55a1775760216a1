// Adds a server in two steps: what to run, then the exact words of it shown before anything starts.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { useConsole } from '../data/console.tsx';
import { useTranslation } from '../strings/i18n.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Choice, Field, Input } from '../ui/field.tsx';
import { Icon } from '../ui/icons.tsx';
import { Fault } from '../ui/states.tsx';
import { Code } from '../untrusted/foreign.tsx';
import { CommandWords } from './command.tsx';

type Pair = { key: string; value: string };

export function AddServer({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const { client } = useConsole();
  const [, go] = useLocation();
  const [step, setStep] = useState<'form' | 'look'>('form');
  const [name, setName] = useState('');
  const [words, setWords] = useState(['']);
  const [env, setEnv] = useState<Pair[]>([]);
  const [secretEnv, setSecretEnv] = useState<Pair[]>([]);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const named = /^[a-z0-9-]{1,24}$/.test(name);
  const [command = '', ...args] = words;
  const fits = named && command.trim() !== '';
  const close = () => {
    setStep('form');
    setFault(null);
    onClose();
  };
  const add = async () => {
    setBusy(true);
    setFault(null);
    try {
      await client.server.add({ name, command, args, env: record(env), secretEnv: record(secretEnv) });
      setName('');
      setWords(['']);
      setEnv([]);
      setSecretEnv([]);
      close();
      go(`/servers/${name}`);
    } catch (error) {
      setFault(error);
    } finally {
      setBusy(false);
    }
  };
  const footer =
    step === 'form' ? (
      <>
        <Button onClick={close}>{t('cancel')}</Button>
        <Button kind="main" type="submit" form="add-server" disabled={!fits}>
          {t('servers.look')}
        </Button>
      </>
    ) : (
      <>
        <Button onClick={() => setStep('form')}>{t('back')}</Button>
        <Button kind="main" disabled={busy} onClick={() => void add()}>
          {busy ? t('servers.starting') : t('servers.addDo')}
        </Button>
      </>
    );
  return (
    <Dialog
      wide
      open={open}
      onClose={close}
      title={step === 'form' ? t('servers.add') : t('servers.lookTitle')}
      about={step === 'form' ? t('servers.addAbout') : t('servers.lookAbout')}
      footer={footer}
    >
      {step === 'look' ? (
        <div className="grid gap-4">
          <CommandWords command={command} args={args} />
          {[
            ...env.filter(filled).map((pair) => [pair.key, pair.value, false] as const),
            ...secretEnv.filter(filled).map((pair) => [pair.key, pair.value, true] as const),
          ].map(([key, value, secret]) => (
            <p key={key} className="text-sm">
              <Code text={key} /> = {secret ? t('servers.fromVault') : ''} <Code text={value} />
            </p>
          ))}
          {fault ? <Fault error={fault} /> : null}
        </div>
      ) : (
        <form
          id="add-server"
          className="grid gap-5"
          onSubmit={(event) => {
            event.preventDefault();
            if (fits) setStep('look');
          }}
        >
          <Field label={t('servers.name')} hint={t('servers.nameHint')} error={name !== '' && !named ? t('servers.nameWrong') : undefined}>
            {(ids) => <Input {...ids} value={name} onChange={(event) => setName(event.target.value)} placeholder="github" />}
          </Field>
          <Words words={words} onChange={setWords} />
          <Pairs title={t('servers.env')} add={t('servers.addEnv')} pairs={env} onChange={setEnv} />
          <Pairs title={t('servers.secretEnv')} add={t('servers.addSecretEnv')} pairs={secretEnv} onChange={setSecretEnv} secrets />
        </form>
      )}
    </Dialog>
  );
}

const filled = (pair: Pair) => pair.key !== '' && pair.value !== '';
const record = (pairs: readonly Pair[]) => Object.fromEntries(pairs.filter(filled).map(({ key, value }) => [key, value]));

function Words({ words, onChange }: { words: string[]; onChange: (words: string[]) => void }) {
  const { t } = useTranslation();
  return (
    <fieldset className="grid gap-1.5">
      <legend className="mb-1.5 text-sm font-medium text-soft">{t('servers.words')}</legend>
      {words.map((word, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a word of a command is its place
        <div key={index} className="flex items-center gap-1.5">
          <Input
            mono
            aria-label={index === 0 ? t('servers.program') : t('servers.argument', { number: index })}
            placeholder={index === 0 ? 'npx' : ''}
            value={word}
            onChange={(event) => onChange(words.map((each, at) => (at === index ? event.target.value : each)))}
          />
          {index === 0 ? (
            <span className="size-7 shrink-0" />
          ) : (
            <IconButton label={t('servers.removeWord', { number: index })} onClick={() => onChange(words.filter((_, at) => at !== index))}>
              <Icon name="minus" />
            </IconButton>
          )}
        </div>
      ))}
      <Button small kind="quiet" className="-ml-2.5 justify-self-start" onClick={() => onChange([...words, ''])}>
        <Icon name="plus" size={14} />
        {t('servers.addWord')}
      </Button>
      <p className="text-sm text-muted">{t('servers.wordsHint')}</p>
    </fieldset>
  );
}

function Pairs({
  title,
  add,
  pairs,
  onChange,
  secrets = false,
}: {
  title: string;
  add: string;
  pairs: Pair[];
  onChange: (pairs: Pair[]) => void;
  secrets?: boolean;
}) {
  const { t } = useTranslation();
  const { orpc } = useConsole();
  const { data } = useQuery(orpc.secret.list.queryOptions());
  const set = (index: number, change: Partial<Pair>) => onChange(pairs.map((each, at) => (at === index ? { ...each, ...change } : each)));
  return (
    <fieldset className="grid gap-1.5">
      <legend className="mb-1 text-sm font-medium text-soft">{title}</legend>
      {pairs.map((pair, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: pairs in the making have no other identity
        <div key={index} className="flex items-center gap-1.5">
          <Input
            mono
            aria-label={t('servers.envKey')}
            placeholder="KEY"
            value={pair.key}
            onChange={(event) => set(index, { key: event.target.value })}
          />
          {secrets ? (
            <Choice
              aria-label={t('servers.envSecret')}
              className="w-full"
              value={pair.value}
              onChange={(event) => set(index, { value: event.target.value })}
            >
              <option value="">{t('servers.chooseSecret')}</option>
              {data?.map((secret) => (
                <option key={secret.name}>{secret.name}</option>
              ))}
            </Choice>
          ) : (
            <Input
              mono
              aria-label={t('servers.envValue')}
              value={pair.value}
              onChange={(event) => set(index, { value: event.target.value })}
            />
          )}
          <IconButton label={t('remove')} onClick={() => onChange(pairs.filter((_, at) => at !== index))}>
            <Icon name="minus" />
          </IconButton>
        </div>
      ))}
      <Button small kind="quiet" className="-ml-2.5 justify-self-start" onClick={() => onChange([...pairs, { key: '', value: '' }])}>
        <Icon name="plus" size={14} />
        {add}
      </Button>
    </fieldset>
  );
}
