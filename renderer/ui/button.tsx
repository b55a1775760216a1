// The one button, in the few strengths the console has, and the small square one that holds an icon.
import type { ComponentProps, ReactNode } from 'react';

type Kind = 'main' | 'plain' | 'quiet' | 'stop';

const kinds: Readonly<Record<Kind, string>> = {
  main: 'bg-ink text-ground hover:opacity-88 border-transparent font-semibold',
  plain: 'bg-surface text-ink border-line hover:bg-sunken font-medium',
  quiet: 'bg-transparent text-soft border-transparent hover:bg-sunken hover:text-ink font-medium',
  stop: 'bg-surface text-vermilion border-vermilion-line hover:bg-vermilion-faint font-semibold',
};

export function Button({
  kind = 'plain',
  small = false,
  className = '',
  type = 'button',
  ...rest
}: ComponentProps<'button'> & { kind?: Kind; small?: boolean }) {
  return (
    <button
      type={type}
      className={`inline-flex items-center justify-center gap-1.5 border whitespace-nowrap transition-[background-color,opacity,color] duration-150 select-none disabled:opacity-40 disabled:hover:bg-inherit aria-disabled:opacity-40 ${small ? 'h-7 rounded-md px-2.5 text-sm' : 'h-9 rounded-lg px-3.5'} ${kinds[kind]} ${className}`}
      {...rest}
    />
  );
}

export function IconButton({
  label,
  children,
  className = '',
  ...rest
}: ComponentProps<'button'> & { label: string; children: ReactNode }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={`inline-flex size-7 shrink-0 items-center justify-center rounded-md text-muted transition-colors duration-150 hover:bg-sunken hover:text-ink disabled:opacity-40 ${className}`}
      {...rest}
    >
      {children}
    </button>
  );
}
