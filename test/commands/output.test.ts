import { expect, test } from 'vitest';
import { errorText } from '../../src/commands/output.ts';
import { DeepviewError } from '../../src/engine/base/errors.ts';

const text = { json: false, debug: false };
const hostile = 'a\u001b[2J\u202eb';
const shown = 'a\ufffd[2J\ufffdb';

test('an error is one or two lines, whatever its message and hint are made of', () => {
  const error = new DeepviewError('bad', `${hostile}\n`, { hint: hostile });
  expect(errorText(error, text)).toBe(`deepview-tui: ${shown}\ufffd\n${shown}\n`);
  expect(errorText(new DeepviewError('bad', 'no hint'), text)).toBe('deepview-tui: no hint\n');
  expect(errorText(hostile, text)).toBe(
    `deepview-tui: ${shown}\nThis is a defect; run again with --debug to see where it happened.\n`,
  );
  expect(errorText(new DeepviewError('bad', 'x'.repeat(2000)), text)).toBe(`deepview-tui: ${'x'.repeat(999)}…\n`);
});

test('with --debug the stacks of an error and of its causes follow, printable too', () => {
  const error = new DeepviewError('bad', hostile, { cause: new Error(hostile) });
  const lines = errorText(error, { json: false, debug: true }).split('\n');
  expect(lines[0]).toBe(`deepview-tui: ${shown}`);
  expect(lines[1]).toBe(`DeepviewError: ${shown}`);
  expect(lines).toContain(`caused by Error: ${shown}`);
  expect(lines.filter((line) => line.includes('output.test.ts')).length).toBeGreaterThanOrEqual(2);
});

test('as JSON an error is one object in which nothing steers a terminal', () => {
  const error = new DeepviewError('bad', hostile, { hint: 'do this' });
  const json = errorText(error, { json: true, debug: false });
  expect(JSON.parse(json)).toEqual({ error: { code: 'bad', message: hostile, hint: 'do this' } });
  expect(json).toMatch(/^[ -~]*\n$/);
  const debugged = JSON.parse(errorText(error, { json: true, debug: true })) as { error: { stack: string } };
  expect(debugged.error.stack).toContain('output.test.ts');
});
