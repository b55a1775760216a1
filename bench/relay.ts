// A bare relay of two processes, the floor to compare with: `connector SOCKET` pipes bytes to `hub SOCKET COMMAND...`, which pipes them to the server.
// It reads nothing, decides nothing and writes nothing down.
import { spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';

const [role, socket = '', command = '', ...args] = process.argv.slice(2);

if (role === 'hub') {
  const server = createServer((client) => {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'] });
    client.pipe(child.stdin);
    child.stdout.pipe(client);
    client.on('error', () => child.kill());
    client.on('close', () => child.kill());
    child.stdin.on('error', () => {});
    child.on('exit', () => client.destroy());
  });
  server.listen(socket, () => console.log('ready'));
} else {
  const hub = connect(socket);
  process.stdin.pipe(hub);
  hub.pipe(process.stdout);
  hub.on('close', () => process.exit(0));
}
