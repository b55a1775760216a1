// The words of the console in German, loaded only where they are spoken. A key that English has and this lacks does not compile.
//
// Terms, kept to everywhere: allow erlauben · deny, refuse ablehnen · approval Freigabe, a question Frage · grant, permission Erlaubnis ·
// client Client · server Server · capability Fähigkeit · tool Werkzeug · request Anfrage · call Aufruf · session Sitzung · secret Geheimnis ·
// vault Tresor · keychain Schlüsselbund · policy Richtlinie · lockdown, stop everything Alles anhalten · pause pausieren, resume fortsetzen ·
// pair koppeln · revoke (a client) widerrufen · take back (a permission) zurücknehmen · accept annehmen, reject zurückweisen · review Prüfung ·
// quarantined abgesondert · finding Befund · log Protokoll · entry Eintrag · put aside zurückstellen (a question), beiseitelegen (a finding) ·
// home Gatehouse (never Heim) · bundle Bündel · registry Verzeichnis · label Kennzeichen. A person is "Sie"; orders are infinitives.
import { activity } from './de/activity.ts';
import { clients } from './de/clients.ts';
import { log } from './de/log.ts';
import { permissions } from './de/permissions.ts';
import { prompt } from './de/prompt.ts';
import { servers } from './de/servers.ts';
import { settings } from './de/settings.ts';
import { shell } from './de/shell.ts';
import type { en } from './en.ts';

export { phrases } from './de/phrases.ts';

export const de: typeof en = {
  ...shell,
  ...prompt,
  ...log,
  ...activity,
  ...servers,
  ...clients,
  ...permissions,
  ...settings,
};
