// Light, dark, or as the system has it. Kept in this browser only once a person chose; it is no secret and decides nothing.
export type Theme = 'system' | 'light' | 'dark';
const key = 'gatehouse.theme';

export function themeNow(): Theme {
  const set = document.documentElement.dataset.theme;
  return set === 'light' || set === 'dark' ? set : 'system';
}

export function setTheme(theme: Theme): void {
  apply(theme);
  try {
    if (theme === 'system') localStorage.removeItem(key);
    else localStorage.setItem(key, theme);
  } catch {
    // A browser that keeps nothing still shows the theme until the tab closes.
  }
}

/** Before the first paint. */
export function startTheme(): void {
  try {
    const kept = localStorage.getItem(key);
    if (kept === 'light' || kept === 'dark') apply(kept);
  } catch {
    // As above.
  }
}

function apply(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}
