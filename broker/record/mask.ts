// Hides every stored secret in a text, in the encodings it is likely to travel in (security.md T30 and section 6).

export interface SecretValue {
  readonly name: string;
  readonly value: string;
}

/** Replaces each secret by `{{secret:NAME}}`. `reach`: the longest piece it looks for, in characters. */
export interface Mask {
  (text: string): string;
  readonly reach: number;
}

/** Shorter values would hide ordinary words. */
const shortest = 4;

const jsonEscaped = (value: string) => JSON.stringify(value).slice(1, -1);

const asciiEscaped = (value: string, digits: (hex: string) => string) =>
  jsonEscaped(value).replace(/[\u0080-\uffff]/g, (char) => `\\u${digits(char.charCodeAt(0).toString(16).padStart(4, '0'))}`);

const percent = (bytes: Buffer, kept: RegExp) =>
  Array.from(bytes, (byte) => {
    const char = String.fromCharCode(byte);
    return byte < 128 && kept.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');

/** What base64 shows of `bytes` wherever they start in a group of three: the digits that depend on them alone. */
function base64Pieces(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((offset) => {
    const digits = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const from = Math.ceil((offset * 8) / 6);
    const whole = digits.slice(from, Math.floor(((offset + bytes.length) * 8) / 6));
    // At the end of a longer text its last digit is known too.
    return offset === 0 ? [`${digits}${'='.repeat((4 - (digits.length % 4)) % 4)}`, digits, whole] : [digits.slice(from), whole];
  });
}

/** Every form a secret is looked for in. */
function formsOf(value: string): string[] {
  const bytes = Buffer.from(value);
  const hex = bytes.toString('hex');
  const json = jsonEscaped(value);
  const base64 = base64Pieces(bytes);
  // As encodeURIComponent, RFC 3986, a path, and a form leave characters as they are.
  const percents = [/[A-Za-z0-9\-_.!~*'()]/, /[A-Za-z0-9\-_.~]/, /[A-Za-z0-9\-_.~/]/, /[A-Za-z0-9\-_.*]/].map((kept) =>
    percent(bytes, kept),
  );
  const forms = [
    value,
    json,
    json.replaceAll('/', '\\/'),
    asciiEscaped(value, (digits) => digits),
    asciiEscaped(value, (digits) => digits.toUpperCase()),
    jsonEscaped(json),
    ...base64,
    ...base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
    hex,
    hex.toUpperCase(),
    ...percents,
    ...percents.map((text) => text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())),
    ...percents.map((text) => text.replaceAll('%20', '+')),
    ...percents.map((text) => text.replaceAll('%20', '+').replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())),
    Array.from(value).reverse().join(''),
  ];
  return forms.filter((form) => form.length >= shortest);
}

/** 16 bits of the four characters at `i`. */
const slotOf = (a: number, b: number, c: number, d: number) =>
  (Math.imul(a ^ (b << 8) ^ (c << 16) ^ (d << 24) ^ (d >>> 8), 0x9e3779b1) >>> 16) & 0xffff;

/**
 * One matcher for all secrets: a bit table over the first four characters throws out nearly every position, what is left is
 * compared. At one position the longest form wins. Values shorter than four characters are not looked for.
 */
export function compileMask(secrets: readonly SecretValue[]): Mask {
  const names = new Map<string, string>();
  for (const { name, value } of secrets) {
    if (value.length < shortest) continue;
    for (const form of formsOf(value)) if (!names.has(form)) names.set(form, name);
  }
  const seen = new Uint8Array(0x10000);
  const byStart = new Map<string, { form: string; instead: string }[]>();
  let reach = 0;
  for (const [form, name] of [...names].sort(([a], [b]) => b.length - a.length)) {
    seen[slotOf(form.charCodeAt(0), form.charCodeAt(1), form.charCodeAt(2), form.charCodeAt(3))] = 1;
    const start = form.slice(0, 4);
    const sharing = byStart.get(start) ?? [];
    sharing.push({ form, instead: `{{secret:${name}}}` });
    byStart.set(start, sharing);
    reach = Math.max(reach, form.length);
  }

  const mask = (text: string): string => {
    if (reach === 0 || text.length < shortest) return text;
    let masked = '';
    let copied = 0;
    let a = 0;
    let b = text.charCodeAt(0);
    let c = text.charCodeAt(1);
    let d = text.charCodeAt(2);
    const last = text.length - shortest;
    for (let i = 0; i <= last; i++) {
      a = b;
      b = c;
      c = d;
      d = text.charCodeAt(i + 3);
      if (seen[slotOf(a, b, c, d)] === 0) continue;
      const found = byStart.get(text.slice(i, i + 4))?.find(({ form }) => text.startsWith(form, i));
      if (!found) continue;
      masked += text.slice(copied, i) + found.instead;
      copied = i + found.form.length;
      i = copied - 1;
      b = text.charCodeAt(copied);
      c = text.charCodeAt(copied + 1);
      d = text.charCodeAt(copied + 2);
    }
    return copied === 0 ? text : masked + text.slice(copied);
  };
  return Object.assign(mask, { reach });
}
