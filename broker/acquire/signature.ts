// The signature block at the end of a bundle: where it begins, whether it holds, and whose certificate made it. Never whether to trust them.
// Format: the zip, then `MCPB_SIG_V1`, the length (u32 LE), a detached PKCS#7 over the zip, `MCPB_SIG_END` (@anthropic-ai/mcpb 2.1.2, node/sign.js).
import { createHash } from 'node:crypto';
import { Certificate, ContentInfo, SignedData } from 'pkijs';
import { malformed } from './entry-name.ts';

export interface Signature {
  /** `intact`: the zip is what the holder of this certificate signed. `unknown`: there is one, of a kind we cannot check. */
  readonly state: 'absent' | 'intact' | 'unknown';
  readonly signer: string | null;
  readonly issuer: string | null;
  /** SHA-256 of the certificate, in hex. */
  readonly fingerprint: string | null;
  readonly validUntil: string | null;
}

const header = Buffer.from('MCPB_SIG_V1');
const footer = Buffer.from('MCPB_SIG_END');
/** A certificate chain with its signature is a few thousand bytes. */
const mostBytes = 256 * 1024;
const endRecordBytes = 22;
const commonName = '2.5.4.3';
const absent: Signature = { state: 'absent', signer: null, issuer: null, fingerprint: null, validUntil: null };

/** The zip alone, and the signature behind it. @throws GatehouseError refused where there is half a block */
export function splitSignature(file: Buffer): { zip: Buffer; pkcs7: Buffer | null } {
  if (!file.subarray(-footer.length).equals(footer)) return { zip: file, pkcs7: null };
  const end = file.length - footer.length;
  const from = Math.max(0, end - mostBytes);
  // The last header whose length reaches exactly to the footer; the signature's own bytes may look like one by chance.
  for (let at = file.lastIndexOf(header, end); at >= from; at = at === 0 ? -1 : file.lastIndexOf(header, at - 1)) {
    const lengthAt = at + header.length;
    const start = lengthAt + 4;
    if (start <= end && file.readUInt32LE(lengthAt) === end - start)
      return { zip: withoutComment(file.subarray(0, at), file.length - at), pkcs7: file.subarray(start, end) };
  }
  throw malformed('what stands at its end is half a signature');
}

/** Some signers count their block as the zip's comment, so that strict readers accept the file; without the block there is none. */
function withoutComment(zip: Buffer, blockBytes: number): Buffer {
  const at = zip.length - 2;
  if (zip.length < endRecordBytes || zip.readUInt16LE(at) !== blockBytes) return zip;
  const copy = Buffer.from(zip);
  copy.writeUInt16LE(0, at);
  return copy;
}

/**
 * @param zips the signed bytes, in each form a signer may have seen them
 * @throws GatehouseError refused for a signature that does not belong to these bytes: somebody changed one of the two
 */
export async function checkSignature(pkcs7: Buffer | null, zips: readonly Buffer[]): Promise<Signature> {
  if (pkcs7 === null) return absent;
  let signed: SignedData;
  try {
    signed = new SignedData({ schema: ContentInfo.fromBER(own(pkcs7)).content });
  } catch {
    return { ...absent, state: 'unknown' };
  }
  // Content inside the signature would be what is checked, in place of the zip; and of two signers one could be anybody.
  const { eContentType, eContent } = signed.encapContentInfo;
  if (eContentType !== plainData || eContent !== undefined || signed.signerInfos.length !== 1) return { ...absent, state: 'unknown' };
  let verdict: Certificate | 'broken' | null = null;
  for (const zip of zips) {
    verdict = await signerOf(signed, zip);
    if (verdict instanceof Certificate) return named(verdict);
  }
  if (verdict === 'broken') throw malformed('its signature does not belong to it: one of the two was changed after it was signed');
  return { ...absent, state: 'unknown' };
}

const plainData = '1.2.840.113549.1.7.1';
/** The library's word for: everything that is needed was there, and it does not fit. */
const misfit = 15;

/** The certificate whose key signed exactly these bytes; null: of a kind that cannot be checked here. */
async function signerOf(signed: SignedData, zip: Buffer): Promise<Certificate | 'broken' | null> {
  try {
    const found = await signed.verify({ signer: 0, data: own(zip), checkChain: false, extendedMode: true });
    return found.signatureVerified === true && found.signerCertificate ? found.signerCertificate : 'broken';
  } catch (error) {
    return (error as { code?: number }).code === misfit ? 'broken' : null;
  }
}

const own = (bytes: Buffer): ArrayBuffer => new Uint8Array(bytes).buffer;

interface Subject {
  readonly typesAndValues: readonly { readonly type: string; readonly value: { readonly valueBlock: { readonly value?: unknown } } }[];
}

const nameIn = ({ typesAndValues }: Subject): string | null => {
  const value = typesAndValues.find(({ type }) => type === commonName)?.value.valueBlock.value;
  return typeof value === 'string' && value !== '' ? value.slice(0, 200) : null;
};

function named(certificate: Certificate): Signature {
  return {
    state: 'intact',
    signer: nameIn(certificate.subject),
    issuer: nameIn(certificate.issuer),
    fingerprint: createHash('sha256').update(Buffer.from(certificate.toSchema().toBER())).digest('hex'),
    validUntil: certificate.notAfter.value.toISOString(),
  };
}
