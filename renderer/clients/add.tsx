// Pairs a client: a name and what it may see; then, once and never again, what its configuration needs.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useConsole } from '../data/console.tsx';
import { useTranslation } from '../strings/i18n.ts';
import { Button } from '../ui/button.tsx';
import { CopyBox } from '../ui/copy.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, Input, Segments, Tick } from '../ui/field.tsx';
import { Fault } from '../ui/states.tsx';
import { InstallLinks } from './install-links.tsx';

type Help = {
  name: string;
  token: string;
  stdio: { command: string; args: string[]; env: Record<string, string> };
  http: { url: string; headers: Record<string, string> };
};

export function AddClient({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const { orpc, client } = useConsole();
  const { data: servers } = useQuery(orpc.server.list.queryOptions());
  const [name, setName] = useState('');
  const [unticked, setUnticked] = useState<ReadonlySet<string>>(new Set());
  const [help, setHelp] = useState<Help | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const fits = /^[A-Za-z0-9][A-Za-z0-9._-]{0,47}$/.test(name);
  const close = () => {
    setHelp(null);
    setName('');
    setFault(null);
    onClose();
  };
  const add = () =>
    client.client
      .add({ name, servers: unticked.size === 0 ? 'all' : (servers ?? []).map((each) => each.name).filter((each) => !unticked.has(each)) })
      .then(
        (given) => {
          setHelp(given);
          setFault(null);
        },
        (error: unknown) => setFault(error),
      );
  if (help !== null) {
    return (
      <Dialog
        wide
        open={open}
        onClose={close}
        title={t('clients.help')}
        about={t('clients.helpAbout')}
        footer={
          <Button kind="main" onClick={close}>
            {t('clients.helpDone')}
          </Button>
        }
      >
        <ConnectionHelp help={help} />
      </Dialog>
    );
  }
  return (
    <Dialog
      open={open}
      onClose={close}
      title={t('clients.add')}
      about={t('clients.addAbout')}
      footer={
        <>
          <Button onClick={close}>{t('cancel')}</Button>
          <Button kind="main" type="submit" form="add-client" disabled={!fits}>
            {t('clients.addDo')}
          </Button>
        </>
      }
    >
      <form
        id="add-client"
        className="grid gap-5"
        onSubmit={(event) => {
          event.preventDefault();
          if (fits) void add();
        }}
      >
        <Field label={t('clients.name')} hint={t('clients.nameHint')} error={name !== '' && !fits ? t('clients.nameWrong') : undefined}>
          {(ids) => <Input {...ids} value={name} onChange={(event) => setName(event.target.value)} placeholder="claude-code" />}
        </Field>
        <fieldset>
          <legend className="mb-1 text-sm font-medium text-soft">{t('clients.maySee')}</legend>
          {servers?.length === 0 ? <p className="text-muted">{t('clients.noServers')}</p> : null}
          {servers?.map((server) => (
            <Tick
              key={server.name}
              label={server.name}
              checked={!unticked.has(server.name)}
              onChange={(event) =>
                setUnticked(
                  new Set(event.target.checked ? [...unticked].filter((each) => each !== server.name) : [...unticked, server.name]),
                )
              }
            />
          ))}
        </fieldset>
        {fault ? <Fault error={fault} /> : null}
      </form>
    </Dialog>
  );
}

function ConnectionHelp({ help }: { help: Help }) {
  const { t } = useTranslation();
  const [way, setWay] = useState<'stdio' | 'http'>('stdio');
  const stdio = JSON.stringify({ mcpServers: { gatehouse: help.stdio } }, null, 2);
  const http = JSON.stringify({ mcpServers: { gatehouse: { type: 'http', ...help.http } } }, null, 2);
  return (
    <div className="grid gap-4">
      <Segments
        label={t('clients.way')}
        value={way}
        onChange={setWay}
        options={[
          { value: 'stdio', label: t('clients.stdio') },
          { value: 'http', label: t('clients.http') },
        ]}
      />
      <p className="text-muted">{t(way === 'stdio' ? 'clients.stdioAbout' : 'clients.httpAbout')}</p>
      <CopyBox label={t('clients.snippet')} text={way === 'stdio' ? stdio : http} />
      {way === 'stdio' ? <InstallLinks launch={help.stdio} /> : null}
      {way === 'http' ? <CopyBox label={t('clients.url')} text={help.http.url} /> : null}
      <div className="grid gap-1.5">
        <p className="text-sm font-medium text-soft">{t('clients.token')}</p>
        <CopyBox label={t('clients.token')} text={help.token} />
      </div>
    </div>
  );
}
