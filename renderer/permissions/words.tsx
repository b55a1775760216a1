// Says a remembered answer as a sentence: who may or may not do what, and with which arguments.

import type { Grant } from '../../shared/vocabulary.ts';
import { nameOf } from '../prompt/name.ts';
import { useTranslation } from '../strings/i18n.ts';
import { Say } from '../strings/say.tsx';
import { Code, Foreign, Name } from '../untrusted/foreign.tsx';

export function GrantWords({ grant, client = true }: { grant: Grant; client?: boolean }) {
  return (
    <Say
      k={`permissions.${client ? 'says' : 'short'}.${grant.effect}`}
      parts={{
        client: <Name text={grant.client} />,
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

export function MatchWords({ grant }: { grant: Grant }) {
  const { t } = useTranslation();
  if (grant.match.kind === 'any') return t('width.any');
  return (
    <>
      {t('permissions.exactly')} <Foreign text={grant.match.label} mono />
    </>
  );
}
