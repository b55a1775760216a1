// Runs before the console's page, sandboxed. Two jobs: ask the shell for a line to the broker, and hand it to the page.
// JavaScript, because Electron runs sandboxed preloads as they are. Nothing of Electron's is exposed to the page.
const { ipcRenderer } = require('electron');

// The page gets one end of a channel to the broker; the same message comes again with a new one when the broker was restarted.
ipcRenderer.on('gatehouse-port', (event) => {
  window.postMessage({ type: 'gatehouse-port' }, window.location.origin, event.ports);
});

// Module scripts have run by now, so the page listens.
window.addEventListener('DOMContentLoaded', () => ipcRenderer.send('gatehouse-port-wanted'));
