import { buildProgram } from '../../scripts/build.mjs';

/** Workers and end-to-end tests run the bundle, so it is made once before any test. */
export default async function setup(): Promise<void> {
  await buildProgram();
}
