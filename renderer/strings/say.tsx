// Puts nodes (a name in bold, a foreign text) into a sentence of the catalogue without ever parsing them as markup.
import { Fragment, type ReactNode } from 'react';
import { useTranslation } from './i18n.ts';

const open = '\ue000';
const close = '\ue001';

/** `parts` are drawn where the sentence says {{name}}; `values` are plain words, and `count` chooses the plural. */
export function Say({
  k,
  parts = {},
  values = {},
}: {
  k: string;
  parts?: Record<string, ReactNode>;
  values?: Record<string, string | number>;
}) {
  const { t } = useTranslation();
  const places = Object.fromEntries(Object.keys(parts).map((name) => [name, `${open}${name}${close}`]));
  const sentence = t(k, { ...values, ...places });
  return sentence.split(open).map((piece, index) => {
    const end = index === 0 ? -1 : piece.indexOf(close);
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one sentence have no other identity
      <Fragment key={index}>
        {end < 0 ? null : parts[piece.slice(0, end)]}
        {piece.slice(end + 1)}
      </Fragment>
    );
  });
}
