// The broker's set phrases in German: verbs of the catalogue (broker/mediate/labels/verbs.ts), steps of a flow, names of facts, widths.
import type { Phrases } from '../phrases.ts';

/** What stands before the object, and the verb at the end: as something to do, and as something done. */
type Verb = readonly [before: string, todo: string, done: string];

const read: Verb = ['', 'lesen', 'gelesen'];
const look: Verb = ['', 'ansehen', 'angesehen'];
const verbs: Readonly<Record<string, Verb>> = {
  read,
  write: ['', 'schreiben', 'geschrieben'],
  edit: ['', 'bearbeiten', 'bearbeitet'],
  'make the folder': ['den Ordner', 'anlegen', 'angelegt'],
  list: ['', 'auflisten', 'aufgelistet'],
  'list all of': ['alles in', 'auflisten', 'aufgelistet'],
  search: ['', 'durchsuchen', 'durchsucht'],
  'look at': look,
  move: ['', 'verschieben', 'verschoben'],
  'say which folders it may use': ['', 'sagen, welche Ordner er verwenden darf', 'gesagt, welche Ordner er verwenden darf'],

  'search the web': ['das Web', 'durchsuchen', 'durchsucht'],
  'search documentation': ['Dokumentation', 'durchsuchen', 'durchsucht'],
  'search places': ['Orte', 'suchen', 'gesucht'],
  'read a page of': ['eine Seite von', 'lesen', 'gelesen'],
  'read all of': ['alles von', 'lesen', 'gelesen'],
  'open a page of': ['eine Seite von', 'öffnen', 'geöffnet'],

  'read a file of': ['eine Datei aus', 'lesen', 'gelesen'],
  'search repositories': ['Repositories', 'durchsuchen', 'durchsucht'],
  'search code': ['Code', 'durchsuchen', 'durchsucht'],
  'search issues': ['Issues', 'durchsuchen', 'durchsucht'],
  'search people': ['Personen', 'suchen', 'gesucht'],
  'read an issue of': ['ein Issue von', 'lesen', 'gelesen'],
  'list the issues of': ['die Issues von', 'auflisten', 'aufgelistet'],
  'list the commits of': ['die Commits von', 'auflisten', 'aufgelistet'],
  'list the branches of': ['die Branches von', 'auflisten', 'aufgelistet'],
  'read a pull request of': ['einen Pull Request von', 'lesen', 'gelesen'],
  'read the comments on a pull request of': ['die Kommentare zu einem Pull Request von', 'lesen', 'gelesen'],
  'read the reviews of a pull request of': ['die Reviews eines Pull Requests von', 'lesen', 'gelesen'],
  'list the pull requests of': ['die Pull Requests von', 'auflisten', 'aufgelistet'],
  'open an issue in': ['ein Issue in', 'eröffnen', 'eröffnet'],
  'change an issue of': ['ein Issue von', 'ändern', 'geändert'],
  'post a comment on an issue of': ['einen Kommentar zu einem Issue von', 'veröffentlichen', 'veröffentlicht'],
  'create a pull request in': ['einen Pull Request in', 'anlegen', 'angelegt'],
  'create a merge request in': ['einen Merge Request in', 'anlegen', 'angelegt'],
  'review a pull request of': ['einen Pull Request von', 'begutachten', 'begutachtet'],
  'merge a pull request of': ['einen Pull Request von', 'mergen', 'gemergt'],
  'update a pull request of': ['einen Pull Request von', 'aktualisieren', 'aktualisiert'],
  'write a file of': ['eine Datei von', 'schreiben', 'geschrieben'],
  'push files to': ['Dateien nach', 'pushen', 'gepusht'],
  'delete a file of': ['eine Datei von', 'löschen', 'gelöscht'],
  'create a branch in': ['einen Branch in', 'anlegen', 'angelegt'],
  fork: ['', 'forken', 'geforkt'],
  'create a repository': ['ein Repository', 'anlegen', 'angelegt'],

  'list the channels': ['die Kanäle', 'auflisten', 'aufgelistet'],
  'read messages in': ['Nachrichten in', 'lesen', 'gelesen'],
  'read a thread in': ['einen Thread in', 'lesen', 'gelesen'],
  'list the people': ['die Personen', 'auflisten', 'aufgelistet'],
  'post a message to': ['eine Nachricht an', 'senden', 'gesendet'],
  'reply to a thread in': ['auf einen Thread in', 'antworten', 'geantwortet'],
  'react to a message in': ['auf eine Nachricht in', 'reagieren', 'reagiert'],

  'look at the state of': ['den Stand von', 'ansehen', 'angesehen'],
  'look at the changes in': ['die Änderungen in', 'ansehen', 'angesehen'],
  'read the history of': ['die Geschichte von', 'lesen', 'gelesen'],
  'read a commit of': ['einen Commit von', 'lesen', 'gelesen'],
  'commit to': ['in', 'committen', 'committet'],
  'switch the branch of': ['den Branch von', 'wechseln', 'gewechselt'],
  'unstage everything in': ['alle Vormerkungen in', 'aufheben', 'aufgehoben'],

  'go back a page': ['eine Seite', 'zurückgehen', 'zurückgegangen'],
  'look at the open page': ['die offene Seite', 'ansehen', 'angesehen'],
  'take a picture of the open page': ['ein Bild der offenen Seite', 'machen', 'gemacht'],
  'click on the open page': ['auf der offenen Seite', 'klicken', 'geklickt'],
  'type into the open page': ['in die offene Seite', 'tippen', 'getippt'],
  'fill a form of the open page': ['ein Formular der offenen Seite', 'ausfüllen', 'ausgefüllt'],
  'press a key on the open page': ['eine Taste auf der offenen Seite', 'drücken', 'gedrückt'],
  'choose something on the open page': ['etwas auf der offenen Seite', 'auswählen', 'ausgewählt'],
  'read the console of the open page': ['die Konsole der offenen Seite', 'lesen', 'gelesen'],
  'list what the open page loaded': ['', 'auflisten, was die offene Seite geladen hat', 'aufgelistet, was die offene Seite geladen hat'],
  'close the open page': ['die offene Seite', 'schließen', 'geschlossen'],
  'list the open pages': ['die offenen Seiten', 'auflisten', 'aufgelistet'],

  'read all it remembers': ['alles, woran er sich erinnert,', 'lesen', 'gelesen'],
  'search what it remembers': ['seine Erinnerungen', 'durchsuchen', 'durchsucht'],
  'look up what it remembers': ['seine Erinnerungen', 'nachschlagen', 'nachgeschlagen'],
  'remember something': ['sich etwas', 'merken', 'gemerkt'],
  'forget something': ['etwas', 'vergessen', 'vergessen'],

  run: ['', 'ausführen', 'ausgeführt'],
  'list the tables of its database': ['die Tabellen seiner Datenbank', 'auflisten', 'aufgelistet'],
  'look at a table of its database': ['eine Tabelle seiner Datenbank', 'ansehen', 'angesehen'],
  'write a thought down': ['einen Gedanken', 'aufschreiben', 'aufgeschrieben'],
  'say what time it is': ['', 'sagen, wie spät es ist', 'gesagt, wie spät es ist'],
  'convert a time': ['eine Zeit', 'umrechnen', 'umgerechnet'],
};

