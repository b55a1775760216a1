// The one place the window may show, and how the shell recognises it.

export const scheme = 'gatehouse';
export const consoleUrl = 'gatehouse://console/';
/** The console's page that shows questions and nothing else. */
export const promptUrl = 'gatehouse://console/#/prompt';

/** True for a page of the console itself: our scheme, our host, nothing that merely begins alike. */
export function isConsole(url: string): boolean {
  const parsed = URL.parse(url);
  return parsed?.protocol === `${scheme}:` && parsed.host === 'console' && parsed.username === '' && parsed.password === '';
}

/** A link from elsewhere names a page of the console, `gatehouse://activity`; it opens that page, and decides nothing. Null: not one of ours. */
export function linkedPage(words: readonly string[]): string | null {
  const page = words
    .map((word) => /^gatehouse:\/\/(activity|clients|servers|permissions|settings|prompt)\/?$/.exec(word)?.[1])
    .find(Boolean);
  return page === undefined ? null : `${consoleUrl}#/${page}`;
}
