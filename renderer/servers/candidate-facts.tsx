// Everything of a candidate: what would run word for word, with which values, where it is from, and what to mind. Its own words stand apart.
import type { ReactNode } from 'react';
import type { Candidate } from '../../shared/candidate.ts';
import { bytes, full, number } from '../strings/format.ts';
import { useTranslation } from '../strings/i18n.ts';
import { Fact, Facts } from '../ui/layout.tsx';
import { Code, Foreign } from '../untrusted/foreign.tsx';
import { CommandWords } from './command.tsx';

export function CandidateFacts({ candidate }: { candidate: Candidate }) {
  const { t } = useTranslation();
  const { remote, bundle, package: of, registry } = candidate;
  return (
    <div className="grid gap-4">
      {remote ? (
        <p className="rounded-lg border border-line bg-sunken px-3 py-2.5 text-sm break-all">
          <Code text={remote.url} />
        </p>
      ) : (
        <CommandWords command={candidate.command} args={candidate.args} />
      )}
      {candidate.warnings.length > 0 ? (
        <ul className="grid gap-1.5 rounded-xl border border-amber-line bg-amber-faint px-4 py-3">
          {candidate.warnings.map((text) => (
            <li key={text} className="flex gap-2.5">
              <span aria-hidden="true" className="mt-[0.45rem] size-2 shrink-0 rotate-45 rounded-[1px] bg-amber" />
              <Foreign text={text} />
            </li>
          ))}
        </ul>
      ) : null}
      <Facts>
        <Values candidate={candidate} />
        {candidate.cwd === null ? null : (
          <Fact name={t('servers.cwd')}>
            <span className="break-all">
              <Code text={candidate.cwd} />
            </span>
          </Fact>
        )}
        {of && bundle === null ? (
          <>
            <Fact name={t('find.package')}>
              <Foreign text={[of.registry, of.identifier, of.version ?? ''].join(' ')} />
            </Fact>
            {of.integrity === null ? null : (
              <Fact name={t('find.contents')}>
                <Hash text={of.integrity} note={t('find.integrity')} />
              </Fact>
            )}
            <Fact name={t('find.hash')}>
              {of.sha256 === null ? (
                <span className="text-muted">{t('find.noHash')}</span>
              ) : (
                <Hash text={of.sha256} note={t('find.unchecked')} />
              )}
            </Fact>
          </>
        ) : null}
        {bundle ? (
          <>
            <Fact name={t('find.hash')}>
              <Hash text={bundle.sha256} note={of?.checked ? t('find.hashHolds') : null} />
            </Fact>
            <Fact name={t('find.size')}>
              {t('find.sizes', { packed: bytes(bundle.bytes), files: number(bundle.files), unpacked: bytes(bundle.unpackedBytes) })}
            </Fact>
            <Fact name={t('find.signature')}>
              {t(`find.signatures.${bundle.signature.state}`)}
              {bundle.signature.signer === null ? null : (
                <span className="block text-sm text-muted">
                  <Foreign text={bundle.signature.signer} />
                  {bundle.signature.validUntil === null ? null : `, ${t('find.until', { at: full(bundle.signature.validUntil) })}`}
                </span>
              )}
              {bundle.signature.fingerprint === null ? null : <Hash text={bundle.signature.fingerprint} note={t('find.certificate')} />}
            </Fact>
          </>
        ) : null}
        {registry ? (
          <Fact name={t('find.from')}>
            <span className="break-all">
              <Code text={registry.id} />
            </span>
            <span className="block text-sm text-muted">
              <Foreign text={registry.address} />, {full(registry.at)}
              {registry.offline ? `. ${t('find.oldAnswer')}` : ''}
            </span>
          </Fact>
        ) : null}
      </Facts>
      <figure className="grid gap-1 rounded-xl border border-dashed border-edge px-4 py-3">
        <figcaption className="text-sm text-muted">{t('find.claim')}</figcaption>
        <p>
          <strong>
            <Foreign text={candidate.title} />
          </strong>
          {candidate.version === null ? null : (
            <span className="text-muted">
              {' '}
              <Foreign text={candidate.version} />
            </span>
          )}
          {candidate.author === null ? null : (
            <span className="text-muted">
              {' · '}
              <Foreign text={candidate.author} />
            </span>
          )}
        </p>
        {candidate.description === '' ? null : (
          <p className="text-sm text-soft">
            <Foreign text={candidate.description} lines />
          </p>
        )}
      </figure>
    </div>
  );
}

function Values({ candidate: { env, secretEnv, remote } }: { candidate: Candidate }) {
  const { t } = useTranslation();
  const plain = Object.entries(remote ? remote.headers : env);
  const secret = Object.entries(remote ? remote.secretHeaders : secretEnv);
  if (plain.length + secret.length === 0) return null;
  return (
    <Fact name={t(remote ? 'servers.headers' : 'servers.env')}>
      <ul className="grid gap-1 text-sm">
        {plain.map(([key, value]) => (
          <li key={key} className="break-all">
            <Code text={key} /> = <Code text={value} />
          </li>
        ))}
        {secret.map(([key, name]) => (
          <li key={key} className="break-all">
            <Code text={key} /> <span className="text-muted">{t('servers.fromVault')}</span> <Code text={name} />
          </li>
        ))}
      </ul>
    </Fact>
  );
}

function Hash({ text, note }: { text: string; note: ReactNode }) {
  return (
    <span className="block">
      <span className="font-mono text-[0.75rem] leading-4 break-all">{text}</span>
      {note === null ? null : <span className="block text-sm text-muted">{note}</span>}
    </span>
  );
}
