// The broker inside the desktop app: an Electron utility process around start(). Speaks with the shell by a few small messages.
import { resolveHome, start } from '../broker/start.ts';

const shell = process.parentPort;
const starting = start({
  home: resolveHome(undefined),
  vault: 'keychain',
  operator: true,
  // There is no terminal; in a protected home the window itself asks for the PIN.
  prove: async () => null,
});

const line = starting.then((broker) => broker.desktop());
line.catch(() => {});

// Listens from the first moment: the operator may quit while the broker is still starting.
shell.on('message', ({ data, ports }) => {
  const { type, act } = data as { type?: unknown; act?: unknown };
  const [port] = ports;
  if (type === 'console' && port !== undefined) {
    void starting.then((broker) => {
      // A new home has told its secrets to nobody yet: who sits before its first window is its operator.
      broker.attach(port, broker.ready.operatorToken !== null);
      port.start();
    });
  }
  if (type === 'act') void line.then((own) => own.act(act)).catch((error) => console.error('gatehouse:', error.message));
  if (type === 'stop') void starting.then((broker) => broker.stop()).finally(() => process.exit(0));
});

function inWords(cause: unknown): { message: string; hint: string } {
  const error = cause instanceof Error ? cause : new Error(String(cause));
  const hint = 'hint' in error && typeof error.hint === 'string' ? error.hint : 'Start Gatehouse from a terminal to see more.';
  return { message: error.message, hint };
}

try {
  await starting;
  shell.postMessage({ type: 'ready' });
  void (await line).watch((face) => shell.postMessage({ type: 'face', face }), new AbortController().signal).catch(() => {});
} catch (cause) {
  console.error(cause);
  shell.postMessage({ type: 'failed', ...inWords(cause) });
  // Leaves by itself once the message is out; the shell asks the operator what to do.
  setTimeout(() => process.exit(1), 100);
}
