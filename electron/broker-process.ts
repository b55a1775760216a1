// The broker inside the desktop app: an Electron utility process around start(). Speaks with the shell by four small messages.
import { start } from '../broker/start.ts';
import { homeFolder } from './home.ts';

const shell = process.parentPort;
const starting = start({
  home: homeFolder(process.env),
  vault: 'keychain',
  operator: true,
  // There is no terminal; in a protected home the window itself asks for the PIN.
  prove: async () => null,
});

// Listens from the first moment: the operator may quit while the broker is still starting.
shell.on('message', ({ data, ports }) => {
  const { type } = data as { type?: unknown };
  const [port] = ports;
  if (type === 'console' && port !== undefined) {
    void starting.then((broker) => {
      // A new home has told its secrets to nobody yet: who sits before its first window is its operator.
      broker.attach(port, broker.ready.operatorToken !== null);
      port.start();
    });
  }
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
} catch (cause) {
  console.error(cause);
  shell.postMessage({ type: 'failed', ...inWords(cause) });
  // Leaves by itself once the message is out; the shell asks the operator what to do.
  setTimeout(() => process.exit(1), 100);
}
