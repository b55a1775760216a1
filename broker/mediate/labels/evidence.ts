// What a capability touches, judged from its name, its schema and its hints where no catalogue knows it. A hint raises, it never lowers.
import type { Nature } from '../../../shared/request-facts.ts';
import { labels as all, type Label } from '../../../shared/vocabulary.ts';
import { catalogued } from './catalogue.ts';

const set = (words: string) => new Set(words.trim().split(/\s+/));

/** Things that are somebody's own. */
const ownThings =
  set(`file files path paths directory directories folder folders document documents doc docs note notes email emails mail mails
  message messages inbox calendar event events contact contacts database db query sql table tables record records row rows collection memory
  graph node nodes entity entities secret secrets env environment password passwords clipboard history repo repository repositories branch branches commit
  commits customer customers user users account accounts invoice invoices order orders transaction transactions project projects bookmark
  photo photos log logs config settings profile drive workspace`);
/** Things that strangers write. */
const strange =
  set(`issue issues comment comments pull pr prs email emails mail mails message messages inbox thread threads web website page pages
  url urls link search fetch browse scrape crawl feed rss news review reviews ticket tickets post posts tweet tweets download snapshot article
  articles transcript discussion discussions reply replies notification notifications site html wiki forum`);
/** Places that others read, so that what is put there has left. */
const open =
  set(`issue issues comment comments pull pr thread message messages mail email post posts ticket tickets review reviews discussion
  article tweet invitation announcement`);
const screens =
  set(`click screenshot mouse keyboard browser screen press tap hover scroll drag cursor desktop window puppeteer playwright selenium
  devtools`);
const addresses = /^(?:urls?|uri|href|link|website|webhook(?:_?url)?|endpoint|domain|host(?:name)?|site)$/i;

interface Definition {
  readonly annotations?: { readonly destructiveHint?: unknown; readonly readOnlyHint?: unknown; readonly openWorldHint?: unknown };
  readonly inputSchema?: { readonly properties?: Readonly<Record<string, { readonly format?: unknown } | undefined>> };
}

export interface Subject {
  readonly capability: string;
  /** JSON text; null where the server never listed it. */
  readonly definition: string | null;
  /** The pinned package; null where it is not known. */
  readonly identity: string | null;
  readonly nature: Nature;
}

const wordsOf = (name: string) =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);

/** What a capability touches, before the operator corrects it. */
export function labelsOf(subject: Subject): Label[] {
  const { capability, definition, identity, nature } = subject;
  const parsed: Definition = definition === null ? {} : (JSON.parse(definition) as Definition);
  const known = catalogued(identity, capability);
  const touched = new Set<Label>(known ?? evidence(capability, parsed, nature));
  const { destructiveHint, readOnlyHint, openWorldHint } = parsed.annotations ?? {};
  if (destructiveHint === true && readOnlyHint !== true) touched.add('destructive');
  // Of a package we know we know the world it reaches; of any other its own word is taken against it.
  if (openWorldHint === true && known === null) touched.add(nature === 'send' ? 'outward' : 'untrusted');
  return all.filter((label) => touched.has(label));
}

function evidence(capability: string, parsed: Definition, nature: Nature): Label[] {
  const kind = capability.slice(0, capability.indexOf(':'));
  if (kind === 'resource' || kind === 'template') return /^\w+:https?:/i.test(capability) ? ['untrusted', 'outward'] : ['private'];
  if (kind !== 'tool') return [];
  const words = wordsOf(capability.slice('tool:'.length));
  const properties = Object.entries(parsed.inputSchema?.properties ?? {});
  const touched: Label[] = [];
  if (nature === 'run') touched.push('private', 'untrusted', 'outward', 'destructive');
  if (nature === 'send') touched.push('outward');
  if (nature === 'destroy') touched.push('destructive');
  // Where strangers write, strangers read.
  if (nature === 'change' && words.some((word) => open.has(word))) touched.push('outward');
  const address = properties.some(([name, schema]) => addresses.test(name) || schema?.format === 'uri' || schema?.format === 'url');
  if (address) touched.push('untrusted', 'outward');
  if (nature === 'read') {
    const place = properties.some(([name]) => /^(?:path|paths|file|files|filename|file_?path|directory|folder|sql)$/i.test(name));
    if (place || words.some((word) => ownThings.has(word))) touched.push('private');
    if (words.some((word) => strange.has(word))) touched.push('untrusted');
  }
  if (words.some((word) => screens.has(word))) {
    touched.push('controls-screen');
    // A click or a key press is how a form is sent.
    if (nature !== 'read') touched.push('outward');
  }
  return touched;
}

interface Correction {
  readonly add: readonly Label[];
  readonly remove: readonly Label[];
}

/** The operator's word is the last one. */
export const corrected = (touched: readonly Label[], correction: Correction | undefined): Label[] =>
  all.filter((label) => (touched.includes(label) || correction?.add.includes(label)) && !correction?.remove.includes(label));
