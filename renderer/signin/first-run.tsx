// The one step of a first run: choose a PIN, or put it off and be reminded for as long as the home is open.

import { PinForm } from '../settings/pin.tsx';
import { useTranslation } from '../strings/i18n.ts';
import { Button } from '../ui/button.tsx';
import { Threshold } from './page.tsx';

export function FirstRun({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  return (
    <Threshold title={t('pin.title')} about={t('pin.why')}>
      <PinForm
        change={false}
        onDone={onDone}
        also={
          <Button kind="quiet" onClick={onDone}>
            {t('pin.later')}
          </Button>
        }
      />
    </Threshold>
  );
}
