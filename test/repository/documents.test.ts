import { readFile, readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { documents } from '../../scripts/generate-docs.mjs';
import { commands, globalOptions } from '../../src/cli/commands.ts';
import { parseCommandLine } from '../../src/cli/program.ts';
import { optionForm, synopsis } from '../../src/cli/specification.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): Promise<string> => readFile(join(root, path), 'utf8');

describe('what is made of tables', () => {
  it('is up to date', async () => {
    const made = await documents();
    expect(Object.keys(made)).toContain('docs/network.schema.json');
    for (const [path, text] of Object.entries(made)) expect(await read(path), path).toBe(text);
  });
});

describe('docs/commands.md', () => {
  it('has every command and every option that help shows', async () => {
    const page = await read('docs/commands.md');
    const helpOf = (...words: string[]): string =>
      parseCommandLine([...words, '--help'], commands, globalOptions, { width: 100 }).answer;
    const overview = helpOf();
    for (const command of commands.filter(({ path }) => path.length > 0)) {
      expect(page).toContain(`deepview-tui ${synopsis(command)}`);
      expect(overview).toContain(synopsis(command));
      const lines = helpOf(...command.path).matchAll(/^ +((?:-\w, )?--[\w-]+) +(?:([A-Z]\S*): )?/gm);
      const shown = Array.from(lines, ([, form, value]) => (value === undefined ? form : `${form} ${value}`));
      const known = [...(command.options ?? []), ...globalOptions].map(optionForm);
      expect(shown).toEqual(known);
      for (const form of shown) expect(page).toContain(`\`${form.replaceAll('|', '\\|')}\``);
    }
  });
});

describe('the documents', () => {
  it('name only commands and options that there are', async () => {
    const names = new Set(commands.map(({ path }) => path[0]));
    const options = new Set(
      [...globalOptions, ...commands.flatMap((command) => command.options ?? [])].map(({ name }) => name),
    );
    for (const path of ['README.md', 'CONTRIBUTING.md', 'docs/architecture.md', 'docs/json.md']) {
      const text = await read(path);
      for (const [, word = ''] of text.matchAll(/deepview-tui ([a-z]+)\b(?! (?:stands|trains|is|draws|alone))/g)) {
        if (!['stands', 'trains', 'contributors'].includes(word)) expect(names, `${path}: ${word}`).toContain(word);
      }
      for (const [, name = ''] of text.matchAll(/`(?:[^`\n]* )?--(?:no-)?([a-z][a-z-]*)/g)) {
        expect(options, `${path}: --${name}`).toContain(name);
      }
    }
  });

  it('link only to what there is', async () => {
    const pages = [
      'README.md',
      'CONTRIBUTING.md',
      'CHANGELOG.md',
      ...(await readdir(join(root, 'docs'))).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`),
    ];
    const missing: string[] = [];
    for (const page of pages) {
      for (const [, target = ''] of (await read(page)).matchAll(/\]\((?!https?:)([^)#]+)/g)) {
        if (!existsSync(resolve(root, dirname(page), target))) missing.push(`${page} -> ${target}`);
      }
    }
    expect(missing).toEqual([]);
  });
});
