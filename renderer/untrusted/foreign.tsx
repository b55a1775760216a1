// Draws a text that somebody else wrote: isolated, as text only, with everything that would hide made a visible chip.
import { memo } from 'react';
import { useTranslation } from '../strings/i18n.ts';
import { clientTitle } from './client-title.ts';
import { type Piece, pieces } from './visible.ts';

/** A foreign text inside a line of ours. `lines` keeps its line breaks (rows and boxes), otherwise they show as a sign. */
export const Foreign = memo(function Foreign({
  text,
  lines = false,
  mono = false,
  english = false,
  className = '',
}: {
  text: string;
  lines?: boolean;
  mono?: boolean;
  /** Said by the broker, which speaks English whatever the console speaks: a screen reader should, too. */
  english?: boolean;
  className?: string;
}) {
  const shown = lines ? text : text.replaceAll('\n', '\u23ce').replaceAll('\t', ' ');
  return (
    <bdi
      dir="auto"
      {...(english ? { lang: 'en' } : {})}
      className={`foreign ${lines ? 'lines' : ''} ${mono ? 'font-mono text-[0.93em]' : ''} ${className}`}
    >
      {pieces(shown).map((piece, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text have no other identity
        <PieceView key={index} piece={piece} />
      ))}
    </bdi>
  );
});

function PieceView({ piece }: { piece: Piece }) {
  const { t } = useTranslation();
  if (piece.kind === 'text') return piece.text;
  if (piece.kind === 'lookalike') {
    const title = t(`foreign.lookalike.${piece.script}`);
    return (
      <span
        className="rounded-sm bg-amber-faint px-px text-amber underline decoration-wavy underline-offset-2"
        title={title}
        data-lookalike={piece.script}
      >
        {piece.text}
        <span className="sr-only"> ({title}) </span>
      </span>
    );
  }
  const what = t(`foreign.${piece.hidden}`);
  return (
    <span
      data-hidden={piece.code}
      title={`${what} ${piece.code}`}
      className="mx-0.5 inline-block rounded border border-amber-line bg-amber-faint px-1 align-baseline font-mono text-[0.7rem] leading-4 font-medium whitespace-nowrap text-amber"
    >
      {piece.says ? t('foreign.says', { text: piece.says.slice(0, 400) }) : piece.name}
      {piece.count > 1 && piece.says === undefined ? ` \u00d7${piece.count}` : ''}
    </span>
  );
}

/** A client in a sentence, in bold. */
export function ClientName({ name }: { name: string }) {
  return <Name text={clientTitle(name)} />;
}

/** The name of a client or a server, in bold. */
export function Name({ text }: { text: string }) {
  return (
    <strong>
      <Foreign text={text} />
    </strong>
  );
}

/** The name of a capability or a path, in the code face. */
export function Code({ text }: { text: string }) {
  return <Foreign text={text} mono className="font-medium" />;
}
