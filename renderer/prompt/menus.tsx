// What lies behind the small arrows of a prompt: the ladder of no, and the widths and times of a yes.
import { Popover } from 'radix-ui';
import { type ReactNode, useId, useState } from 'react';
import type { Approval } from '../../shared/vocabulary.ts';
import { when } from '../strings/format.ts';
import { useTranslation } from '../strings/i18n.ts';
import { Say } from '../strings/say.tsx';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icons.tsx';
import { clientTitle } from '../untrusted/client-title.ts';
import { ClientName, Code, Name } from '../untrusted/foreign.tsx';
import { deliberate, useArming } from './arming.ts';
import { type Allowance, endsAt, suggestionOf, timesOf, type Width, widthsOf } from './choices.ts';
import { nameOf } from './name.ts';
import { WidthLabel } from './width-label.tsx';

export interface AllowAnswer {
  readonly for: 'once' | Allowance['time'];
  readonly match: Width;
}
export interface DenyAnswer {
  readonly for: 'once' | 'session' | 'always';
  /** How far a no that is kept reaches; any arguments where nothing is said. */
  readonly match?: Width;
  readonly pauseClient: boolean;
}

export function WidthWords({ approval, id }: { approval: Approval; id: Width }) {
  const { t } = useTranslation();
  const label = widthsOf(approval).find((width) => width.id === id)?.label ?? null;
  return label === null ? t(`width.${id === 'any' ? 'any' : 'exact'}`) : <WidthLabel text={label} />;
}

