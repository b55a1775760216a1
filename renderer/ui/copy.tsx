// A text to take away: shown whole, with a button that copies it and says that it did.
import { useState } from 'react';
import { useTranslation } from '../strings/i18n.ts';
import { Button } from './button.tsx';
import { Icon } from './icons.tsx';

export function CopyButton({ text, label }: { text: string; label?: string }) {
  const { t } = useTranslation();
  const [done, setDone] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text).catch(() => undefined);
    setDone(true);
    setTimeout(() => setDone(false), 1600);
  };
  return (
    <Button small onClick={copy} aria-label={label ?? t('copy')}>
      <Icon name={done ? 'tick' : 'copy'} size={14} />
      <span aria-live="polite">{done ? t('copied') : t('copy')}</span>
    </Button>
  );
}

export function CopyBox({ text, label }: { text: string; label: string }) {
  const { t } = useTranslation();
  return (
    <div className="flex items-start gap-2 rounded-lg border border-line bg-sunken p-2.5">
      <section
        className="scroll-calm max-h-60 min-w-0 flex-1 overflow-auto py-1 text-[0.78rem] leading-[1.15rem] break-all"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
        tabIndex={0}
        aria-label={label}
      >
        <pre className="whitespace-pre-wrap">{text}</pre>
      </section>
      <CopyButton text={text} label={`${t('copy')}: ${label}`} />
    </div>
  );
}