/** What joins further objects to the first; `und` is the console's own, for several told together. */
const joints: Readonly<Record<string, string>> = { in: 'in', to: 'nach', 'on its database': 'in seiner Datenbank', und: 'und' };

const things: Readonly<Record<string, string>> = {
  files: 'Dateien',
  folders: 'Ordner',
  places: 'Orte',
  hosts: 'Hosts',
  repositories: 'Repositories',
  recipients: 'Empfänger',
};

/** broker/start/touched.ts: the helping verb, what leads to an object where there is one, and the verb. */
const steps: Readonly<Record<string, readonly [string, string, string]>> = {
  read: ['hat', '', 'gelesen'],
  changed: ['hat', '', 'geändert'],
  'wrote to': ['hat', 'an', 'geschrieben'],
  removed: ['hat', '', 'entfernt'],
  'ran a command on': ['hat', 'auf', 'einen Befehl ausgeführt'],
  'read words meant for the model in an answer of': ['hat', 'in einer Antwort von', 'Worte gelesen, die für das Modell bestimmt sind'],
  'would ask': ['würde', 'bei', 'anfragen'],
  'would change': ['würde', '', 'ändern'],
  'would write to': ['würde', 'an', 'schreiben'],
  'would remove': ['würde', '', 'entfernen'],
  'would run a command on': ['würde', 'auf', 'einen Befehl ausführen'],
};

