// What would have covered a list of past calls: the narrowest places that hold everything they named.
import { homedir } from 'node:os';
import type { Caller, ServerRequest } from '../../shared/request.ts';
import type { Nature } from '../../shared/request-facts.ts';
import type { Place } from '../../shared/vocabulary.ts';
import { comparable } from '../mediate/facts/paths.ts';
import { ladderOf, wordsOf } from '../mediate/ladder.ts';
import { covers, isInspectable } from '../mediate/places.ts';
import type { FactsOfRequests } from './request-facts.ts';

export interface PastCall {
  readonly capability: string;
  readonly argumentsText: string;
}

/** Places named one by one where no folder, repository or host holds them all. */
const mostPlaces = 30;

export class SessionCover {
  readonly #facts: FactsOfRequests;

  constructor(facts: FactsOfRequests) {
    this.#facts = facts;
  }

  nature(server: string, capability: string): Nature {
    return this.#facts.nature(server, capability);
  }

  /** As grants keep folders. */
  folder(path: string): string {
    return comparable(path);
  }

  /** Null where some of the calls cannot be covered by any place. */
  of(client: string, folder: string | null, server: string, calls: readonly PastCall[]): { places: Place[]; words: string } | null {
    const caller: Caller = { client, session: '', connection: '', folder, via: 'http' };
    const home = homedir();
    const around = { folder, home };
    const all = calls.map((call) => this.#facts.of(caller, requestOf(server, call)));
    if (!all.every(isInspectable)) return null;
    const ladders = all.map((facts) => ladderOf(facts, around));
    if (ladders.some((ladder) => ladder.length === 0)) return null;
    for (const rung of ladders.flat()) {
      if (rung.places.length > 0 && all.every((facts) => covers(rung.places, facts)))
        return { places: [...rung.places], words: rung.words };
    }
    // No one rung holds all: the usual one of each call, none of them twice.
    const each = ladders.flatMap((ladder) => (ladder.find(({ step }) => step === 'project') ?? ladder[0])?.places ?? []);
    const places = [...new Map(each.map((place) => [JSON.stringify(place), place])).values()];
    if (places.length > mostPlaces || !all.every((facts) => covers(places, facts))) return null;
    return { places, words: places.map((place) => wordsOf(place, home)).join(', ') };
  }
}

function requestOf(server: string, { capability, argumentsText }: PastCall): ServerRequest {
  const message = { text: '', kind: 'request', value: {} } as const;
  return { message, server, outgoing: '', capability, mediated: true, argumentsText, digest: '', canonicalDigest: '' };
}
