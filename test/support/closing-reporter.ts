import type { Reporter, TestCase, TestSuite, Vitest } from 'vitest/node';

const nameOf = (one: TestCase | TestSuite): string => `${one.module.relativeModuleId} > ${one.fullName}`;

/** What was skipped with a test: the outermost of the groups around it that was skipped as a whole, or itself. */
function leftOut(test: TestCase): TestCase | TestSuite {
  let outermost: TestCase | TestSuite = test;
  for (let group = test.parent; group.type === 'suite'; group = group.parent) {
    if (group.options.mode === 'skip') outermost = group;
  }
  return outermost;
}

/**
 * Names, at the end of a run, the tests that failed and then passed: they fail nothing, and are to be looked at; and what
 * was left out, with the number of tests: a run that is green for want of a tool does not look like a whole one.
 */
export default class ClosingReporter implements Reporter {
  readonly #retried: string[] = [];
  readonly #leftOut = new Map<string, number>();
  #isPart = false;

  onInit(vitest: Vitest): void {
    // Who asks for tests by name knows that others are left out.
    this.#isPart = vitest.config.testNamePattern !== undefined;
  }

  onTestCaseResult(test: TestCase): void {
    if (test.diagnostic()?.flaky) this.#retried.push(nameOf(test));
    if (this.#isPart || test.result().state !== 'skipped') return;
    const name = nameOf(leftOut(test));
    this.#leftOut.set(name, (this.#leftOut.get(name) ?? 0) + 1);
  }

  onTestRunEnd(): void {
    const lines = this.#retried.splice(0).map((name) => `passed at a second try: ${name}`);
    for (const [name, count] of this.#leftOut)
      lines.push(`left out: ${name} (${count} ${count > 1 ? 'tests' : 'test'})`);
    const total = [...this.#leftOut.values()].reduce((sum, count) => sum + count, 0);
    if (this.#leftOut.size > 1) lines.push(`left out in all: ${total} tests`);
    this.#leftOut.clear();
    for (const line of lines) process.stdout.write(`${line}\n`);
  }
}
