// Electron's message ports between processes, made of one text line: each port has a number, and its messages travel as { port, data }.
import { EventEmitter } from 'node:events';

type Wire = (packet: { port: number; data?: unknown; closed?: true }) => void;

/** Looks like Electron's MessagePortMain. */
export class StandInPort extends EventEmitter {
  #queue: unknown[] | null = [];
  #send: (data: unknown) => void = () => {};
  #shut: () => void = () => {};

  connect(send: (data: unknown) => void, shut: () => void): void {
    this.#send = send;
    this.#shut = shut;
  }

  postMessage(data: unknown): void {
    this.#send(data);
  }

  start(): void {
    const waiting = this.#queue ?? [];
    this.#queue = null;
    for (const data of waiting) this.emit('message', { data, ports: [] });
  }

  close(): void {
    this.#shut();
    this.emit('close');
  }

  deliver(data: unknown): void {
    if (this.#queue === null) this.emit('message', { data, ports: [] });
    else this.#queue.push(data);
  }
}

/** The ports of one process border; `transfer` moves the other end of `port` across it. */
export class PortBorder {
  readonly #ports = new Map<number, StandInPort>();
  readonly #wire: Wire;
  #next = 1;

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  /** A port on this side whose other end has the returned number on the far side. */
  transfer(port: StandInPort): number {
    const number = this.#next++;
    // What arrives at this end from its partner on our side goes over the border, and back.
    port.on('message', ({ data }: { data: unknown }) => this.#wire({ port: number, data }));
    port.on('close', () => this.#wire({ port: number, closed: true }));
    this.#ports.set(number, port);
    port.start();
    return number;
  }

  /** The far side's end of a port that was transferred to us under `number`. */
  receive(number: number): StandInPort {
    const port = new StandInPort();
    port.connect(
      (data) => this.#wire({ port: number, data }),
      () => this.#wire({ port: number, closed: true }),
    );
    this.#ports.set(number, port);
    return port;
  }

  /** A packet that came over the border. `relay`: this side holds a transferred port, whose partner gets the data. */
  arrived(packet: { port: number; data?: unknown; closed?: true }, relay: boolean): void {
    const port = this.#ports.get(packet.port);
    if (port === undefined) return;
    if (packet.closed) {
      this.#ports.delete(packet.port);
      port.close();
    } else if (relay) port.postMessage(packet.data);
    else port.deliver(packet.data);
  }

  closeAll(): void {
    for (const port of [...this.#ports.values()]) port.close();
    this.#ports.clear();
  }
}

/** Looks like Electron's MessageChannelMain. */
export class StandInChannel {
  readonly port1 = new StandInPort();
  readonly port2 = new StandInPort();

  constructor() {
    const join = (from: StandInPort, to: StandInPort): void => {
      let shut = false;
      from.connect(
        (data) => queueMicrotask(() => to.deliver(data)),
        () => {
          if (shut) return;
          shut = true;
          queueMicrotask(() => to.emit('close'));
        },
      );
    };
    join(this.port1, this.port2);
    join(this.port2, this.port1);
  }
}
