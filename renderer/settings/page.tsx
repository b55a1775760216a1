// The few settings: the PIN, how long questions wait, light or dark, the proof of the log, and what this is.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Verification } from '../../shared/vocabulary.ts';
import { useConsole } from '../data/console.tsx';
import { explain } from '../data/fault.ts';
import { number, span } from '../strings/format.ts';
import { useTranslation } from '../strings/i18n.ts';
import { Button } from '../ui/button.tsx';
import { CopyBox } from '../ui/copy.tsx';
import { Segments } from '../ui/field.tsx';
import { Fact, Facts, Page, Part, Tag } from '../ui/layout.tsx';
import { Mark } from '../ui/mark.tsx';
import { notice } from '../ui/notice.tsx';
import { Fault } from '../ui/states.tsx';
import { Foreign } from '../untrusted/foreign.tsx';
import { ChoicePart, PausePart, TextPart } from './kept.tsx';
import { type LanguageChoice, languageChoices, setLanguage, useLanguage } from './language.ts';
import { PinForm } from './pin.tsx';
import { TakeAway } from './take-away.tsx';
import { setTheme, type Theme, themeNow } from './theme.ts';

export function SettingsPage() {
  const { t } = useTranslation();
  const { orpc, client, leave } = useConsole();
  const { data: status } = useQuery(orpc.status.queryOptions());
  const [changing, setChanging] = useState(false);
  const [theme, choose] = useState<Theme>(themeNow);
  const language = useLanguage();
  const speak = (value: LanguageChoice) =>
    client.setting
      .set({ key: 'language', value })
      .then(() => setLanguage(value))
      .catch((error: unknown) => notice(explain(error).message));
  const out = () => client.operator.signOut().then(leave, leave);
  return (
    <Page title={t('nav.settings')}>
      <Part title={t('settings.pin')}>
        <div className="pt-3">
          {status?.protected === false ? (
            <>
              <p className="mb-4 max-w-prose text-muted">{t('pin.why')}</p>
              <PinForm change={false} onDone={() => notice(t('pin.done'))} />
            </>
          ) : changing ? (
            <PinForm
              change
              onDone={() => {
                setChanging(false);
                notice(t('pin.done'));
              }}
              also={<Button onClick={() => setChanging(false)}>{t('cancel')}</Button>}
            />
          ) : (
            <p className="flex flex-wrap items-center gap-3">
              <Mark outcome="passed" quiet />
              <span className="flex-1">{t('settings.pinSet')}</span>
              <Button onClick={() => setChanging(true)}>{t('pin.change')}</Button>
            </p>
          )}
        </div>
      </Part>
      <TextPart part="waiting" />
      <ChoicePart name="prompts" />
      <PausePart />
      <TextPart part="sampling" />
      <Part title={t('settings.look')}>
        <div className="pt-3">
          <Segments
            label={t('settings.look')}
            value={theme}
            onChange={(next) => {
              setTheme(next);
              choose(next);
            }}
            options={(['system', 'light', 'dark'] as const).map((value) => ({ value, label: t(`settings.theme.${value}`) }))}
          />
        </div>
      </Part>
      <Part title={t('settings.language')} about={t('settings.languageAbout')}>
        <div className="grid gap-3 pt-3">
          <Segments
            label={t('settings.language')}
            value={language}
            onChange={speak}
            options={languageChoices.map((value) => ({ value, label: t(`settings.languages.${value}`) }))}
          />
        </div>
      </Part>
      <Proof />
      <TakeAway />
      <TextPart part="retention" />
      <TextPart part="export" />
      <ChoicePart name="updates" />
      <Part title={t('settings.about')}>
        {status ? (
          <Facts>
            <Fact name={t('settings.version')}>
              <span className="tabular">Gatehouse {status.version}</span>
            </Fact>
            <Fact name={t('settings.home')}>
              {status.protected ? <Tag tone="passed">{t('settings.protected')}</Tag> : <Tag tone="amber">{t('settings.open')}</Tag>}
            </Fact>
            <Fact name={t('settings.vault')}>{t(`settings.vaultKind.${status.vault}`)}</Fact>
            <Fact name={t('settings.running')}>{t('settings.runningFor', { time: span(status.uptimeMs), pid: status.pid })}</Fact>
            <Fact name={t('settings.address')}>
              <CopyBox label={t('settings.address')} text={status.mcp} />
            </Fact>
          </Facts>
        ) : null}
        <Button className="mt-4" onClick={() => void out()}>
          {t('settings.signOut')}
        </Button>
      </Part>
    </Page>
  );
}

function Proof() {
  const { t } = useTranslation();
  const { client } = useConsole();
  const [busy, setBusy] = useState(false);
  const [result, setResult] = useState<Verification | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const verify = async () => {
    setBusy(true);
    setFault(null);
    try {
      setResult(await client.log.verify());
    } catch (error) {
      setFault(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Part title={t('settings.log')} about={t('settings.logAbout')}>
      <div className="grid gap-3 pt-2" aria-live="polite">
        <Button className="justify-self-start" disabled={busy} onClick={() => void verify()}>
          {t(busy ? 'settings.verifying' : 'settings.verify')}
        </Button>
        {fault ? <Fault error={fault} /> : null}
        {result === null || busy ? null : (
          <div className="flex items-start gap-2.5">
            <Mark outcome={result.ok ? 'passed' : 'failed'} quiet />
            <div className="min-w-0">
              <p className="font-medium">
                {result.ok
                  ? t('settings.intact', { count: result.entries, entries: number(result.entries) })
                  : t('settings.damaged', { count: result.problems.length })}
              </p>
              <p className="font-mono text-xs break-all text-muted">{result.head}</p>
              <ul className="mt-1">
                {result.problems.slice(0, 20).map((problem) => (
                  <li key={`${problem.seq} ${problem.problem}`} className="text-vermilion">
                    {t('detail.seq', { seq: problem.seq })}: <Foreign text={problem.problem} english />
                  </li>
                ))}
              </ul>
            </div>
          </div>
        )}
      </div>
    </Part>
  );
}
