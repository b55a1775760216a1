// The golden corpus: what is valid is read, changed and put back byte for byte; what is broken is told and left alone.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { entriesOf, readClientFile } from '../../broker/clients/discover.ts';
import { kinds } from '../../broker/clients/kinds.ts';
import { dropInFor } from '../../broker/clients/launch.ts';
import { decode, encode } from '../../broker/clients/text.ts';
import { Malformed } from '../../broker/clients/tree.ts';
import { scale } from '../support/scale.ts';
import { corpus, type Sample } from './corpus.ts';
import { paperMachine } from './paper.ts';

const ours = { kind: 'command', command: '/opt/gatehouse', args: ['connect', '--client', 'c', '--server', 's'], env: {} } as const;

function read(sample: Pick<Sample, 'client' | 'bytes'>) {
  const kind = kinds.find(({ name }) => name === sample.client);
  if (!kind) throw new Error(sample.client);
  const [file] = kind.files(paperMachine({}));
  if (!file) throw new Error('no file');
  const found = readClientFile(paperMachine({ [file.path]: { bytes: sample.bytes } }), kind, file);
  if (!found) throw new Error('not there');
  return found;
}

/** Puts an entry of ours in place of every entry, then puts the old texts back, the last first. */
function thereAndBack(bytes: Buffer, client: Sample['client']): { changed: Buffer; back: Buffer } {
  const found = read({ client, bytes });
  const entries = entriesOf(found);
  const { marked } = found.text;
  let now = found;
  const old: { at: readonly string[]; name: string; text: string }[] = [];
  for (const { place, name, value } of entries) {
    const text = now.tree.entry(place.at, name)?.text ?? '';
    old.push({ at: place.at, name, text });
    now = read({ client, bytes: encode({ body: now.tree.put(place.at, name, dropInFor(found.kind.dialect, ours, value)), marked }) });
  }
  const changed = now.bytes;
  for (const { at, name, text } of old.reverse()) now = read({ client, bytes: encode({ body: now.tree.putText(at, name, text), marked }) });
  return { changed, back: now.bytes };
}

/** Tables of one TOML entry may stand apart, with others between; piece by piece they come back together, with the same meaning. */
function expectSame(back: Buffer, before: Buffer, client: Sample['client']): void {
  const [was, is] = [read({ client, bytes: before }), read({ client, bytes: back })];
  const joined = entriesOf(was).every(({ place, name }) => was.text.body.includes(was.tree.entry(place.at, name)?.text ?? ''));
  if (joined) expect(back.toString()).toBe(before.toString());
  expect(is.tree.value).toEqual(was.tree.value);
}

test('it covers every client with at least sixty files', () => {
  expect(corpus.length).toBeGreaterThanOrEqual(60);
  for (const { name } of kinds) {
    expect(corpus.filter((sample) => sample.client === name && sample.entries !== null).length, name).toBeGreaterThan(1);
    expect(corpus.filter((sample) => sample.client === name && sample.entries === null).length, name).toBeGreaterThan(0);
  }
});

const valid = corpus.filter((sample) => sample.entries !== null);

test.each(valid.map((sample) => [`${sample.client}: ${sample.name}`, sample] as const))('%s', (_, sample) => {
  const found = read(sample);
  expect(encode(decode(sample.bytes)).equals(sample.bytes)).toBe(true);
  expect(entriesOf(found).map(({ name }) => name)).toEqual(sample.entries);
  expect(entriesOf(found).every(({ meaning }) => meaning.launch.kind === 'command' || meaning.launch.kind === 'url')).toBe(true);
  const { changed, back } = thereAndBack(sample.bytes, sample.client);
  expectSame(back, sample.bytes, sample.client);
  const after = entriesOf(read({ client: sample.client, bytes: changed }));
  expect(after.map(({ ours: mine }) => mine)).toEqual(sample.entries?.map(() => ({ client: 'c', server: 's' })));
  // A new entry has a place in every one of them.
  const at = found.file.places(found.tree.value)[0]?.at ?? [];
  const grown = read({
    client: sample.client,
    bytes: encode({ ...found.text, body: found.tree.put(at, 'gatehouse', dropInFor(found.kind.dialect, ours, null)) }),
  });
  expect(entriesOf(grown).filter((entry) => entry.ours)).toHaveLength(1);
  expect(grown.bytes.includes('\r\n')).toBe(sample.bytes.includes('\r\n'));
});

test.each(corpus.filter((sample) => sample.entries === null).map((sample) => [`${sample.client}: ${sample.name}`, sample] as const))(
  'broken, %s',
  (_, sample) => {
    expect(() => read(sample)).toThrow(Malformed);
    expect(() => read(sample)).toThrow(sample.why);
  },
);

test('files changed at random are refused in words, or come back byte for byte', () => {
  const small = valid.filter(({ bytes }) => bytes.length < 5000);
  let whole = 0;
  fc.assert(
    fc.property(
      fc.nat(small.length - 1),
      fc.array(fc.tuple(fc.nat(5000), fc.nat(4), fc.constantFrom(...' \n\r\t"\',:{}[]#/*-=\\.a1\u00e9\ufeff')), {
        minLength: 1,
        maxLength: 4,
      }),
      (which, edits) => {
        const sample = small[which] as Sample;
        let text = sample.bytes.toString();
        for (const [at, cut, put] of edits) {
          const place = at % (text.length + 1);
          text = text.slice(0, place) + put + text.slice(place + cut);
        }
        const bytes = Buffer.from(text);
        try {
          expectSame(thereAndBack(bytes, sample.client).back, bytes, sample.client);
          whole++;
        } catch (thrown) {
          if (!(thrown instanceof Malformed)) throw thrown;
        }
      },
    ),
    { numRuns: scale(400, 20_000) },
  );
  expect(whole).toBeGreaterThan(20);
});
