// The settings that the broker keeps, each shown only where this broker has it; what fits is for the broker to say.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useConsole } from '../data/console.tsx';
import { explain } from '../data/fault.ts';
import { when } from '../strings/format.ts';
import { useTranslation } from '../strings/i18n.ts';
import { Button } from '../ui/button.tsx';
import { Field, Input, Segments } from '../ui/field.tsx';
import { Part } from '../ui/layout.tsx';
import { notice } from '../ui/notice.tsx';

type Settings = Readonly<Record<string, string>>;

function useSettings() {
  const { orpc, client } = useConsole();
  const { t } = useTranslation();
  const { data } = useQuery(orpc.setting.list.queryOptions());
  const set = (key: string, value: string) => client.setting.set({ key, value }).then(() => notice(t('saved')));
  return { settings: data as Settings | undefined, set };
}

/** Text settings of one part, in order. `form`: what surely does not fit, so that the broker need not be asked. */
const texts = {
  waiting: [{ key: 'approval.expiry', words: 'expiry', form: /^[1-9][0-9]{0,3}[mh]$/ }],
  sampling: [
    { key: 'sampling.requests', words: 'samplingRequests', form: /^[0-9]{1,9}$/ },
    { key: 'sampling.tokens', words: 'samplingTokens', form: /^[0-9]{1,9}$/ },
  ],
  retention: [
    { key: 'retention.days', words: 'retentionDays', form: /^[0-9]{1,9}$/ },
    { key: 'retention.bytes', words: 'retentionBytes', form: /^[0-9]{1,15}$/ },
  ],
  export: [
    { key: 'export.otlp', words: 'exportOtlp', form: /^\S*$/ },
    { key: 'export.syslog', words: 'exportSyslog', form: /^\S*$/ },
  ],
} as const;

export function TextPart({ part }: { part: keyof typeof texts }) {
  const { t } = useTranslation();
  const { settings, set } = useSettings();
  const rows = texts[part].filter(({ key }) => settings?.[key] !== undefined);
  if (rows.length === 0) return null;
  return (
    <Part title={t(`settings.${part}`)} about={part === 'retention' ? t('settings.retentionAbout') : undefined}>
      <div className="flex flex-wrap gap-x-6 gap-y-4 pt-3">
        {rows.map(({ key, words, form }) => (
          <TextSetting
            key={key}
            label={t(`settings.${words}`)}
            hint={part === 'waiting' ? t('settings.expiryHint') : undefined}
            wrong={t(part === 'waiting' ? 'settings.expiryWrong' : 'settings.wrongCount')}
            form={form}
            kept={settings?.[key] ?? ''}
            onSave={(value) => set(key, value)}
          />
        ))}
      </div>
    </Part>
  );
}

interface TextProps {
  label: string;
  hint: string | undefined;
  wrong: string;
  form: RegExp;
  kept: string;
  onSave: (value: string) => Promise<void>;
}

function TextSetting({ label, hint, wrong, form, kept, onSave }: TextProps) {
  const { t } = useTranslation();
  const [text, setText] = useState<string | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const value = text ?? kept;
  const fits = form.test(value);
  const save = () =>
    onSave(value).then(
      () => {
        setText(null);
        setFault(null);
      },
      (error: unknown) => setFault(explain(error).message),
    );
  return (
    <form
      className="flex flex-wrap items-start gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (fits) void save();
      }}
    >
      <div className="w-64 max-w-full">
        <Field label={label} hint={hint} error={fault ?? (fits ? undefined : wrong)}>
          {(ids) => <Input {...ids} value={value} onChange={(event) => setText(event.target.value)} />}
        </Field>
      </div>
      {fits && value !== kept ? (
        <Button type="submit" className="sm:mt-[1.6rem]">
          {t('save')}
        </Button>
      ) : null}
    </form>
  );
}

/** A choice of a few, kept at once. */
export function ChoicePart({ name }: { name: 'prompts' | 'updates' }) {
  const { t } = useTranslation();
  const { settings, set } = useSettings();
  const value = settings?.[name];
  if (value === undefined) return null;
  const options = { prompts: ['window', 'notify'], updates: ['on', 'off'] }[name];
  const label = t(`settings.${name}`);
  return (
    <Part title={label}>
      <div className="pt-3">
        <Segments
          label={label}
          value={value}
          onChange={(next) => void set(name, next).catch((error: unknown) => notice(explain(error).message))}
          options={options.map((each) => ({ value: each, label: t(`settings.${name}Kind.${each}`) }))}
        />
      </div>
    </Part>
  );
}

const pauses = ['15m', '1h', '8h'] as const;

/** Pause means deny: the words say so beside the button. */
export function PausePart() {
  const { t } = useTranslation();
  const { settings, set } = useSettings();
  const until = settings?.pause;
  if (until === undefined) return null;
  const pause = (value: string) => void set('pause', value).catch((error: unknown) => notice(explain(error).message));
  return (
    <Part title={t('settings.pausing')} about={t('settings.pausingAbout')}>
      <div className="flex flex-wrap items-center gap-2 pt-2">
        {until === 'off' ? (
          pauses.map((time) => (
            <Button key={time} onClick={() => pause(time)}>
              {t('settings.pauseFor', { time: t(`settings.pauseTimes.${time}`) })}
            </Button>
          ))
        ) : (
          <>
            <span className="mr-2">{t('settings.pausedUntil', { time: when(until) })}</span>
            <Button onClick={() => pause('off')}>{t('settings.pauseEnd')}</Button>
          </>
        )}
      </div>
    </Part>
  );
}
