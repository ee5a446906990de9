import type { SuiteAPI, TestAPI } from 'vitest';

/** What declares a group of tests, or a test, takes as its body. */
export type BodyOf<Api extends SuiteAPI | TestAPI> = Api extends SuiteAPI ? () => void : () => Promise<void> | void;

/**
 * Declares tests that need something which not every machine has. Where it is missing they are skipped, and what they are
 * called says why: the end of a run names what was left out.
 * @param what is needed, such as `tmux`
 */
export const needing =
  <Api extends SuiteAPI | TestAPI>(declare: Api, what: string, isThere: boolean) =>
  (title: string, body: BodyOf<Api>): void => {
    const declared = declare.skipIf(!isThere) as (title: string, body: BodyOf<Api>) => void;
    declared(isThere ? title : `${title} (${what} is not installed)`, body);
  };
