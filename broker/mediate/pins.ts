// Pins: is the definition a server shows now the one that was accepted? And is the server what it was?
import { createHash } from 'node:crypto';

/** What was accepted, per server; read at the moment of asking. */
export interface Accepted {
  readonly capability: string;
  readonly fingerprint: string;
  readonly accepted: boolean;
  /** Fingerprint of what the operator looked at and refused. */
  readonly rejected?: string | undefined;
}

/** `twofold`: two definitions under one name, of which nobody knows which would run. `rejected`: looked at, and refused. */
export type PinState = 'accepted' | 'unlisted' | 'waiting' | 'changed' | 'twofold' | 'rejected';

/** A definition, or what a server says of itself, as a process shows it now. */
export interface Shown {
  readonly fingerprint: string;
  readonly text: string;
}

/** Prose that a server may fold and indent as it likes; nowhere else is white space without meaning. */
const prose = /(?<!\\)"(description|title|instructions)":"((?:[^"\\]|\\.)*)"/g;
/** Sets, which servers list in the order of the day. */
const sets = /(?<!\\)"required":\[((?:"(?:[^"\\]|\\.)*",?)*)\]/g;

/** A stroke that was written as one is no part of a line end behind it: `C:\\new` names another place than `C:\\tew`. */
const folded = (text: string) => text.replace(/\\\\|(?:\\[nrt]| )+/g, (found) => (found === '\\\\' ? found : ' ')).trim();

/** Canonical text (RFC 8785, wire/) without what is no change of meaning: folded white space in prose, the order of `required`. */
function meaning(canonical: string): string {
  return canonical
    .replace(prose, (_, key: string, text: string) => `"${key}":"${folded(text)}"`)
    .replace(sets, (_, names: string) => `"required":[${(names.match(/"(?:[^"\\]|\\.)*"/g) ?? []).sort().join(',')}]`);
}

/** SHA-256 over server and meaning: key order and white space are no change. */
export function fingerprint(server: string, capability: string, canonical: string): string {
  return createHash('sha256')
    .update(`gatehouse-pin-2\n${server}\n${capability}\n${meaning(canonical)}`)
    .digest('hex');
}

/** What a server says of itself, as JSON: its name, its instructions, and which package it is where that is known. Versions come and go. */
export function selfText(openingText: string, identity: string | null): string {
  const opening = JSON.parse(openingText) as Record<string, unknown>;
  const meta = (opening._meta ?? {}) as Record<string, unknown>;
  const info = (opening.serverInfo ?? meta['io.modelcontextprotocol/serverInfo'] ?? {}) as Record<string, unknown>;
  const { instructions } = opening;
  return JSON.stringify({
    ...(typeof info.name === 'string' ? { name: info.name } : {}),
    ...(typeof info.title === 'string' ? { title: info.title } : {}),
    ...(typeof instructions === 'string' ? { instructions } : {}),
    ...(identity === null ? {} : { package: identity }),
  });
}

/** Name under which the pin of the server itself is kept; no capability has it. */
export const self = '';
const twice = { fingerprint: 'two of one name', text: '' };

/** Definitions a running process showed last, by connection and server. */
export class LivePins {
  readonly #shown = new Map<string, ReadonlyMap<string, Shown>>();

  /** `shown`: capability -> what the process lists now; `self`: what it says of itself. */
  put(connection: string, server: string, shown: ReadonlyMap<string, Shown>): void {
    this.#shown.set(`${connection}\n${server}`, shown);
  }

  forget(connection: string, server: string): void {
    this.#shown.delete(`${connection}\n${server}`);
  }

  /** What the process of this connection shows; undefined where none runs, or it does not list it. */
  live(connection: string, server: string, capability: string): Shown | undefined {
    return this.#shown.get(`${connection}\n${server}`)?.get(capability);
  }

  /**
   * How `capability` stands. A resource is data, its listing changes with its content and is no definition; tools, prompts and
   * templates are. What a process does not list just now is judged by what was accepted. `own`: the accepted pin of the server itself.
   */
  state(connection: string, server: string, capability: string, accepted: Accepted | undefined, own: string | null = null): PinState {
    const listed = this.#stateOf(connection, server, capability, accepted);
    if (own === null || (listed !== 'accepted' && listed !== 'unlisted')) return listed;
    const says = this.live(connection, server, self);
    return says === undefined || says.fingerprint === own ? listed : 'changed';
  }

  #stateOf(connection: string, server: string, capability: string, accepted: Accepted | undefined): PinState {
    if (!accepted) return capability.startsWith('resource:') ? 'unlisted' : 'waiting';
    if (!accepted.accepted) return 'waiting';
    if (capability.startsWith('resource:')) return 'accepted';
    const live = this.live(connection, server, capability);
    if (live === undefined || live.fingerprint === accepted.fingerprint) return 'accepted';
    if (live.fingerprint === twice.fingerprint) return 'twofold';
    return live.fingerprint === accepted.rejected ? 'rejected' : 'changed';
  }
}

/** What a process lists, as one map: two different definitions of one name are none that anybody accepted. */
export function shownOf(definitions: Iterable<{ readonly capability: string } & Shown>): Map<string, Shown> {
  const shown = new Map<string, Shown>();
  for (const { capability, fingerprint: own, text } of definitions) {
    const known = shown.get(capability);
    shown.set(capability, known !== undefined && known.fingerprint !== own ? twice : { fingerprint: own, text });
  }
  return shown;
}
