// A window over the page: a centred dialog for an act, a side panel for looking. No overlay part of Radix: it would inject a <style>.
import { Dialog as Radix } from 'radix-ui';
import { type ReactNode, useEffect, useRef } from 'react';
import { useTranslation } from '../strings/i18n.ts';
import { IconButton } from './button.tsx';
import { covered } from './covered.ts';
import { Icon } from './icons.tsx';

interface Props {
  open: boolean;
  onClose: () => void;
  title: ReactNode;
  /** One sentence under the title. */
  about?: ReactNode;
  children: ReactNode;
  footer?: ReactNode;
  wide?: boolean;
}

export function Dialog(props: Props) {
  return (
    <Window
      {...props}
      place={`inset-x-0 bottom-0 max-h-[94dvh] rounded-t-2xl sm:inset-auto sm:top-1/2 sm:left-1/2 sm:-translate-1/2 sm:rounded-2xl ${props.wide ? 'sm:w-[640px]' : 'sm:w-[480px]'} sm:max-w-[94vw]`}
    />
  );
}

/** Lies beside the page, not over it: the list stays in use, and a prompt still comes up. */
export function SidePanel(props: Props) {
  return (
    <Window
      {...props}
      beside
      place="inset-x-0 bottom-0 max-h-[94dvh] rounded-t-2xl sm:inset-y-0 sm:right-0 sm:left-auto sm:max-h-none sm:w-[520px] sm:rounded-none sm:border-y-0 sm:border-r-0"
    />
  );
}

function Window({ open, onClose, title, about, children, footer, place, beside = false }: Props & { place: string; beside?: boolean }) {
  const { t } = useTranslation();
  // What had the focus gets it back: without a trigger of its own, the primitive gives it to nobody.
  const before = useRef<HTMLElement | null>(null);
  return (
    <Radix.Root open={open} modal={!beside} onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        {open && !beside ? <Cover /> : null}
        <Radix.Content
          {...(about ? {} : { 'aria-describedby': undefined })}
          onOpenAutoFocus={() => {
            before.current = document.activeElement as HTMLElement | null;
          }}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            if (document.activeElement === document.body) before.current?.focus({ preventScroll: true });
          }}
          onInteractOutside={(event) => beside && event.preventDefault()}
          className={`fixed ${beside ? 'z-30' : 'z-50'} flex animate-rise flex-col border border-line bg-surface shadow-lift outline-none ${place}`}
        >
          <header className="flex items-start gap-3 px-5 pt-5 pb-1">
            <div className="min-w-0 flex-1">
              <Radix.Title className="text-xl font-semibold text-balance">{title}</Radix.Title>
              {about ? <Radix.Description className="mt-1 text-muted">{about}</Radix.Description> : null}
            </div>
            <Radix.Close asChild>
              <IconButton label={t('close')}>
                <Icon name="close" />
              </IconButton>
            </Radix.Close>
          </header>
          <div className="scroll-calm min-h-0 flex-1 overflow-auto px-5 py-4">{children}</div>
          {footer ? (
            <footer className="flex flex-wrap items-center justify-end gap-2 border-t border-line px-5 py-3.5">{footer}</footer>
          ) : null}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function Cover() {
  useEffect(() => covered.add(), []);
  return <div className="fixed inset-0 z-40 animate-fade bg-scrim" />;
}
