// Every sentence that the sources name exists in every language, so that no key is ever shown to a person, and says no less in one than in another.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { de, phrases } from '../../renderer/strings/de.ts';
import { en } from '../../renderer/strings/en.ts';
import { ago, bytes, clock, formatIn, list, number, span, when } from '../../renderer/strings/format.ts';

const root = join(import.meta.dirname, '../..');
const source = (file: string) => readFileSync(join(root, file), 'utf8');
const found = (key: string): boolean => {
  const at = (path: string) => path.split('.').reduce<unknown>((node, part) => (node as Record<string, unknown> | undefined)?.[part], en);
  return typeof at(key) === 'string' || (typeof at(`${key}_one`) === 'string' && typeof at(`${key}_other`) === 'string');
};

function flat(words: object, path = ''): Map<string, string> {
  return new Map(
    Object.entries(words).flatMap(([key, value]): [string, string][] =>
      typeof value === 'string' ? [[path + key, value]] : [...flat(value as object, `${path}${key}.`)],
    ),
  );
}
const [english, german] = [flat(en), flat(de)];
const placeholders = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name).sort();
/** Marks of the kind `<b>` or `$t(..)`: there are none, and none comes in through a translation. */
const marks = (text: string) => text.match(/<[^>]*>|\$t\(/g) ?? [];

it('has words for every key', () => {
  const missing: string[] = [];
  for (const file of readdirSync(join(root, 'renderer'), { recursive: true, encoding: 'utf8' })) {
    if (!/\.tsx?$/.test(file)) continue;
    for (const match of source(join('renderer', file)).matchAll(/(?:\bt\(\s*|\bk=)'?"?([a-zA-Z][\w.]*)['"]/g))
      if (!found(match[1] ?? '')) missing.push(`${file}: ${match[1]}`);
  }
  expect(missing).toEqual([]);
});

/** What is the same in both: names, signs, and words that German took over. */
const alike = new Set(
  `title titleWaiting nav.label nav.clients nav.short.clients signin.pin pin.pin
   changes.argument prompt.details prompt.fact.server prompt.fact.digest said.ok
   activity.byClient activity.byServer detail.client
   servers.name servers.argument servers.envKey find.hash secrets.name
   clients.name clients.token policies.name settings.pin settings.pausing settings.version settings.languages.en
   settings.languages.de settings.retentionBytes takeAway.formats.ocsf`.split(/\s+/),
);

describe('German', () => {
  it('has the keys of English and no others', () => {
    expect([...german.keys()].sort()).toEqual([...english.keys()].sort());
    const { sentence: _, ...rest } = de;
    // @ts-expect-error a language that lacks a key does not compile
    const lacking: typeof en = rest;
    expect(lacking).not.toHaveProperty('sentence');
  });

  it('puts in what English puts in, and marks nothing up', () => {
    const differ = [...english].filter(([key, text]) => {
      const own = german.get(key) ?? '';
      // One of something may be said in words or by its number.
      const but = (names: unknown[]) => (key.endsWith('_one') ? names.filter((name) => name !== 'count') : names);
      return JSON.stringify(but(placeholders(text))) !== JSON.stringify(but(placeholders(own))) || marks(own).length > 0;
    });
    expect(differ).toEqual([]);
  });

  it('has every plural form that German has', () => {
    const forms = new Intl.PluralRules('de').resolvedOptions().pluralCategories;
    const bases = [...german.keys()].filter((key) => key.endsWith('_other')).map((key) => key.slice(0, -6));
    expect(bases.length).toBeGreaterThan(40);
    expect(bases.flatMap((base) => forms.filter((form) => !german.has(`${base}_${form}`)).map((form) => `${base}_${form}`))).toEqual([]);
  });

  it('leaves nothing in English but what is the same in both', () => {
    const same = [...english].filter(([key, text]) => german.get(key) === text).map(([key]) => key);
    expect(same.filter((key) => !alike.has(key))).toEqual([]);
    expect([...alike].filter((key) => !same.includes(key))).toEqual([]);
  });

  it('addresses nobody as a friend, and writes its own quotation marks', () => {
    // `setup.question.say` is what a person would say to their client.
    const wrong = [...german].filter(
      ([key, text]) => key !== 'setup.question.say' && /\b(du|dein\w*|dich|dir|euch)\b|["“][^“”]*”/i.test(text),
    );
    expect(wrong).toEqual([]);
  });

  it('answers no and yes by different letters', () => {
    for (const { prompt } of [en, de]) expect(prompt.deny.charAt(0).toLowerCase()).not.toBe(prompt.allowOnce.charAt(0).toLowerCase());
  });
});

describe("the broker's set phrases in German", () => {
  const words = (said: ReturnType<typeof phrases.sentence>) =>
    said
      ?.flatMap(({ verb, object }) => [verb, object])
      .filter(Boolean)
      .join(' ');

  it('has every verb of the catalogue, to do and done', () => {
    const verbs = [...source('broker/mediate/labels/verbs.ts').matchAll(/(?:say|inRepository|toPlace)\(\s*'([^']+)', '([^']+)'/g)];
    expect(verbs.length).toBeGreaterThan(70);
    const lacking = verbs.filter(([, verb = '', past = '']) =>
      [false, true].some((done) => !words(phrases.sentence([{ verb, object: 'x', past }], done))),
    );
    expect(lacking.map(([, verb]) => verb)).toEqual([]);
  });

  it('puts the verb where German has it, and guesses none', () => {
    const read = [
      { verb: 'read', object: 'README.md', several: 'files' },
      { verb: 'in', object: '~/code/acme' },
    ];
    expect(words(phrases.sentence(read, false))).toBe('README.md in ~/code/acme lesen');
    expect(words(phrases.sentence(read, true))).toBe('README.md in ~/code/acme gelesen');
    expect(words(phrases.sentence([{ verb: 'read', object: '3 files' }, read[1] as never], false))).toBe('3 Dateien in ~/code/acme lesen');
    const moved = [
      { verb: 'move', object: '~/a' },
      { verb: 'to', object: '~/b' },
    ];
    expect(words(phrases.sentence(moved, false))).toBe('~/a nach ~/b verschieben');
    expect(phrases.sentence([{ verb: 'paint', object: 'the town' }], false)).toBeNull();
    expect(
      phrases.sentence(
        [
          { verb: 'read', object: 'a' },
          { verb: 'beyond', object: 'b' },
        ],
        false,
      ),
    ).toBeNull();
    expect(phrases.sentence([{ verb: 'constructor', object: 'a' }], false)).toBeNull();
  });

  it('has every step that a flow is told in', () => {
    const text = source('broker/start/touched.ts');
    const tables = text.slice(text.indexOf('const words ='));
    const steps = [...tables.matchAll(/(?:read|change|send|destroy|run): '([^']+)'/g)].map(([, step = '']) => step);
    const told = /what = '([^']+)'/.exec(text)?.[1] ?? '';
    expect(steps).toHaveLength(10);
    expect([...steps, told].filter((step) => phrases.step(step, true) === null)).toEqual([]);
    expect(phrases.step('would write to', true)).toEqual({ before: 'würde an', after: 'schreiben' });
    expect(phrases.step('would write to', false)).toEqual({ before: 'würde', after: 'schreiben' });
  });

  it('joins a width to its place in every way that the broker does', () => {
    const text = source('broker/mediate/widths.ts');
    const link = text.slice(text.indexOf('function link('), text.indexOf('function labelOf('));
    const links = [...link.matchAll(/'(,? [a-z]+ | )'/g)].map(([, each = '']) => each);
    expect(links).toContain(' to ');
    expect(links.filter((each) => phrases.width(`reading${each}x`) === null)).toEqual([]);
  });

  it('says a width no wider and no narrower, and leaves what it does not know', () => {
    expect(
      [
        'reading in ~/code/acme',
        'changes in ~/code/acme, for your other clients too',
        'this in acme/web, for cursor, claude-code too',
        'this in every repository of acme',
        'reading what it holds itself',
        'reading in its database',
        'reading ~/code/acme/README.md',
        'changes to ~/code/acme/README.md',
        'this on ~/code/acme/README.md',
        'reading from every host of example.com',
        'this to #general',
        'changes, more or less',
        'comments in acme/web',
        'this in acme/web, every repository of other',
      ].map((label) => phrases.width(label)),
    ).toEqual([
      'Lesen in ~/code/acme',
      'Änderungen in ~/code/acme, auch für Ihre anderen Clients',
      'dies in acme/web, auch für cursor, claude-code',
      'dies in jedem Repository von acme',
      'Lesen in dem, was er selbst hält',
      'Lesen in seiner Datenbank',
      'Lesen von ~/code/acme/README.md',
      'Änderungen an ~/code/acme/README.md',
      'dies bei ~/code/acme/README.md',
      'Lesen von jedem Host von example.com',
      'dies an #general',
      null,
      null,
      null,
    ]);
  });
});

describe('numbers and times', () => {
  afterEach(() => formatIn('en'));

  it('follow the language of the words', () => {
    const noon = new Date(2026, 10, 3, 12, 5).getTime();
    expect([number(1234.5), bytes(1234), span(2400), list(['a', 'b', 'c'])]).toEqual(['1,234.5', '1.2 KB', '2.4 s', 'a, b, and c']);
    formatIn('de');
    expect([number(1234.5), bytes(1234), span(2400), span(5_400_000), list(['a', 'b', 'c'])]).toEqual([
      ...['1.234,5', '1,2 KB', '2,4 s', '1,5 h', 'a, b und c'],
    ]);
    expect([clock(noon), when(noon, noon + 86_400_000)]).toEqual(['12:05', 'Di., 3. Nov., 12:05']);
    expect([ago(noon, noon + 180_000), ago(noon, noon + 180_000, true), ago(noon, noon + 86_400_000)]).toEqual([
      ...['vor 3 Minuten', 'vor 3 Min.', 'gestern'],
    ]);
  });
});
