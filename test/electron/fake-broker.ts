// A broker process for shell tests that need no broker: echoes on its port, and ends as it is told.
const shell = process.parentPort;
const mode = process.env.FAKE_BROKER ?? 'run';

shell.on('message', ({ data, ports }) => {
  const [port] = ports;
  if (data.type === 'console' && port !== undefined) {
    port.on('message', ({ data: text }) => {
      if (text === 'die') process.exit(7);
      if (text === 'environment') port.postMessage(JSON.stringify(process.env));
      else port.postMessage(typeof text === 'string' ? `${process.pid} heard ${text}` : text);
    });
    port.start();
  }
  if (data.type === 'tell') shell.postMessage({ type: 'face', face: data.face });
  if (data.type === 'act') shell.postMessage({ type: 'asked', act: data.act });
  if (data.type === 'stop' && mode !== 'deaf') process.exit(0);
});

if (mode === 'fail') {
  shell.postMessage({ type: 'failed', message: 'No keychain answers here.', hint: 'Unlock it, then try again.' });
  setTimeout(() => process.exit(1), 50);
} else {
  shell.postMessage({ type: 'ready' });
}
