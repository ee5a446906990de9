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

/** Every page that a reader may come to. */
async function pages(): Promise<string[]> {
  const docs = (await readdir(join(root, 'docs'), { recursive: true })).map((path) => `docs/${path}`);
  return ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...docs.filter((path) => path.endsWith('.md'))];
}

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(text: string): Set<string> {
  const headings = text.replaceAll(/^```[^]*?^```/gm, '').matchAll(/^#+ (.*)$/gm);
  return new Set(
    Array.from(headings, ([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

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
        // npx's own.
        if (name !== 'package') expect(options, `${path}: --${name}`).toContain(name);
      }
    }
  });

  it('link only to what there is, headings included', async () => {
    const missing: string[] = [];
    for (const page of await pages()) {
      for (const [, target = '', anchor = ''] of (await read(page)).matchAll(
        /\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g,
      )) {
        const path = target === '' ? page : join(dirname(page), target);
        if (!existsSync(resolve(root, path))) missing.push(`${page} -> ${target}`);
        else if (anchor !== '' && !anchorsOf(await read(path)).has(anchor))
          missing.push(`${page} -> ${path}#${anchor}`);
      }
    }
    expect(missing).toEqual([]);
  });

  it('tell of a change once', async () => {
    // Merges of the changelog keep both sides' lines, also a line beside what was corrected in it.
    const lines = (await read('CHANGELOG.md')).split('\n').filter((line) => line.startsWith('- '));
    const beginnings = lines.map((line) => line.slice(0, 60));
    expect(lines.filter((_, index) => beginnings.indexOf(beginnings[index]) !== index)).toEqual([]);
  });

  it('are all reached from docs/README.md', async () => {
    const index = await read('docs/README.md');
    for (const page of (await pages()).filter((path) => path.startsWith('docs/') && path !== 'docs/README.md')) {
      expect(index, page).toContain(`](${page.slice('docs/'.length)})`);
    }
  });

  it('and the source use plain words', async () => {
    const odd =
      /(can(not)?|could not) be had|a matter for|speaks? for\b|\b(nobody|whoever|somebody|anybody|so many)\b/i;
    const sources = ['src', 'scripts', 'python/src', 'bench'].map(async (folder) =>
      (await readdir(join(root, folder), { recursive: true })).map((path) => join(folder, path)),
    );
    const texts = (await Promise.all(sources)).flat().filter((path) => /\.(tsx?|mjs|js|py|sh)$/.test(path));
    const found: string[] = [];
    for (const path of [...(await pages()), ...texts]) {
      const lines = (await read(path)).split('\n');
      found.push(...lines.flatMap((line, index) => (odd.test(line) ? [`${path}:${index + 1}: ${line}`] : [])));
    }
    expect(found).toEqual([]);
  });
});
