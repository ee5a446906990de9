import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { resolveSettings, parseSetting } from '../../src/commands/config.ts';
import { DeepviewError } from '../../src/engine/base/errors.ts';

let root: string;
let cwd: string;
let userFile: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'deepview-config-'));
});
afterAll(() => rm(root, { recursive: true }));
beforeEach(async () => {
  cwd = await mkdtemp(join(root, 'project-'));
  userFile = join(cwd, 'user', 'config.json');
  await mkdir(join(cwd, 'user'));
});

const project = (): string => join(cwd, 'deepview-tui.config.json');
const resolve = (flags = {}, env = {}) => resolveSettings({ flags, env, userFile, cwd });
const refusal = async (promise: Promise<unknown>): Promise<DeepviewError> => {
  const thrown: unknown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(DeepviewError);
  return thrown as DeepviewError;
};

describe('precedence', () => {
  it('takes flags over variables over the project over the user over the defaults, and says which', async () => {
    await writeFile(userFile, JSON.stringify({ epochs: 1, batch: 1, limit: 1, probe: 100 }));
    await writeFile(project(), JSON.stringify({ epochs: 2, batch: 2, limit: 2 }));
    const { values, origins, files } = await resolve({ epochs: '4' }, { DEEPVIEW_EPOCHS: '3', DEEPVIEW_BATCH: '3' });
    expect(values).toMatchObject({ epochs: 4, batch: 3, limit: 2, probe: 100, network: 'lenet', seed: 1 });
    const from = Object.fromEntries(origins.map((origin) => [origin.name, origin.from]));
    expect(from).toMatchObject({
      epochs: '--epochs',
      batch: 'DEEPVIEW_BATCH',
      limit: project(),
      probe: userFile,
      seed: 'default',
    });
    expect(files).toEqual([userFile, project()]);
  });

  it('needs no file', async () => {
    expect((await resolve()).files).toEqual([]);
  });

  it('finds names of several words in variables and files', async () => {
    await writeFile(project(), '{"weightDecay": 0.25}');
    const { values } = await resolve({}, { DEEPVIEW_LEARNING_RATE: '0.5' });
    expect(values).toMatchObject({ learningRate: 0.5, weightDecay: 0.25 });
  });

  it('respects NO_COLOR below DEEPVIEW_COLOR and the flag', async () => {
    expect((await resolve({}, { NO_COLOR: '1' })).values.color).toBe('none');
    expect((await resolve({}, { NO_COLOR: '' })).values.color).toBe('auto');
    expect((await resolve({}, { NO_COLOR: '1', DEEPVIEW_COLOR: '256' })).values.color).toBe('256');
    expect((await resolve({ color: 'truecolor' }, { NO_COLOR: '1' })).values.color).toBe('truecolour');
  });
});

describe('bad configuration', () => {
  it('names file and key of a value that cannot be', async () => {
    await writeFile(project(), '{"epochs": "many"}');
    const error = await refusal(resolve());
    expect(error.message).toContain(project());
    expect(error.message).toContain('"epochs"');
    expect(error.exitCode).toBe(2);
  });

  it('names an unknown key and the one that was meant', async () => {
    await writeFile(userFile, '{"epoch": 3}');
    const error = await refusal(resolve());
    expect(error.message).toContain(userFile);
    expect(error.message).toContain('"epoch"; did you mean "epochs"?');
  });

  it.each(['{"epochs": 3', '', '[]', 'null', '3', '\u0000\u001b[2J'])('refuses %j by its path', async (content) => {
    await writeFile(project(), content);
    const error = await refusal(resolve());
    expect(error.code).toBe('bad-config');
    expect(error.message).toContain(project());
    // eslint-disable-next-line no-control-regex
    expect(error.message).not.toMatch(/[\u0000-\u001f]/);
  });

  it('says that a directory in its place cannot be read', async () => {
    await mkdir(project());
    expect((await refusal(resolve())).message).toContain('cannot be read: it is a directory.');
  });

  it('does not let a key of Object.prototype pass', async () => {
    await writeFile(project(), '{"__proto__": {"epochs": 3}, "constructor": 1}');
    expect((await refusal(resolve())).code).toBe('bad-config');
  });
});

describe('values', () => {
  it.each([
    ['epochs', '0'],
    ['epochs', '-1'],
    ['epochs', '1.5'],
    ['epochs', '1e3'],
    ['epochs', ''],
    ['epochs', ' 3'],
    ['epochs', 'NaN'],
    ['epochs', '99999999999999999999'],
    ['epochs', null],
    ['epochs', [3]],
    ['seed', '4294967296'],
    ['probe', '9'],
    ['probe', '10001'],
    ['features', '0'],
    ['features', 'on'],
    ['features', 'toString'],
    ['augment', 'flip'],
    ['augment', ''],
    ['augment', 4],
    ['engine', 'cuda'],
    ['engine', true],
    ['color', 'blue'],
    ['color', '__proto__'],
    ['ascii', 'perhaps'],
    ['data', ' '],
    ['data', 3],
    ['learningRate', '0'],
    ['learningRate', '1e400'],
    ['learningRate', '.'],
    ['learningRate', '0x10'],
    ['learningRate', 'off'],
    ['momentum', '1'],
    ['weightDecay', '-1'],
    ['clipGradient', '0'],
    ['earlyStopping', '0.5'],
    ['optimiser', 'rmsprop'],
  ] as const)('refuses %s = %j', (name, value) => {
    expect(() => parseSetting(name, value, 'here')).toThrow(DeepviewError);
  });

  it('takes a word in the place of a number where there is one', () => {
    expect(parseSetting('features', 'off', 'here')).toBe('off');
    expect(parseSetting('features', '3', 'here')).toBe(3);
  });

  it('keeps an augmentation in the form that runs and messages show', () => {
    expect(parseSetting('augment', ' shift = 4, mirror', 'here')).toBe('mirror,shift=4');
    expect(parseSetting('augment', 'none', 'here')).toBe('none');
  });

  it('suggests the choice that was meant', () => {
    try {
      parseSetting('engine', 'tensorflw', '--engine');
      expect.unreachable();
    } catch (thrown) {
      expect((thrown as DeepviewError).hint).toBe('Did you mean "tensorflow"?');
    }
  });

  it.each([
    ['epochs', '3', 3],
    ['epochs', 3, 3],
    ['seed', '0', 0],
    ['ascii', 'yes', 'on'],
    ['ascii', true, 'on'],
    ['ascii', '0', 'off'],
    ['mouse', '0', false],
    ['color', 256, '256'],
    ['color', 'never', 'none'],
    ['learningRate', '1e-3', 0.001],
    ['learningRate', '.5', 0.5],
    ['clipGradient', 'off', 'off'],
    ['earlyStopping', 'off', 'off'],
    ['minimumChange', 0, 0],
  ] as const)('reads %s = %j as %j', (name, given, value) => {
    expect(parseSetting(name, given, 'here')).toBe(value);
  });
});
