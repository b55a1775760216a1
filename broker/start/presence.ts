// When an answer must come from a person who proved it just now, and when the console only shows: critical targets, and sessions that
// may control the screen or a browser (security.md T37, T39).
import { GatehouseError } from '../../shared/errors.ts';
import type { GrantRow } from '../store/rows.ts';

export interface Needs {
  grants(): Iterable<GrantRow>;
  /** Does this grant let a capability be used that can click for the person? */
  controlsScreen(grant: GrantRow): boolean;
  /** Clients that are connected now. */
  connected(client: string): boolean;
  /** The operator has a PIN. */
  isProtected(): boolean;
  now(): number;
}

interface Actor {
  readonly kind: 'token' | 'console' | 'desktop' | 'tray';
  readonly proved?: boolean;
}

/** A click that was allowed may still be under way this long after. */
const afterMs = 5 * 60_000;

/** What makes things stricter, or only looks, needs no proof. */
const harmless = new Set(
  [
    'approval.deny',
    'client.pause',
    'client.revoke',
    'grant.revoke',
    'server.disable',
    'server.reject',
    'server.review',
    'server.restart',
  ].concat(['session.end', 'operator.signOut', 'lock']),
);

export class Presence {
  readonly #needs: Needs;
  #used: { client: string; at: number } | null = null;

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  /** A capability that can click goes out now. */
  used(client: string): void {
    this.#used = { client, at: this.#needs.now() };
  }

  /** The client that may click for the person just now; null when none may. */
  controlledBy(): string | null {
    const { now, grants, connected, controlsScreen } = this.#needs;
    if (this.#used && now() - this.#used.at < afterMs) return this.#used.client;
    for (const grant of grants()) {
      if (grant.effect !== 'allow' || (grant.until !== null && Date.parse(grant.until) <= now())) continue;
      if (connected(grant.client) && controlsScreen(grant)) return grant.client;
    }
    return null;
  }

  /** @throws GatehouseError needs-pin where this answer needs a person who proved it */
  answering(actor: Actor, presence: 'none' | 'pin' | undefined): void {
    if (actor.proved) return;
    const client = this.controlledBy();
    if (client === null && presence !== 'pin') return;
    throw this.#refusal(client === null ? 'What it would change becomes code or rights.' : `${client} may control the screen just now.`);
  }

  /** A value leaves the vault for a file: proof where there is a PIN, whoever holds a credential. @throws GatehouseError needs-pin */
  revealing(actor: Actor): void {
    if (actor.proved) return;
    const client = this.controlledBy();
    if (client !== null) throw this.#refusal(`${client} may control the screen just now.`);
    if (this.#needs.isProtected()) throw this.#refusal('A secret would leave the vault for a file.');
  }

  /** The console is for looking while an agent could use it. @throws GatehouseError needs-pin */
  changing(actor: Actor | null, operation: string): void {
    // Every act that a tray has makes things stricter (desktop.ts), and stopping must work most of all while an agent can click.
    if (actor === null || actor.proved || actor.kind === 'token' || actor.kind === 'tray' || harmless.has(operation)) return;
    const client = this.controlledBy();
    if (client !== null) throw this.#refusal(`${client} may control the screen just now, so the console only shows.`);
  }

  #refusal(why: string): GatehouseError {
    return new GatehouseError(
      'needs-pin',
      `${why} This needs your PIN.`,
      this.#needs.isProtected()
        ? 'Type the PIN with it, in the console or at a terminal.'
        : 'This home has no PIN yet. Set one at a terminal: gatehouse operator pin set',
    );
  }
}
