// What test files import as 'vitest' while mutants run: the same `expect` and `vi`, and a collector in place of the runner, so that a
// mutant costs its tests and nothing else. It knows what test/mediate uses; anything else is an error when the file is loaded.
globalThis.__vitest_worker__ ??= {
  config: { fakeTimers: { toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] } },
};
const { expect, vi } = await import('vitest');

/** Milliseconds a test or hook may take; a mutant that keeps it waiting longer has been noticed. */
const patienceMs = 2_000;

/** One file or `describe`. */
const suiteOf = (name, parent) => ({ name, parent, before: [], after: [], beforeEach: [], afterEach: [], tests: [] });
let suite = null;

/** Loads one file and returns what it declares, in order. */
export async function collect(load) {
  const top = suiteOf('', null);
  suite = top;
  await load();
  suite = null;
  return top;
}

/** The row's number makes it its own; its first word is for the reader, unless it names a temporary folder. */
function titled(title, [first], at) {
  const words = typeof first === 'string' && first.length <= 60 && !first.includes('/tmp/') ? `: ${first}` : '';
  return `${title} [${at + 1}${words}]`;
}

function each(declare) {
  return (rows) => (title, run) => {
    const spread = rows.every(Array.isArray);
    rows.forEach((row, at) => {
      const values = spread ? row : [row];
      declare(titled(title, values, at), () => run(...values));
    });
  };
}

function test(title, run) {
  suite.tests.push({ title, run, suite });
}
function describe(title, run) {
  const outer = suite;
  const inner = suiteOf(title, outer);
  outer.tests.push(inner);
  suite = inner;
  const result = run();
  if (result?.then) throw new Error(`describe ${title} must not be async`);
  suite = outer;
}
test.each = each(test);
describe.each = each(describe);
test.skipIf = (skip) => (skip ? () => {} : test);
test.runIf = (go) => (go ? test : () => {});

const hook = (kind) => (run) => void suite[kind].push(run);
const [beforeAll, afterAll, beforeEach, afterEach] = ['before', 'after', 'beforeEach', 'afterEach'].map(hook);

export { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, test as it, vi };

/** Every test under `top` with its full name, numbered where a name stands twice. */
export function testsOf(top) {
  const found = [];
  const seen = new Map();
  const visit = (at, names) => {
    for (const each of at.tests) {
      if (each.tests) visit(each, [...names, each.name]);
      else {
        const name = [...names, each.title].join(' > ');
        const times = (seen.get(name) ?? 0) + 1;
        seen.set(name, times);
        found.push({ ...each, name: times === 1 ? name : `${name} #${times}` });
      }
    }
  };
  visit(top, []);
  return found;
}

const realSetTimeout = setTimeout;
const realClearTimeout = clearTimeout;
/** A test that never ends has failed. Synchronous ones are not even put on a queue. */
async function inTime(run) {
  const result = run();
  if (typeof result?.then !== 'function') return;
  let timer;
  const late = new Promise((_, reject) => {
    timer = realSetTimeout(() => reject(new Error(`took longer than ${patienceMs} ms`)), patienceMs);
  });
  try {
    await Promise.race([result, late]);
  } finally {
    realClearTimeout(timer);
  }
}

const chain = (at) => (at === null ? [] : [...chain(at.parent), at]);

/** Suites whose `beforeAll` has run. They stay ready from mutant to mutant: `afterAll` takes away what a file made when it was loaded. */
const ready = new Map();

async function readied(at) {
  if (!ready.has(at)) {
    ready.set(at, null);
    try {
      for (const run of at.before) await inTime(run);
    } catch (error) {
      ready.set(at, error ?? new Error('nothing was thrown'));
    }
  }
  return ready.get(at);
}

/** Runs these tests in order; `started` is told which one is on (null: none), `done` how it ended, and ends the run by answering false. */
export async function runTests(tests, { started, done }) {
  for (const each of tests) {
    const suites = chain(each.suite);
    let failure = null;
    for (const at of suites) failure ??= await readied(at);
    const began = performance.now();
    started(each);
    try {
      if (failure === null) {
        for (const at of suites) for (const run of at.beforeEach) await inTime(run);
        await inTime(each.run);
      }
    } catch (error) {
      failure = error ?? new Error('nothing was thrown');
    }
    try {
      for (const at of [...suites].reverse()) for (const run of at.afterEach) await inTime(run);
    } catch (error) {
      failure ??= error;
    }
    started(null);
    if (done(each, failure, performance.now() - began) === false) return;
  }
}

/** Takes away what the files under `tops` made. */
export async function clear(tops) {
  for (const [at] of [...ready].reverse()) {
    const top = chain(at)[0];
    if (tops.has(top)) ready.delete(at);
  }
  const visit = async (at) => {
    for (const each of at.tests) if (each.tests) await visit(each);
    for (const run of at.after) {
      try {
        await run();
      } catch {
        // The mutant is gone, and what it left behind is in the way of nobody.
      }
    }
  };
  for (const top of tops) await visit(top);
}