function Menu({
  label,
  trigger,
  children,
  align,
}: {
  label: string;
  trigger: ReactNode;
  children: (close: () => void) => ReactNode;
  align: 'start' | 'end';
}) {
  const [open, setOpen] = useState(false);
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger asChild>{trigger}</Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          aria-label={label}
          align={align}
          side="top"
          sideOffset={8}
          collisionPadding={12}
          className="z-[70] max-h-(--radix-popover-content-available-height) w-[23rem] max-w-[calc(100vw-24px)] animate-fade overflow-y-auto rounded-xl border border-line bg-surface p-4 shadow-lift outline-none"
        >
          {children(() => setOpen(false))}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

const looks = { joined: 'rounded-l-none border-l-0 text-muted', main: 'rounded-l-none border-l-ground', alone: 'text-muted' };

function Chevron({
  label,
  look = 'joined',
  ...rest
}: {
  label: string;
  disabled?: boolean;
  /** Joined to a button on its left, or standing alone. */
  look?: 'joined' | 'main' | 'alone';
}) {
  return (
    <Button
      {...rest}
      kind={look === 'main' ? 'main' : look === 'alone' ? 'quiet' : 'plain'}
      aria-label={label}
      title={label}
      className={`h-auto min-h-9 self-stretch !px-1 transition-opacity duration-150 disabled:opacity-35 ${looks[look]}`}
    >
      <Icon name="down" />
    </Button>
  );
}

export function DenyMenu({ busy, approval, onDeny }: { busy: boolean; approval: Approval; onDeny: (answer: DenyAnswer) => void }) {
  const { t } = useTranslation();
  const [match, setMatch] = useState<Width>('any');
  const rungs: [string, DenyAnswer][] = [
    ['session', { for: 'session', match, pauseClient: false }],
    ['always', { for: 'always', match, pauseClient: false }],
    ['pause', { for: 'once', pauseClient: true }],
  ];
  return (
    <Menu label={t('prompt.denyMore')} align="start" trigger={<Chevron label={t('prompt.denyMore')} disabled={busy} look="alone" />}>
      {(close) => (
        <div className="-m-2 grid">
          <div className="mb-1 border-b border-line px-2.5 pt-1 pb-2">
            <Radios
              label={t('denyMore.covers')}
              value={match}
              onChange={setMatch}
              options={widthsOf(approval).map(({ id }) => ({ id, words: <WidthWords approval={approval} id={id} /> }))}
            />
          </div>
          {rungs.map(([name, answer]) => (
            <button
              key={name}
              type="button"
              className="grid rounded-lg px-2.5 py-2 text-left hover:bg-sunken"
              onClick={(event) => {
                if (!deliberate(event)) return;
                close();
                onDeny(answer);
              }}
            >
              <span className="font-semibold">{t(`denyMore.${name}`)}</span>
              <span className="text-sm text-muted">
                <Say k={`denyMore.${name}About`} parts={{ client: clientTitle(approval.client) }} />
              </span>
            </button>
          ))}
        </div>
      )}
    </Menu>
  );
}

interface AllowProps {
  approval: Approval;
  /** Names what is in view; the menu's own wait starts again with it. */
  shown: string;
  onAllow: (answer: AllowAnswer) => void;
}

export function AllowMenu({ approval, shown, can, onAllow, main = false }: AllowProps & { can: boolean; main?: boolean }) {
  const { t } = useTranslation();
  return (
    <Menu
      label={t('prompt.allowMore')}
      align="end"
      trigger={<Chevron label={t('prompt.allowMore')} disabled={!can} look={main ? 'main' : 'joined'} />}
    >
      {(close) => (
        <AllowChoices
          approval={approval}
          shown={shown}
          onAllow={(answer) => {
            close();
            onAllow(answer);
          }}
        />
      )}
    </Menu>
  );
}

function AllowChoices({ approval, shown, onAllow }: AllowProps) {
  const { t } = useTranslation();
  const [choice, setChoice] = useState<Allowance>(() => suggestionOf(approval));
  // The sentence under the choices is what a yes would mean, so a new sentence is a change to look at.
  const arming = useArming(`${shown} ${choice.match} ${choice.time}`);
  const end = endsAt(choice.time, Date.now());
  return (
    <div className="grid gap-3">
      <Radios
        label={t('prompt.what')}
        value={choice.match}
        onChange={(match) => setChoice({ ...choice, match })}
        options={widthsOf(approval).map(({ id }) => ({ id, words: <WidthWords approval={approval} id={id} /> }))}
      />
      <Radios
        label={t('prompt.howLong')}
        columns
        value={choice.time}
        onChange={(time) => setChoice({ ...choice, time })}
        options={timesOf(approval).map((id) => ({ id, words: t(`time.${id}`) }))}
      />
      <p className="border-t border-line pt-3 text-sm text-soft">
        <Say
          k="prompt.choiceMeans"
          parts={{
            client: <ClientName name={approval.client} />,
            name: <Code text={nameOf(approval.capability).name} />,
            server: <Name text={approval.server} />,
            what: <WidthWords approval={approval} id={choice.match} />,
          }}
        />{' '}
        {t(`prompt.choiceTime.${end === null ? choice.time : 'until'}`, { end: end === null ? '' : when(end) })}
      </p>
      <Button
        kind="main"
        className="disabled:opacity-35"
        disabled={!arming.armed}
        onFocus={arming.onFocus}
        onClick={(event) => arming.counts(event) && onAllow({ for: choice.time, match: choice.match })}
      >
        {t('prompt.allowFor', { time: t(`time.${choice.time}`) })}
      </Button>
    </div>
  );
}

function Radios<T extends string>({
  label,
  value,
  options,
  onChange,
  columns = false,
}: {
  label: string;
  value: T;
  options: readonly { id: T; words: ReactNode }[];
  onChange: (id: T) => void;
  columns?: boolean;
}) {
  const name = useId();
  return (
    <fieldset>
      <legend className="mb-1 text-sm font-medium text-muted">{label}</legend>
      <div className={columns ? 'grid grid-cols-2 gap-x-3' : 'grid'}>
        {options.map((option) => (
          <label key={option.id} className="flex min-w-0 items-start gap-2.5 rounded-md py-1">
            <input
              type="radio"
              name={name}
              className="mt-0.5 size-4 shrink-0 accent-[var(--ink)]"
              checked={value === option.id}
              onChange={() => onChange(option.id)}
            />
            <span className="min-w-0">{option.words}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
