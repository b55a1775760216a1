// A client's files put back as they were, after what comes back was said; for keys that were rotated since, the choice of their current values.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useConsole, withCredential } from '../data/console.tsx';
import { codeOf } from '../data/fault.ts';
import { BySystem } from '../prompt/by-system.tsx';
import { useTranslation } from '../strings/i18n.ts';
import { Button } from '../ui/button.tsx';
import { Field, Input, Tick } from '../ui/field.tsx';
import { Fault, Loading } from '../ui/states.tsx';
import { Code, Foreign } from '../untrusted/foreign.tsx';

export function Back({ client: name, onDone }: { client: string; onDone: () => void }) {
  const { t } = useTranslation();
  const { orpc, client } = useConsole();
  const [fault, setFault] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [wantsPin, setWantsPin] = useState(false);
  const [pin, setPin] = useState('');
  const [proof, setProof] = useState<string | null>(null);
  const { data, error } = useQuery(orpc.setup.previewUndo.queryOptions({ input: { client: name }, gcTime: 0 }));
  if (error) return <Fault error={error} />;
  if (data === undefined) return <Loading rows={2} />;
  const askPin = wantsPin && chosen.length > 0;
  const restore = async () => {
    setBusy(true);
    setFault(null);
    try {
      const proven = askPin ? withCredential(proof ?? (await client.operator.signIn({ pin, use: 'once' })).credential) : undefined;
      const { refused } = await client.setup.undo({ client: name, digest: data.digest, current: [...chosen] }, proven);
      if (refused.length > 0) setFault(new Error(refused.map(({ path, why }) => `${path}: ${why}`).join('\n')));
      else onDone();
    } catch (thrown) {
      if (codeOf(thrown) === 'needs-pin') setWantsPin(true);
      setFault(thrown);
    } finally {
      setBusy(false);
      setPin('');
      setProof(null);
    }
  };
  return (
    <div className="grid gap-3">
      {data.files.map((file) => {
        const current = [...new Set(file.keys.flatMap((key) => key.current ?? []))];
        const lost = file.keys.filter((key) => key.rotated && key.current === null);
        return (
          <div key={file.path} className="grid gap-1">
            <p className="text-sm">
              <Code text={file.path} />{' '}
              <span className="text-muted">
                {t(file.removed ? 'setup.between.removed' : file.exact ? 'setup.between.exact' : 'setup.between.entries')}
              </span>
            </p>
            {file.keys.length > 0 ? <p className="text-sm text-amber">{t('setup.between.keysBack', { count: file.keys.length })}</p> : null}
            {current.length > 0 ? (
              <Tick
                label={<Foreign text={t('setup.between.current', { names: current.join(', ') })} />}
                checked={chosen.includes(file.path)}
                onChange={({ target }) => setChosen(target.checked ? [...chosen, file.path] : chosen.filter((path) => path !== file.path))}
              />
            ) : null}
            {[...lost.map(({ where, why }) => t('setup.between.notCurrent', { where, why: why ?? '' })), ...file.left].map((line) => (
              <p key={line} className="text-sm text-amber">
                <Foreign text={line} />
              </p>
            ))}
          </div>
        );
      })}
      {askPin ? (
        <Field label={t('setup.between.currentPin')} hint={t('setup.between.currentPinHint')}>
          {(ids) => <Input {...ids} type="password" value={pin} onChange={(event) => setPin(event.target.value)} />}
        </Field>
      ) : null}
      {askPin ? <BySystem proven={proof !== null} onProof={setProof} onFault={setFault} /> : null}
      {fault ? <Fault error={fault} /> : null}
      <Button
        kind="stop"
        className="justify-self-start"
        disabled={busy || data.files.length === 0 || (askPin && pin === '' && proof === null)}
        onClick={() => void restore()}
      >
        {t(chosen.length > 0 ? 'setup.between.restoreCurrent' : 'setup.between.restore')}
      </Button>
    </div>
  );
}
