// Shows a program and its arguments as they will be given: one by one, never joined in a way that hides where one ends.
import { useTranslation } from '../strings/i18n.ts';
import { Foreign } from '../untrusted/foreign.tsx';

interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly remote?: { readonly url: string } | undefined;
}

/** One line for lists; a word that is empty or has spaces is quoted. A server elsewhere has an address instead. */
export function CommandLine({ server }: { server: Command }) {
  if (server.remote) return <Foreign text={server.remote.url} mono />;
  const words = [server.command, ...server.args].map((word) => (word === '' || /[\s"']/.test(word) ? JSON.stringify(word) : word));
  return <Foreign text={words.join(' ')} mono />;
}

/** The whole of it, untruncated, a word to a line. */
export function CommandWords({ command, args }: Pick<Command, 'command' | 'args'>) {
  const { t } = useTranslation();
  return (
    <ol className="divide-y divide-line rounded-lg border border-line bg-sunken font-mono text-[0.82rem]" aria-label={t('servers.command')}>
      {[command, ...args].map((word, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a word of a command is its place
        <li key={index} className="flex gap-3 px-3 py-1.5">
          <span className="w-5 shrink-0 text-right text-muted select-none tabular" aria-hidden="true">
            {index}
          </span>
          {word === '' ? (
            <span className="text-muted italic">{t('servers.emptyWord')}</span>
          ) : (
            <Foreign text={word} lines className="min-w-0" />
          )}
        </li>
      ))}
    </ol>
  );
}
