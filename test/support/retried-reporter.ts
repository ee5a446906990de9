import type { Reporter, TestCase } from 'vitest/node';

/** Names, at the end of a run, the tests that failed and then passed: they fail nothing, and are to be looked at. */
export default class RetriedReporter implements Reporter {
  readonly #retried: string[] = [];

  onTestCaseResult(test: TestCase): void {
    if (test.diagnostic()?.flaky) this.#retried.push(`${test.module.relativeModuleId} > ${test.fullName}`);
  }

  onTestRunEnd(): void {
    for (const name of this.#retried.splice(0)) process.stdout.write(`passed at a second try: ${name}\n`);
  }
}
