/** The process that decomposes one matrix: a request in, an answer out. Started by decompose-apart.ts. */
import { crossingReport } from '../../base/errors.ts';
import { outliveTerminal } from '../../base/hang-up.ts';
import { pathsFor } from '../../base/paths.ts';
import { openEngine } from '../open-engine.ts';
import type { DecompositionAnswer, DecompositionRequest } from './decompose-apart.ts';
import { decompositionOf } from './decomposition.ts';

const quiet = { onProgress: () => undefined, onNotice: () => undefined, signal: new AbortController().signal };

async function answerTo({ engine, symmetric, size, least }: DecompositionRequest): Promise<DecompositionAnswer> {
  try {
    const opened = await openEngine(engine, { ...quiet, paths: pathsFor(process.env), env: process.env });
    return { found: await decompositionOf(opened)(symmetric, size, least) };
  } catch (thrown) {
    return { error: crossingReport(thrown) };
  }
}

outliveTerminal();
process.once('message', (request) => {
  void answerTo(request as DecompositionRequest).then((answer) =>
    process.send?.(answer, undefined, undefined, () => process.disconnect()),
  );
});
// The process that asked is gone.
process.once('disconnect', () => process.exit());
