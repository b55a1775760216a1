// The page that asks for the sealed file's passphrase: its three files as text, so that nothing has to be built before it can ask.

/** @param exists whether this home has a sealed file already, which a passphrase must open */
export function pageFiles(exists: boolean): ReadonlyMap<string, { readonly type: string; readonly text: string }> {
  return new Map([
    ['/', { type: 'text/html; charset=utf-8', text: exists ? html(openWords, '') : html(newWords, again) }],
    ['/page.css', { type: 'text/css; charset=utf-8', text: css }],
    ['/page.js', { type: 'text/javascript; charset=utf-8', text: js }],
  ]);
}

interface Words {
  readonly title: string;
  readonly about: string;
  readonly field: string;
  readonly button: string;
}

const newWords: Words = {
  title: 'Where shall your secrets be?',
  about:
    'No keychain answers on this computer, so Gatehouse keeps secrets in a sealed file in its home folder, if you agree. It is opened by a passphrase of yours at each start. Nobody can bring it back for you.',
  field: 'A new passphrase',
  button: 'Use a sealed file',
};

const openWords: Words = {
  title: 'Open your sealed file',
  about: 'This home keeps its secrets in a sealed file. Its passphrase opens it.',
  field: 'Passphrase',
  button: 'Open',
};

const again = '<label>The same again<input id="again" type="password" autocomplete="new-password" required></label>';

const html = ({ title, about, field, button }: Words, more: string) => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Gatehouse</title><link rel="stylesheet" href="/page.css"></head>
<body><main>
<svg width="40" height="40" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linejoin="round" role="img" aria-label="Gatehouse">
<path d="M3 21V4.5h1.8v1.8h1.9V4.5h1.8V9h7V4.5h1.8v1.8h1.9V4.5H21V21M9 21v-5.2a3 3 0 0 1 6 0V21M1.5 21h21M8.5 12h7"/></svg>
<h1>${title}</h1>
<p>${about}</p>
<form id="form">
<label>${field}<input id="passphrase" type="password" autocomplete="off" required autofocus></label>
${more}
<p id="fault" role="alert" hidden></p>
<button id="go">${button}</button>
</form>
<p id="done" role="status" hidden></p>
</main><script src="/page.js"></script></body>
</html>
`;

const css = `:root { color-scheme: light dark; --ground: #f7f6f3; --surface: #fff; --ink: #1c1b19; --muted: #6a675f; --edge: #8d887e; --stop: #ad3d16; }
@media (prefers-color-scheme: dark) { :root { --ground: #141310; --surface: #1c1b18; --ink: #f1efe9; --muted: #a29d92; --edge: #7a756a; --stop: #ff8a5c; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 24px; background: var(--ground); color: var(--ink); font: 15px/1.5 Inter, system-ui, sans-serif; }
main { width: 100%; max-width: 25rem; }
svg { display: block; margin-bottom: 20px; }
h1 { font-size: 24px; line-height: 1.25; margin: 0 0 8px; letter-spacing: -0.01em; }
p { color: var(--muted); margin: 0 0 20px; }
label { display: block; font-weight: 550; margin-bottom: 16px; }
input { display: block; width: 100%; margin-top: 6px; padding: 9px 12px; font: inherit; color: inherit; background: var(--surface); border: 1px solid var(--edge); border-radius: 8px; }
button { font: inherit; font-weight: 600; padding: 9px 18px; border: 0; border-radius: 8px; background: var(--ink); color: var(--ground); cursor: pointer; }
button:disabled { opacity: 0.5; cursor: default; }
:focus-visible { outline: 2px solid var(--ink); outline-offset: 2px; }
#fault { color: var(--stop); }
[hidden] { display: none; }
`;

const js = `'use strict';
const secret = location.hash.slice('#passphrase='.length);
history.replaceState(null, '', '/');
const at = (id) => document.getElementById(id);
const fault = (words) => { at('fault').textContent = words; at('fault').hidden = words === ''; };
if (secret === '') fault('Open this page by the whole address that the terminal shows.');
at('form').addEventListener('submit', async (event) => {
  event.preventDefault();
  const passphrase = at('passphrase').value;
  if (at('again') && at('again').value !== passphrase) return fault('The two differ. Type the same passphrase twice.');
  fault('');
  at('go').disabled = true;
  try {
    const answer = await fetch('/', { method: 'POST', headers: { 'Content-Type': 'application/json', Authorization: 'Bearer ' + secret }, body: JSON.stringify({ passphrase }) });
    const { console: address, fault: words } = await answer.json();
    if (address) return location.replace(address);
    if (words) return fault(words);
    at('form').hidden = true;
    at('done').textContent = 'Gatehouse runs. The terminal says how to open the console.';
    at('done').hidden = false;
  } catch {
    fault('Gatehouse does not answer any more. Look at the terminal.');
  } finally {
    at('go').disabled = false;
  }
});
`;
