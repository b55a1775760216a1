// Loaded first in a stand-in utility process: gives it Electron's process.parentPort over Node's own process channel.
import { EventEmitter } from 'node:events';
import { PortBorder } from './ports.ts';

interface FromShell {
  post?: unknown;
  ports?: number[];
  packet?: { port: number; data?: unknown; closed?: true };
}

const border = new PortBorder((packet) => void process.send?.({ packet }, undefined, {}, () => {}));

class ParentPort extends EventEmitter {
  postMessage(message: unknown): void {
    // A shell that is gone hears nothing.
    process.send?.({ post: message }, undefined, {}, () => {});
  }
}

const parentPort = new ParentPort();
const early: unknown[] = [];
parentPort.on('newListener', (name) => {
  if (name !== 'message') return;
  setImmediate(() => {
    for (const event of early.splice(0)) parentPort.emit('message', event);
  });
});
process.on('message', ({ post, ports, packet }: FromShell) => {
  if (packet !== undefined) return border.arrived(packet, false);
  const event = { data: post, ports: (ports ?? []).map((number) => border.receive(number)) };
  if (parentPort.listenerCount('message') === 0) early.push(event);
  else parentPort.emit('message', event);
});
process.on('disconnect', () => process.exit(0));
Object.defineProperty(process, 'parentPort', { value: parentPort });
