// The frame of a page: one strong sentence at its head, hairlines between its parts.
import { type ReactNode, useEffect, useRef } from 'react';
import { Link } from 'wouter';
import { useTranslation } from '../strings/i18n.ts';
import { Foreign } from '../untrusted/foreign.tsx';
import { Icon } from './icons.tsx';

export function Page({
  title,
  about,
  actions,
  back,
  children,
}: {
  title: ReactNode;
  about?: ReactNode;
  actions?: ReactNode;
  back?: { to: string; label: string };
  children: ReactNode;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  // A reader with a screen reader hears where they came to; a first load leaves the focus alone.
  useEffect(() => {
    if (document.activeElement?.closest('a')) heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <div className="scroll-calm h-full overflow-auto">
      <div className="mx-auto w-full max-w-[1080px] px-4 pt-6 pb-16 sm:px-8 sm:pt-8">
        {back ? (
          <Link href={back.to} className="mb-3 -ml-1 inline-flex items-center gap-1 rounded text-sm font-medium text-muted hover:text-ink">
            <Icon name="left" size={14} />
            {back.label}
          </Link>
        ) : null}
        <header className="mb-6 flex flex-wrap items-start gap-x-4 gap-y-3">
          <div className="min-w-0 flex-1 basis-64">
            <h1 ref={heading} tabIndex={-1} className="text-2xl font-bold tracking-tight">
              {title}
            </h1>
            {about ? <p className="mt-1 max-w-2xl text-pretty text-muted">{about}</p> : null}
          </div>
          {actions ? <div className="flex flex-wrap items-center gap-2">{actions}</div> : null}
        </header>
        {children}
      </div>
    </div>
  );
}

export function Part({
  title,
  about,
  actions,
  children,
}: {
  title: ReactNode;
  about?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section className="mb-9">
      <div className="mb-1 flex flex-wrap items-end gap-x-3 gap-y-2 border-b border-line pb-2">
        <h2 className="flex-1 text-base font-semibold">{title}</h2>
        {actions}
      </div>
      {about ? <p className="my-2 max-w-prose text-sm text-muted">{about}</p> : null}
      {children}
    </section>
  );
}

/** A small word with a faint ground. */
export function Tag({ tone = 'plain', children }: { tone?: 'plain' | 'passed' | 'amber' | 'vermilion'; children: ReactNode }) {
  const tones = {
    plain: 'bg-sunken text-soft',
    passed: 'bg-passed-faint text-passed',
    amber: 'bg-amber-faint text-amber',
    vermilion: 'bg-vermilion-faint text-vermilion',
  };
  return (
    <span className={`inline-flex shrink-0 items-center rounded-full px-2 py-px text-xs font-semibold whitespace-nowrap ${tones[tone]}`}>
      {children}
    </span>
  );
}

const labelTones: Readonly<Record<string, 'amber' | 'vermilion'>> = {
  private: 'amber',
  untrusted: 'amber',
  outward: 'vermilion',
  destructive: 'vermilion',
  'controls-screen': 'vermilion',
};

/** What a capability or a session touches. A label we do not know is drawn as it is. */
export function LabelTag({ label }: { label: string }) {
  const { t } = useTranslation();
  const tone = labelTones[label];
  return <Tag tone={tone ?? 'plain'}>{tone === undefined ? <Foreign text={label} /> : t(`label.${label}`)}</Tag>;
}

/** A name and what stands beside it, one line each. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className="divide-y divide-line">{children}</dl>;
}

export function Fact({ name, children }: { name: ReactNode; children: ReactNode }) {
  return (
    <div className="grid gap-x-4 gap-y-0.5 py-2.5 sm:grid-cols-[9.5rem_1fr]">
      <dt className="text-muted">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </div>
  );
}
