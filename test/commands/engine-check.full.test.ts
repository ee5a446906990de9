import { Ajv2020 } from 'ajv/dist/2020.js';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { engineCheck } from '../../src/commands/engine-check.ts';
import { pathsFor } from '../../src/engine/base/paths.ts';
import { onEachEngine } from '../support/engines.ts';
import { sceneIn } from './scene.ts';

const schema = JSON.parse(readFileSync(new URL('../../docs/json.schema.json', import.meta.url), 'utf8')) as object;

/** One form of what is said an engine: measuring takes half a minute. */
onEachEngine(it, '%s computes what is stored, and how fast is said', async (engine) => {
  const json = engine === 'wasm';
  const scene = sceneIn('/', json);
  const context = { ...scene.context, env: process.env, paths: pathsFor(process.env) };
  expect(await engineCheck({ engine }, context)).toBe(0);
  if (!json) {
    expect(scene.out()).toMatch(/^steps of optimisers +9 +\d\.\de-\d+ +1e-4 +equal$/m);
    expect(scene.out()).toMatch(/^ 2000 +\d+$/m);
    return;
  }
  const report = JSON.parse(scene.out()) as { speed: { batch: number }[] };
  const ajv = new Ajv2020({ strict: false });
  ajv.addSchema({ ...schema, $id: 'json' });
  expect(ajv.validate('json#/$defs/engine-check', report), ajv.errorsText()).toBe(true);
  expect(report.speed.map(({ batch }) => batch)).toEqual([100, 200, 500, 1000, 2000]);
});
