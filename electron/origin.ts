// The one place the window may show, and how the shell recognises it.

export const scheme = 'gatehouse';
export const consoleUrl = 'gatehouse://console/';
/** The console's page that shows questions and nothing else. */
export const promptUrl = 'gatehouse://console/#/prompt';

/** True for a page of the console itself: our scheme, our host, nothing that merely begins alike. */
export function isConsole(url: string): boolean {
  const parsed = URL.parse(url);
  return (
    parsed !== null && parsed.protocol === `${scheme}:` && parsed.host === 'console' && parsed.username === '' && parsed.password === ''
  );
}
