// A credential that lasts shorter than a person may read: when it is about to end, the next call asks for the PIN again. A command that shows
// what it would do and waits for a yes would else be refused after the yes.

interface Traded {
  readonly credential: string;
  /** ISO 8601; null for one that does not end by itself. */
  readonly expiresAt: string | null;
}

/** A call on its way needs this long at most, in milliseconds; a credential that is younger is good, whatever two clocks say. */
const marginMs = 5_000;

/** What signs each call; calls that come together ask once. */
export function renewed(first: Traded, again: () => Promise<Traded>, now: () => number = Date.now): () => Promise<string> {
  let held = first;
  let since = now();
  let renewal: Promise<Traded> | null = null;
  return async () => {
    if (held.expiresAt !== null && now() - since >= marginMs && now() >= Date.parse(held.expiresAt) - marginMs) {
      renewal ??= again().finally(() => {
        renewal = null;
      });
      held = await renewal;
      since = now();
    }
    return held.credential;
  };
}
