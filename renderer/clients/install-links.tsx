// Opens a client that takes install links, with our connector in the link and no token.
import { installLinks, type Launch } from '../../shared/install-link.ts';
import { useTranslation } from '../strings/i18n.ts';
import { CopyButton } from '../ui/copy.tsx';

export function InstallLinks({ launch }: { launch: Launch }) {
  const { t } = useTranslation();
  return (
    <div className="grid gap-1.5">
      <p className="text-sm font-medium text-soft">{t('clients.links')}</p>
      <ul className="divide-y divide-line rounded-lg border border-line">
        {installLinks(launch).map(({ title, url }) => (
          <li key={title} className="flex items-center gap-3 px-3 py-2">
            <a
              href={url}
              rel="noreferrer"
              className="min-w-0 flex-1 rounded font-medium underline decoration-edge underline-offset-4 hover:decoration-ink"
            >
              {t('clients.linkTo', { client: title })}
            </a>
            <CopyButton text={url} label={t('clients.linkCopy', { client: title })} />
          </li>
        ))}
      </ul>
      <p className="text-sm text-muted">{t('clients.linksAbout')}</p>
    </div>
  );
}
