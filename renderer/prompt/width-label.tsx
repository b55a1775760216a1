// What a width covers, as the broker says it (`reading in ~/code/acme`), in the language of the console where that has words for it.
import { useTranslation } from '../strings/i18n.ts';
import { Foreign } from '../untrusted/foreign.tsx';

export function WidthLabel({ text }: { text: string }) {
  const { phrases } = useTranslation();
  const own = phrases?.width(text) ?? null;
  return <Foreign text={own ?? text} english={own === null} />;
}
