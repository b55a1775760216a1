// A stand-in utility process: a real Node process that finds Electron's process.parentPort.
import { type ChildProcess, fork } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { fileURLToPath } from 'node:url';
import { PortBorder, type StandInPort } from './ports.ts';

const preload = fileURLToPath(new URL('./utility-child.ts', import.meta.url));

interface FromChild {
  post?: unknown;
  packet?: { port: number; data?: unknown; closed?: true };
}

export class StandInUtility extends EventEmitter {
  readonly process: ChildProcess;
  readonly #border: PortBorder;

  constructor(program: string, args: string[], options: { env: Record<string, string>; execArgv: string[] }) {
    super();
    this.process = fork(program, args, {
      env: options.env,
      execArgv: [...options.execArgv, '--import', preload],
      serialization: 'advanced',
    });
    this.#border = new PortBorder((packet) => this.#send({ packet }));
    this.process.on('message', ({ post, packet }: FromChild) => {
      if (packet !== undefined) this.#border.arrived(packet, true);
      else this.emit('message', post);
    });
    this.process.on('exit', (code) => {
      this.#border.closeAll();
      this.emit('exit', code ?? 1);
    });
  }

  postMessage(message: unknown, ports: StandInPort[] = []): void {
    this.#send({ post: message, ports: ports.map((port) => this.#border.transfer(port)) });
  }

  kill(): boolean {
    return this.process.kill();
  }

  #send(message: object): void {
    // A child that was just killed still counts as connected, and what it cannot take is lost, as in Electron. Only the callback keeps
    // such a write from ending as an 'error' event that nobody hears.
    if (this.process.connected) this.process.send(message, () => {});
  }
}
