// Says a remembered answer as a sentence: who may or may not do what, and with which arguments.

import type { Grant } from '../../shared/vocabulary.ts';
import { nameOf } from '../prompt/name.ts';
import { WidthLabel } from '../prompt/width-label.tsx';
import { useTranslation } from '../strings/i18n.ts';
import { Say } from '../strings/say.tsx';
import { ClientName, Code, Foreign, Name } from '../untrusted/foreign.tsx';

export function GrantWords({ grant, client = true }: { grant: Grant; client?: boolean }) {
  return (
    <Say
      k={`permissions.${client ? 'says' : 'short'}.${grant.effect}`}
      parts={{
        client: <ClientName name={grant.client} />,
        what: <CapabilityWords capability={grant.capability} />,
        server: <Name text={grant.server} />,
      }}
    />
  );
}

export function CapabilityWords({ capability }: { capability: string }) {
  const { t } = useTranslation();
  const { kind, name } = nameOf(capability);
  if (capability === '*') return t('permissions.everything');
  if (name === '*') return t(`permissions.every.${kind}`);
  return <Code text={name} />;
}

/** What it covers, and what more there is to say: which capabilities, who else, where, and why it does not count just now. */
export function MatchWords({ grant }: { grant: Grant }) {
  const { t } = useTranslation();
  const { capabilities = [], alsoClients = [], folder, rests } = grant;
  return (
    <>
      <Arguments grant={grant} />
      {capabilities.length > 1 ? ` · ${t('permissions.capabilities', { count: capabilities.length })}` : null}
      {alsoClients.length > 0 ? (
        <>
          {' · '}
          {t('permissions.alsoFor')} <Foreign text={alsoClients.join(', ')} />
        </>
      ) : null}
      {folder === undefined ? null : (
        <>
          {' · '}
          {t('permissions.onlyIn')} <Foreign text={folder} />
        </>
      )}
      {rests === undefined ? null : <span className="text-amber"> · {t(`permissions.rests.${rests}`)}</span>}
    </>
  );
}

function Arguments({ grant }: { grant: Grant }) {
  const { t } = useTranslation();
  if (grant.match.kind === 'within') return <WidthLabel text={grant.match.label} />;
  if (grant.match.kind === 'any') return t('width.any');
  return (
    <>
      {t('permissions.exactly')} <Foreign text={grant.match.label} mono />
    </>
  );
}
