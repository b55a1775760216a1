// Which registry a search asks, in view before anything is asked, and changed in place.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useConsole } from '../data/console.tsx';
import { useTranslation } from '../strings/i18n.ts';
import { Say } from '../strings/say.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, Input } from '../ui/field.tsx';
import { Fault } from '../ui/states.tsx';
import { Code } from '../untrusted/foreign.tsx';

const key = 'registry.address';

export function RegistryAddress() {
  const { t } = useTranslation();
  const { orpc } = useConsole();
  const { data } = useQuery(orpc.setting.list.queryOptions());
  const [changing, setChanging] = useState(false);
  const address = data?.[key];
  if (address === undefined) return <p className="mt-2 mb-6 h-7" />;
  return (
    <p className="mt-2 mb-6 flex min-h-7 flex-wrap items-center gap-x-3 text-sm text-muted">
      <span>
        <Say k="find.asks" parts={{ address: <Code text={address} /> }} />
      </span>
      <Button small kind="quiet" className="-ml-2.5" onClick={() => setChanging(true)}>
        {t('find.change')}
      </Button>
      {changing ? <Change was={address} onClose={() => setChanging(false)} /> : null}
    </p>
  );
}

function Change({ was, onClose }: { was: string; onClose: () => void }) {
  const { t } = useTranslation();
  const { client } = useConsole();
  const [value, setValue] = useState(was);
  const [fault, setFault] = useState<unknown>(null);
  const save = () => client.setting.set({ key, value: value.trim() }).then(onClose, (error: unknown) => setFault(error));
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('find.changeTitle')}
      about={t('find.changeAbout')}
      footer={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button kind="main" type="submit" form="registry-address" disabled={value.trim() === ''}>
            {t('find.save')}
          </Button>
        </>
      }
    >
      <form
        id="registry-address"
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Field label={t('find.address')} hint={t('find.addressHint')}>
          {(ids) => <Input {...ids} mono value={value} onChange={(event) => setValue(event.target.value)} />}
        </Field>
        {fault ? <Fault error={fault} /> : null}
      </form>
    </Dialog>
  );
}
