// Labelled controls: a text field, a choice from a list, a tick and a two-or-three-way switch.
import { Switch as RadixSwitch, ToggleGroup } from 'radix-ui';
import { type ComponentProps, type ReactNode, useId } from 'react';

const box =
  'h-9 w-full min-w-0 rounded-lg border border-edge bg-surface px-3 text-ink placeholder:text-muted disabled:opacity-50 aria-invalid:border-vermilion';

export function Field({
  label,
  hint,
  error,
  children,
}: {
  label: string;
  hint?: ReactNode;
  error?: ReactNode;
  children: (ids: { id: string; 'aria-describedby'?: string; 'aria-invalid'?: true }) => ReactNode;
}) {
  const id = useId();
  const about = `${id}-about`;
  return (
    <div className="grid gap-1.5">
      <label htmlFor={id} className="text-sm font-medium text-soft">
        {label}
      </label>
      {children({ id, ...(hint || error ? { 'aria-describedby': about } : {}), ...(error ? { 'aria-invalid': true as const } : {}) })}
      {hint || error ? (
        <p id={about} className={`text-sm ${error ? 'text-vermilion' : 'text-muted'}`}>
          {error ?? hint}
        </p>
      ) : null}
    </div>
  );
}

export function Input({ mono = false, className = '', ...rest }: ComponentProps<'input'> & { mono?: boolean }) {
  return <input autoComplete="off" spellCheck={false} className={`${box} ${mono ? 'font-mono text-sm' : ''} ${className}`} {...rest} />;
}

export function Choice({ className = '', children, ...rest }: ComponentProps<'select'>) {
  return (
    <span className={`relative inline-flex ${className}`}>
      <select className="h-9 w-full appearance-none rounded-lg border border-line bg-surface pr-8 pl-3 text-ink hover:bg-sunken" {...rest}>
        {children}
      </select>
      <svg
        width="16"
        height="16"
        viewBox="0 0 16 16"
        aria-hidden="true"
        className="pointer-events-none absolute top-2.5 right-2.5 fill-none stroke-muted"
        strokeWidth="1.5"
      >
        <path d="M4.5 6.5L8 10l3.5-3.5" />
      </svg>
    </span>
  );
}

export function Tick({ label, ...rest }: Omit<ComponentProps<'input'>, 'type'> & { label: ReactNode }) {
  return (
    <label className="flex items-start gap-2.5 py-1 select-none">
      <input type="checkbox" className="mt-0.5 size-4 shrink-0 accent-[var(--ink)]" {...rest} />
      <span className="min-w-0">{label}</span>
    </label>
  );
}

/** One of a few, all in view. */
export function Segments<T extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: T;
  options: readonly { value: T; label: string }[];
  onChange: (value: T) => void;
}) {
  return (
    <ToggleGroup.Root
      type="single"
      aria-label={label}
      value={value}
      onValueChange={(next) => next !== '' && onChange(next as T)}
      className="inline-flex max-w-full flex-wrap justify-self-start rounded-lg border border-line bg-sunken p-0.5"
    >
      {options.map((option) => (
        <ToggleGroup.Item
          key={option.value}
          value={option.value}
          className="h-7 rounded-md px-2.5 text-sm font-medium text-muted transition-colors duration-150 hover:text-ink data-[state=on]:bg-surface data-[state=on]:text-ink data-[state=on]:shadow-[0_0_0_1px_var(--line)]"
        >
          {option.label}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}

export function Toggle({
  label,
  checked,
  onChange,
  disabled = false,
}: {
  label: string;
  checked: boolean;
  onChange: (on: boolean) => void;
  disabled?: boolean;
}) {
  return (
    <RadixSwitch.Root
      aria-label={label}
      checked={checked}
      disabled={disabled}
      onCheckedChange={onChange}
      className="relative h-5 w-9 shrink-0 rounded-full border border-edge bg-sunken transition-colors duration-150 disabled:opacity-40 data-[state=checked]:border-passed data-[state=checked]:bg-passed"
    >
      <RadixSwitch.Thumb className="block size-3.5 translate-x-0.5 rounded-full bg-edge transition-transform duration-150 data-[state=checked]:translate-x-[1.15rem] data-[state=checked]:bg-surface" />
    </RadixSwitch.Root>
  );
}
