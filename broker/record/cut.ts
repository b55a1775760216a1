// Shortens what a client or server sent to what the log keeps, without cutting a secret in two.
import type { Mask } from './mask.ts';

/** Bytes of a request or reply that are kept. */
const limit = 64 * 1024;

export interface Cut {
  readonly kept: string;
  /** Size of the whole text. */
  readonly bytes: number;
  readonly cut: boolean;
}

/**
 * The masked text, at most 64 KiB of it and a note. Only as much as can be kept is masked, so a long text costs no more than a
 * short one; the last `reach` characters looked at may hold the beginning of a secret and are given up.
 */
export function cutBody(text: string, mask: Mask): Cut {
  const bytes = Buffer.byteLength(text);
  if (bytes <= limit) {
    const masked = mask(text);
    return Buffer.byteLength(masked) <= limit ? { kept: masked, bytes, cut: false } : { kept: shorten(masked, bytes), bytes, cut: true };
  }
  const reach = mask.reach as number | undefined;
  const masked =
    reach === undefined || text.length <= limit + reach ? mask(text) : mask(text.slice(0, limit + reach)).slice(0, -reach || undefined);
  return { kept: shorten(masked, bytes), bytes, cut: true };
}

function shorten(masked: string, bytes: number): string {
  const encoded = Buffer.from(masked);
  let end = Math.min(limit, encoded.length);
  // Not inside a character.
  while (end > 0 && end < encoded.length && ((encoded[end] as number) & 0xc0) === 0x80) end--;
  return `${encoded.toString('utf8', 0, end)}\n[gatehouse: cut here; the whole was ${bytes} bytes]`;
}
