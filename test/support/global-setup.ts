import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { buildProgram } from '../../scripts/build.mjs';
import { fewImagesIn, writeShapes } from './few-images.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A directory for what test files share; see shared.ts. */
    shared: string;
  }
}

/** Workers and end-to-end tests run the bundle, so it is made once before any test. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await buildProgram();
  const shared = await mkdtemp(join(tmpdir(), 'deepview-shared-'));
  await writeShapes(fewImagesIn(shared), { train: 100, validation: 100 });
  project.provide('shared', shared);
  return () => rm(shared, { recursive: true, force: true, maxRetries: 5 });
}
