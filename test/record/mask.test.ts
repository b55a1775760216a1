// No stored secret is left in a text, in any encoding it is likely to travel in.
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileMask } from '../../broker/record/mask.ts';

const secret = 'p@ss/wörd "quoted"\n+tail=';
const mask = compileMask([{ name: 'db', value: secret }]);

const encodings: { [name: string]: (value: string) => string } = {
  raw: (value) => value,
  'JSON string': (value) => JSON.stringify(value),
  'JSON in JSON': (value) => JSON.stringify(JSON.stringify(value)),
  'JSON, ASCII only': (value) =>
    JSON.stringify(value).replace(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`),
  base64: (value) => Buffer.from(value).toString('base64'),
  base64url: (value) => Buffer.from(value).toString('base64url'),
  hex: (value) => Buffer.from(value).toString('hex'),
  HEX: (value) => Buffer.from(value).toString('hex').toUpperCase(),
  percent: (value) => encodeURIComponent(value),
  'percent, small': (value) => encodeURIComponent(value).replace(/%../g, (code) => code.toLowerCase()),
  form: (value) => new URLSearchParams({ k: value }).toString().slice(2),
  reversed: (value) => Array.from(value).reverse().join(''),
};

describe('a stored secret', () => {
  test.each(Object.keys(encodings))('is hidden as %s', (name) => {
    const encoded = (encodings[name] as (value: string) => string)(secret);
    const masked = mask(`before ${encoded} after`);
    expect(masked).toContain('{{secret:db}}');
    expect(masked).not.toContain(encoded);
    expect(masked.replace(/["\\]*\{\{secret:db\}\}["\\]*/, '')).toBe('before  after');
  });

  test('is hidden inside a longer base64 text, wherever it starts', () => {
    for (const before of ['', 'x', 'xy', 'xyz', 'user:', 'user1:']) {
      for (const after of ['', '!', '!!', '!!!']) {
        for (const encoding of ['base64', 'base64url'] as const) {
          const masked = mask(Buffer.from(before + secret + after).toString(encoding));
          expect(masked).toContain('{{secret:db}}');
          const left = masked.replace('{{secret:db}}', '');
          // At most one digit at either end also carries bits of the neighbours.
          expect(left.length).toBeLessThan(Math.ceil(((before.length + after.length) * 4) / 3) + 8);
        }
      }
    }
  });

  test('any secret, in any encoding, anywhere in any text', () => {
    const value = fc.string({ unit: 'grapheme', minLength: 4, maxLength: 60 }).filter((text) => text.length >= 4 && text.isWellFormed());
    fc.assert(
      fc.property(value, fc.string(), fc.string(), fc.constantFrom(...Object.keys(encodings)), (text, before, after, name) => {
        const encoded = (encodings[name] as (value: string) => string)(text);
        const core = encoded.startsWith('"') ? encoded.replace(/^["\\]+|["\\]+$/g, '') : encoded;
        fc.pre(core.length >= 4);
        expect(compileMask([{ name: 'n', value: text }])(`${before}${encoded}${after}`)).toContain('{{secret:n}}');
      }),
      { numRuns: 500 },
    );
  });

  test('the longest wins, neighbours are both hidden, other text is untouched', () => {
    const two = compileMask([
      { name: 'short', value: 'abcd' },
      { name: 'long', value: 'abcdefgh' },
      { name: 'tiny', value: 'abc' },
    ]);
    expect(two('abcdefghabcdabc')).toBe('{{secret:long}}{{secret:short}}abc');
    expect(two('nothing here')).toBe('nothing here');
    expect(two('abc')).toBe('abc');
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => {
        expect(compileMask([{ name: 'x', value: randomBytes(24).toString('hex') }])(text)).toBe(text);
      }),
    );
  });

  test('agrees with the simplest possible matcher on raw values', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 80 });
    const needle = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 4, maxLength: 7 });
    fc.assert(
      fc.property(letters, needle, (text, value) => {
        // A palindrome or not, only the value and its reverse can occur in a text of these letters.
        const reversed = [...value].reverse().join('');
        expect(compileMask([{ name: 'n', value }])(text)).toBe(text.replace(new RegExp(`${value}|${reversed}`, 'g'), '{{secret:n}}'));
      }),
    );
  });
});

test('350 forms in 64 KiB cost about a millisecond', () => {
  const secrets = Array.from({ length: 20 }, (_, i) => ({ name: `s${i}`, value: randomBytes(24).toString('base64') }));
  const compiled = compileMask(secrets);
  const text = JSON.stringify({ text: 'The quick brown fox jumps. '.repeat(1200), code: randomBytes(24_000).toString('base64') }).slice(
    0,
    65_536,
  );
  const run = (work: (text: string) => unknown) => {
    const times = Array.from({ length: 40 }, () => {
      const started = performance.now();
      work(text);
      return performance.now() - started;
    });
    return times.sort((a, b) => a - b)[20] as number;
  };
  const parse = run((json) => JSON.parse(`${JSON.stringify(json)}`));
  const took = run(compiled);
  console.log(`mask: 20 secrets over 64 KiB ${took.toFixed(2)} ms, ${(took / parse).toFixed(1)}x printing and parsing the same text`);
  expect(took).toBeLessThan(10);
});
