// Counts tests for the last line of `npm test`, with the reason of every skip; written to $GATEHOUSE_TALLY.
import { writeFileSync } from 'node:fs';
import type { Reporter, SerializedError, TestModule } from 'vitest/node';

export default class Tally implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const file = process.env.GATEHOUSE_TALLY;
    if (file === undefined) return;
    const count = { passed: 0, failed: 0, skipped: [] as { name: string; reason: string }[], trouble: [] as string[] };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === 'passed') count.passed += 1;
        else if (result.state === 'failed') count.failed += 1;
        else {
          const note = result.state === 'skipped' ? result.note : undefined;
          count.skipped.push({
            name: `${module.relativeModuleId} > ${test.fullName}`,
            reason: note ?? `what it needs is not here (${process.platform})`,
          });
        }
      }
      for (const error of module.errors()) count.trouble.push(`${module.relativeModuleId}: ${error.message}`);
      for (const suite of module.children.allSuites()) {
        for (const error of suite.errors()) count.trouble.push(`${module.relativeModuleId} > ${suite.fullName}: ${error.message}`);
      }
    }
    for (const error of unhandled) count.trouble.push(error.message);
    writeFileSync(file, JSON.stringify(count));
  }
}
