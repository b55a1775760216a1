// Starts the console: takes the one-time secret out of the address before anything else, then finds the way to the broker.
import './styles.css';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { startLanguage } from './settings/language.ts';
import { startTheme } from './settings/theme.ts';
import { browserHost, desktopHost, type Host, onPort } from './transport.ts';

const secret = takeSecret();
startTheme();
/** Nothing is shown before its words are here, so that none are seen in another language first. */
const worded = startLanguage();

const element = document.getElementById('root');
if (element === null) throw new Error('no place for the console in this page');
const root = createRoot(element);
let count = 0;
const show = (host: Host, given: string | null) => {
  count += 1;
  const key = count;
  void worded.then(() => root.render(<App key={key} host={host} secret={given} />));
};

// A desktop window is given a port by its preload, again after a restart of the broker; a browser asks where it came from.
onPort((port) => show(desktopHost(port), null));
if (location.protocol === 'http:' || location.protocol === 'https:') show(browserHost(location.origin), secret);

function takeSecret(): string | null {
  const found = /^#signin=(.+)$/.exec(location.hash)?.[1];
  if (found === undefined) return null;
  history.replaceState(null, '', `${location.pathname}#/`);
  return decodeURIComponent(found);
}
