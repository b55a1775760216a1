// A client's connection over one channel of lines: its first real message says which era it speaks, and that holds from then on.
// MCP 2026-07-28, basic/versioning, "Backward Compatibility with Initialization-Based Versions".
import type { Era, Message, RequestId } from '../../shared/message.ts';
import type { Engine } from './engine.ts';
import type { HandshakeConnection, Outgoing } from './handshake/connection.ts';
import type { StatelessConnection } from './stateless/connection.ts';
import { claimsEnvelope, envelopeOf, isMalformed } from './stateless/envelope.ts';
import type { Back } from './stateless/exchanges.ts';

export interface Needs {
  send(message: Outgoing): void;
  handshake(): HandshakeConnection;
  stateless(): StatelessConnection;
}

export class OpeningConnection implements Engine {
  readonly #needs: Needs;
  #handshake: HandshakeConnection | null = null;
  #stateless: StatelessConnection | null = null;
  #pinned: Era | null = null;
  #ended = false;

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  get era(): Era | null {
    return this.#pinned;
  }

  get saysItIs(): string | null {
    return this.#engine?.saysItIs ?? null;
  }

  get logLevel(): string | null {
    return this.#engine?.logLevel ?? null;
  }

  helloOf(lane: string): string | null {
    return this.#engine?.helloOf(lane) ?? null;
  }

  lanes(): readonly string[] {
    return this.#engine?.lanes() ?? [];
  }

  receive(message: Message): void {
    if (this.#ended) return;
    if (this.#pinned === null) this.#open(message);
    // A probe before anything else is answered and decides nothing: the client may still fall back to the handshake.
    if (this.#pinned === 'stateless' || (this.#pinned === null && claimsEnvelope(message))) this.#toStateless(message);
    else this.#handshakeEngine.receive(message);
  }

  fromServer(lane: string, server: string, message: Message, during?: RequestId): void {
    this.#engine?.fromServer(lane, server, message, during);
  }

  serverGone(lane: string, server: string): void {
    this.#engine?.serverGone(lane, server);
  }

  listsChanged(): void {
    this.#engine?.listsChanged();
  }

  end(): void {
    this.#ended = true;
    for (const engine of [this.#handshake, this.#stateless]) engine?.end();
  }

  #open(message: Message): void {
    if (message.kind !== 'request') return;
    const enveloped = !isMalformed(envelopeOf(message));
    if (message.method === 'initialize' && !enveloped) this.#pinned = 'handshake';
    else if (enveloped && message.method !== 'server/discover') this.#pinned = 'stateless';
  }

  get #engine(): Engine | null {
    return this.#pinned === 'stateless' ? this.#stateless : this.#handshake;
  }

  get #handshakeEngine(): HandshakeConnection {
    this.#handshake ??= this.#needs.handshake();
    return this.#handshake;
  }

  #toStateless(message: Message): void {
    const answers = message.kind === 'request' ? { answers: message.id as RequestId } : {};
    const back: Back = {
      send: (text) => this.#needs.send({ text }),
      end: (text) => this.#needs.send({ text, ...answers }),
      drop: () => {},
    };
    this.#stateless ??= this.#needs.stateless();
    this.#stateless.receive(message, back);
  }
}
