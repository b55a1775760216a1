// Stryker's test runner for broker/mediate: everything in one process, by Node alone. A mutant costs the tests that reach it (a few
// milliseconds), where a run of vitest for each would cost half a second, and the whole would never be run.
//
// What makes a result true: a test counts as having noticed a mutant only when the same test passes right afterwards without it; else
// something was left behind, everything is loaded anew and the mutant tried again. A mutant that is met while files are loaded (a table, a
// regular expression) is tried on files loaded anew, with every test of every file that could be touched by it.
import { globSync, readFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { determineHitLimitReached, toMutantRunResult } from '@stryker-mutator/api/test-runner';

let root = '';
const harness = new URL('./harness.mjs', import.meta.url).href;
/** Importer -> what it imports, both as paths. */
const imports = new Map();

const pathOf = (url) => (url.startsWith('file:') ? fileURLToPath(url.split('?')[0]) : null);
const ours = (path) => path?.startsWith(root) && !path.includes('node_modules') && !path.includes('/test/mutation/');

/** The file whose mutant is on while things are loaded anew: only what leads to it must be. null: everything. */
let mutated = null;
/** The load that the usual mutants run on. */
let latest = '';
/** Path -> its source without types: most of what loading costs. */
const plain = new Map();

function loaded(url, context, next) {
  const path = pathOf(url);
  if (!ours(path) || !path.endsWith('.ts')) return next(url, context);
  if (!plain.has(path)) plain.set(path, stripTypeScriptTypes(readFileSync(path, 'utf8')));
  return { format: 'module', source: plain.get(path), shortCircuit: true };
}

/** What is imported by a file that was loaded anew is loaded anew with it; and `vitest` is the harness. */
function resolved(specifier, context, next) {
  const { parentURL = '' } = context;
  const parent = pathOf(parentURL);
  if (specifier === 'vitest' && ours(parent)) return { url: harness, shortCircuit: true };
  const found = next(specifier, context);
  const path = pathOf(found.url);
  if (!ours(path) || !ours(parent)) return found;
  if (!imports.has(parent)) imports.set(parent, new Set());
  imports.get(parent).add(path);
  const [, load] = parentURL.split('?');
  const asBefore = mutated !== null && !reaches(path, mutated);
  return { ...found, url: `${pathToFileURL(path)}?${asBefore ? latest : load}` };
}

function reaches(from, to, seen = new Set()) {
  if (from === to) return true;
  if (seen.has(from)) return false;
  seen.add(from);
  for (const each of imports.get(from) ?? []) if (reaches(each, to, seen)) return true;
  return false;
}

class Runner {
  #harness;
  /** Test -> milliseconds it took last. */
  #took = new Map();
  #loads = 0;
  /** What the usual mutants run on. */
  #loaded = null;
  /** Where the instrumented files look for the mutant that is on, and count what they meet. */
  #context;

  constructor() {
    globalThis.__stryker__ ??= {};
    this.#context = globalThis.__stryker__;
  }

  capabilities() {
    return { reloadEnvironment: true };
  }

  async init() {
    root = process.cwd();
    process.env.GATEHOUSE_MUTATION = '1';
    registerHooks({ resolve: resolved, load: loaded });
    this.#harness = await import(harness);
    await this.#reload();
  }

  async #reload() {
    if (this.#loaded) await this.#harness.clear(this.#loaded.tops);
    this.#context.activeMutant = undefined;
    mutated = null;
    latest = `load=${this.#loads + 1}`;
    this.#loaded = await this.#load(globSync(resolve(root, 'test/mediate/**/*.test.ts')).sort());
  }

  /** Test files, loaded anew together with everything of ours that they import. */
  async #load(files) {
    const load = ++this.#loads;
    const tops = new Set();
    const tests = [];
    for (const file of files) {
      const top = await this.#harness.collect(() => import(`${pathToFileURL(file).href}?load=${load}`));
      tops.add(top);
      for (const test of this.#harness.testsOf(top)) tests.push({ ...test, file, id: `${relative(root, file)}#${test.name}` });
    }
    return { tops, tests };
  }

  async #run(tests, each) {
    // The quickest first: what fails early need not be waited for.
    const order = [...tests].sort((a, b) => (this.#took.get(a.id) ?? 0) - (this.#took.get(b.id) ?? 0));
    await this.#harness.runTests(order, {
      started: (test) => {
        this.#context.currentTestId = test?.id;
      },
      done: (test, failure, took) => {
        if (!failure) this.#took.set(test.id, took);
        return each(test, failure, took);
      },
    });
  }

  async dryRun() {
    const results = [];
    await this.#run(this.#loaded.tests, (test, failure, timeSpentMs) => {
      const of = { id: test.id, name: test.name, fileName: test.file, timeSpentMs };
      results.push(failure ? { ...of, status: 1, failureMessage: String(failure.stack ?? failure) } : { ...of, status: 0 });
    });
    return { status: 'complete', tests: results, mutantCoverage: this.#context.mutantCoverage };
  }

  async mutantRun({ activeMutant, testFilter, hitLimit, sandboxFileName, mutantActivation, reloadEnvironment }) {
    const mutant = { id: activeMutant.id, hitLimit };
    if (mutantActivation === 'static') return this.#fresh(mutant, resolve(sandboxFileName));
    if (reloadEnvironment) await this.#reload();
    const wanted = new Set(testFilter);
    const chosen = () => this.#loaded.tests.filter(({ id }) => testFilter === undefined || wanted.has(id));
    if (chosen().length === 0) throw new Error(`none of ${testFilter?.length} tests is here`);
    const first = await this.#tried(mutant, chosen());
    if (first.killer === null || (await this.#passes(first.killer))) return first.result;
    await this.#reload();
    return (await this.#tried(mutant, chosen())).result;
  }

  /** The tests run with the mutant on; up to the first that fails. */
  async #tried({ id, hitLimit }, tests) {
    const results = [];
    let killer = null;
    Object.assign(this.#context, { activeMutant: id, hitCount: 0, hitLimit });
    await this.#run(tests, (test, failure, timeSpentMs) => {
      const of = { id: test.id, name: test.name, timeSpentMs };
      results.push(failure ? { ...of, status: 1, failureMessage: String(failure.message ?? failure) } : { ...of, status: 0 });
      if (failure) killer = test;
      return failure === null;
    });
    const limit = determineHitLimitReached(this.#context.hitCount, hitLimit);
    Object.assign(this.#context, { activeMutant: undefined, hitLimit: undefined });
    return { killer, result: toMutantRunResult(limit ?? { status: 'complete', tests: results }) };
  }

  async #passes(test) {
    let passed = false;
    await this.#run([test], (_test, failure) => {
      passed = failure === null;
    });
    return passed;
  }

  async #fresh(mutant, file) {
    const files = [...new Set(this.#loaded.tests.map((test) => test.file))].filter((each) => reaches(each, file));
    // What is written beside it looks at it first.
    const beside = resolve(root, 'test', relative(resolve(root, 'broker'), file)).replace(/\.ts$/, '.test.ts');
    files.sort((a, b) => Number(b === beside) - Number(a === beside));
    let nrOfTests = 0;
    mutated = file;
    for (const each of files) {
      const result = await this.#triedAnew(mutant, each);
      nrOfTests += result.nrOfTests ?? 0;
      if (result.status !== 'survived') return { ...result, nrOfTests };
    }
    return { ...toMutantRunResult({ status: 'complete', tests: [] }), nrOfTests };
  }

  async #triedAnew(mutant, file) {
    Object.assign(this.#context, { activeMutant: mutant.id, hitCount: 0, hitLimit: mutant.hitLimit });
    let fresh;
    try {
      fresh = await this.#load([file]);
    } catch (error) {
      this.#context.activeMutant = undefined;
      const test = { id: file, name: `loading ${file}`, timeSpentMs: 0, status: 1, failureMessage: String(error) };
      return toMutantRunResult({ status: 'complete', tests: [test] });
    }
    const { result } = await this.#tried(mutant, fresh.tests);
    await this.#harness.clear(fresh.tops);
    return result;
  }

  async dispose() {
    if (this.#loaded) await this.#harness.clear(this.#loaded.tops);
  }
}

const create = () => new Runner();
create.inject = [];

/** Read by Stryker. */
export const strykerPlugins = [{ kind: 'TestRunner', name: 'in-process', factory: create }];
