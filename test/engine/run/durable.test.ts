import { expect, test } from 'vitest';
import { fileSteps, joined } from '../../support/file-steps.ts';
import { durablePlace } from './durable-place.ts';
import { inOrder, writeAll } from './durable-steps.ts';

test('what is written is flushed before its name, its name before what relies on it', async () => {
  const { directory, wanted } = await durablePlace();
  const steps = await fileSteps(directory);
  await writeAll(directory, wanted);
  expect(joined(steps)).toEqual(inOrder);
});