/** broker/mediate/prompt-facts.ts, present-ask.ts and broker/start/present-request.ts. */
const facts: Readonly<Record<string, string>> = {
  Where: 'Wo',
  To: 'An',
  Now: 'Jetzt',
  Fields: 'Felder',
  Answer: 'Antwort',
  Whose: 'Wessen',
  'Told before': 'Vorgabe',
};

/** broker/mediate/widths.ts and ladder.ts; what a place is called comes from the arguments and stays as it is. */
const natures: Readonly<Record<string, string>> = { reading: 'Lesen', changes: 'Änderungen', this: 'dies' };
const widthForm =
  /^(reading|changes|this)(, within | in | to | on | from | at | )(.+?)(, for your other clients too|, for ([A-Za-z0-9._, -]+) too)?$/s;
const links: Readonly<Record<string, string>> = {
  ...{ ', within ': 'in', ' in ': 'in', ' to ': 'an', ' on ': 'bei', ' from ': 'von', ' at ': 'bei' },
};
const itself = 'what it holds itself';

/** Null for several places of which one has words of ours: half of a list would be in either language. */
function place(words: string): string | null {
  if (words === 'its database') return 'seiner Datenbank';
  if (words === itself) return 'dem, was er selbst hält';
  const [, kind, of] = /^every (repository|host) of ([^,]+)$/s.exec(words) ?? [];
  if (of !== undefined) return `${kind === 'host' ? 'jedem Host' : 'jedem Repository'} von ${of}`;
  return /(^|, )(its database|every (repository|host) of )/.test(words) ? null : words;
}

const known = <T>(table: Readonly<Record<string, T>>, key: string): T | null => (Object.hasOwn(table, key) ? (table[key] as T) : null);

const counted = (object: string): string => {
  const [, count, several] = /^(\d+) ([a-z]+)$/.exec(object) ?? [];
  const word = known(things, several ?? '');
  return word === null ? object : `${count} ${word}`;
};

export const phrases: Phrases = {
  sentence([first, ...rest], past) {
    const verb = first === undefined ? null : known(verbs, first.verb);
    if (first === undefined || verb === null) return null;
    const more = rest.map((part) => ({ verb: known(joints, part.verb), object: part.object }));
    if (more.some((part) => part.verb === null)) return null;
    const [before, todo, done] = verb;
    return [
      { verb: before, object: counted(first.object) },
      ...more.map((part) => ({ verb: part.verb ?? '', object: part.object })),
      { verb: past ? done : todo, object: '' },
    ];
  },
  step(what, object) {
    const found = known(steps, what);
    if (found === null) return null;
    const [helping, to, verb] = found;
    return { before: object && to !== '' ? `${helping} ${to}` : helping, after: verb };
  },
  fact: (name) => known(facts, name),
  things: (several) => known(things, several) ?? several,
  width(label) {
    const [, nature, link, where, also, whom] = widthForm.exec(label) ?? [];
    const within = where === undefined ? null : place(where);
    // A file is read, and nothing stands between.
    const joint = links[link ?? ''] ?? (where === itself ? 'in' : nature === 'reading' ? 'von' : undefined);
    if (nature === undefined || within === null || joint === undefined) return null;
    const clients = also === undefined ? '' : whom === undefined ? ', auch für Ihre anderen Clients' : `, auch für ${whom}`;
    return `${known(natures, nature)} ${joint} ${within}${clients}`;
  },
};
