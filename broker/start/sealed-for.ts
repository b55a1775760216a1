// Texts that only this home opens, for one purpose: under a key of its own, so that what was sealed for another does not open here.
import { createSecretKey, hkdfSync } from 'node:crypto';
import { seal, unseal } from '../record/seal.ts';

export interface Sealed {
  /** `context`: what the text belongs to; it opens nowhere else. */
  seal(context: string, text: string): string;
  /** @throws when it is not what was sealed there */
  open(context: string, sealed: string): string;
}

/** @param sealKey 32 bytes from the vault */
export function sealedFor(sealKey: Buffer, purpose: string): Sealed {
  const domain = `gatehouse.${purpose}.v1`;
  const key = createSecretKey(Buffer.from(hkdfSync('sha256', sealKey, '', domain, 32)));
  return {
    seal: (context, text) => seal(key, `${domain}|${context}`, Buffer.from(text)),
    open: (context, sealed) => unseal(key, `${domain}|${context}`, sealed).toString(),
  };
}
