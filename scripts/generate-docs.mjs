// Writes docs/commands.md from the tables of commands, options, settings and keys, and docs/network.schema.json and the
// tables of docs/network-files.md from what a network file may say, and likewise the schemas and tables of runs;
// and the tables of docs/paper.md. `--check` only says whether they are up to date.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadTypeScript, root } from './load-typescript.mjs';
import { paperPage } from './paper.mjs';

const sources = [
  'src/cli/commands.ts',
  'src/cli/specification.ts',
  'src/commands/config.ts',
  'src/views/keys/table.ts',
  'src/engine/network/file/network-file.ts',
  'src/engine/base/schema/index.ts',
  'src/engine/findings/index.ts',
  'src/engine/metrics/index.ts',
  'src/engine/run/forms.ts',
];

/** The tables, without the code of the commands, which they import when they are run. */
const loadTables = () =>
  loadTypeScript(sources, {
    plugins: [
      {
        name: 'leave-out-code',
        setup: (setup) =>
          setup.onResolve({ filter: /./ }, (found) =>
            found.kind === 'dynamic-import' ? { path: found.path, external: true } : undefined,
          ),
      },
    ],
  });

const cell = (text) => text.replaceAll('|', '\\|');
const table = (head, rows) => [
  `| ${head.join(' | ')} |`,
  `|${head.map(() => '---').join('|')}|`,
  ...rows.map((row) => `| ${row.map(cell).join(' | ')} |`),
];

function commandSection(command, { synopsis, optionForm, optionMeaning }) {
  const name = command.path.length > 0 ? synopsis(command) : '';
  const lines = [`### \`deepview-tui${name && ` ${name}`}\``, '', command.summary];
  if (command.isGroupDefault) lines.push('', `\`deepview-tui ${command.path[0]}\` alone does the same.`);
  if (command.details)
    lines.push(
      '',
      ...command.details
        .split('\n')
        .flatMap((text) => [text, ''])
        .slice(0, -1),
    );
  if (command.arguments?.length) {
    const rows = command.arguments.map((argument) => [`\`${argument.name}\``, argument.description]);
    lines.push('', ...table(['argument', 'meaning'], rows));
  }
  if (command.options?.length) {
    const rows = command.options.map((option) => [`\`${optionForm(option)}\``, optionMeaning(option)]);
    lines.push('', ...table(['option', 'meaning'], rows));
  }
  if (command.examples?.length) {
    const marks = command.examples.flatMap(([line, , untried]) => {
      const [kind, why] = untried?.split(': ') ?? [];
      return why === undefined ? [] : [`<!-- ${kind} (${line.replace('deepview-tui ', '')}): ${why} -->`];
    });
    lines.push('', ...marks, ...(marks.length > 0 ? [''] : []));
    lines.push('```sh', ...command.examples.flatMap(([line, meaning]) => [`# ${meaning}`, line]), '```');
  }
  return lines;
}

const networkTables = /(<!-- The tables .*? -->\n)[^]*?(<!-- The end of the tables. -->)/;

/** The text of docs/network.schema.json. */
const networkSchemaFile = ({ networkSchema }) => `${JSON.stringify(networkSchema(), undefined, 2)}\n`;

/** A table of the fields of a form. */
const fieldTableOf = (describe) => (fields) =>
  table(
    ['field', 'meaning', 'may be', 'otherwise'],
    Object.entries(fields).map(([name, { is, about, otherwise }]) => {
      const value =
        typeof otherwise === 'object'
          ? `\`${JSON.stringify(otherwise.value)}\``
          : otherwise
            ? 'may be left out'
            : 'needed';
      return [`\`${name}\``, about, describe(is), value];
    }),
  );

/** docs/network-files.md with its tables made anew. */
function networkFilesPage(page, { networkForm, describe }) {
  const fieldTable = fieldTableOf(describe);
  const kindsOf = (form) =>
    Object.entries(form.kinds).flatMap(([kind, { about, fields }]) => {
      const own = Object.fromEntries(Object.entries(fields).filter(([name]) => name !== 'name' && name !== 'from'));
      const rows = Object.keys(own).length > 0 ? ['', ...fieldTable(own)] : [];
      return ['', `**\`${kind}\`** ${about}`, ...rows];
    });
  const { layers, training } = networkForm.fields;
  const layerForm = layers.is.of;
  const { name, from } = layerForm.kinds.relu.fields;
  const inside = (field, form) => training.is.fields[field].is.of.find((one) => one.form === form);
  const parts = [
    ...['', '### The file', '', ...fieldTable(networkForm.fields)],
    ...[
      '',
      '### Layers',
      '',
      'Every layer has a `kind`, and may have:',
      '',
      ...fieldTable({ name, from }),
      ...kindsOf(layerForm),
    ],
    ...['', '### `training`', '', ...fieldTable(training.is.fields)],
    ...['', '### `training.optimiser`', ...kindsOf(inside('optimiser', 'kinds'))],
    ...['', '### `training.learningRate`', ...kindsOf(inside('learningRate', 'kinds'))],
    ...['', '### `training.earlyStopping`', '', ...fieldTable(training.is.fields.earlyStopping.is.fields)],
    ...['', '### `training.augmentation`', '', ...fieldTable(training.is.fields.augmentation.is.fields)],
  ];
  return page.replace(networkTables, (_, start, end) => `${start}${parts.join('\n')}\n\n${end}`);
}

/** A page with the lines between its marks made anew, by the name that each mark says. */
const withParts = (page, parts) =>
  page.replace(
    /(<!-- Made from the program: (\w+) -->\n)[^]*?(<!-- The end -->)/g,
    (_, start, name, end) => `${start}${parts[name].join('\n')}\n\n${end}`,
  );

/** docs/run-format.md with its tables made anew. */
function runFormatPage(page, { headerForm, recordForms, layerMetrics, scalarGroups, describe }) {
  const { network, dataset, probe, metrics, training } = headerForm.fields;
  const layers = network.is.fields.layers.is.of;
  const titled = Object.entries({
    'run.json': headerForm,
    network: network.is,
    'network.layers[]': layers,
    'network.layers[].receptiveField': layers.fields.receptiveField.is,
    dataset: dataset.is,
    'dataset.origin': dataset.is.fields.origin.is,
    probe: probe.is,
    'metrics.TAG': metrics.is.of,
    training: training.is,
    'a line of epochs.jsonl': recordForms.epoch,
  });
  const needs = { samples: 'samples', labels: 'samples and labels', weights: 'weights', gradients: 'gradients' };
  const parts = {
    fields: titled.flatMap(([title, { fields }]) => ['', `### ${title}`, '', ...fieldTableOf(describe)(fields)]),
    metrics: [
      '',
      ...table(
        ['id', 'symbol', 'what it says', 'of', 'source'],
        layerMetrics.map(({ id, symbol, meaning, needs: of, source }) => [
          `\`${id}\``,
          symbol,
          meaning,
          needs[of],
          source,
        ]),
      ),
    ],
    scalars: [
      '',
      ...table(
        ['group', 'label', 'better'],
        scalarGroups.map(({ group, label, better = '' }) => [`\`${group}\``, label, better]),
      ),
    ],
  };
  return withParts(page, parts);
}

/** docs/findings.md with its tables made anew. */
function findingsPage(page, { rules, thresholdTable }) {
  const parts = {
    rules: [
      '',
      ...table(
        ['rule', 'finding', 'what it usually means', 'what to try', 'source'],
        rules.map(({ id, label, means, tries, source }) => [`\`${id}\``, label, means, tries, source]),
      ),
    ],
    thresholds: [
      '',
      ...table(
        ['threshold', 'default', 'what it is'],
        thresholdTable.map(({ name, value, about }) => [`\`${name}\``, String(value), about]),
      ),
    ],
  };
  return withParts(page, parts);
}

/** The schema of a form, as the text of its file. */
const schemaFile = ({ jsonSchema }, title, form) => `${JSON.stringify(jsonSchema(title, form), undefined, 2)}\n`;

/** Every document that is made, by its path. */
export async function documents() {
  const tables = await loadTables();
  const files = 'docs/network-files.md';
  const runs = 'docs/run-format.md';
  const findings = 'docs/findings.md';
  const schemas = {
    'run.schema.json': schemaFile(tables, 'run.json of a deepview-tui run', tables.headerForm),
    'run-record.schema.json': schemaFile(tables, 'A line of epochs.jsonl of a deepview-tui run', {
      form: 'either',
      of: Object.values(tables.recordForms),
    }),
  };
  // The Python package checks what it writes by the same schemas, and is installed without these documents.
  const places = ['docs', 'python/src/deepview_tui/schemas'];
  return {
    'docs/commands.md': commandsPage(tables),
    'docs/network.schema.json': networkSchemaFile(tables),
    ...Object.fromEntries(
      places.flatMap((place) => Object.entries(schemas).map(([name, text]) => [`${place}/${name}`, text])),
    ),
    [runs]: runFormatPage(await readFile(join(root, runs), 'utf8'), tables),
    'docs/paper.md': await paperPage(),
    [findings]: findingsPage(await readFile(join(root, findings), 'utf8'), tables),
    [files]: networkFilesPage(await readFile(join(root, files), 'utf8'), tables),
  };
}

/** The text of docs/commands.md. */
function commandsPage(tables) {
  const { commands, globalOptions, settingForms, settingDefaults, variableFor, keyTable } = tables;
  const settings = Object.entries(settingForms).map(([name, form]) => [
    `\`${name}\``,
    `\`${variableFor(name)}\``,
    tables.describe(form),
    name in settingDefaults ? `\`${settingDefaults[name]}\`` : '',
  ]);
  const keySign = (key) => `\`${key === ' ' ? 'space' : key}\``;
  const places = new Map();
  for (const { keys: names, label, where } of keyTable) {
    const row = JSON.stringify([names.map(keySign).join(' '), label]);
    places.set(row, [...(places.get(row) ?? []), ...where]);
  }
  const keys = Array.from(places, ([row, where]) => [...JSON.parse(row), where.join(', ')]);
  return `${[
    '# Commands, options, settings and keys',
    '',
    '<!-- Made by `node scripts/generate-docs.mjs` from the tables that the program itself uses; edit those. -->',
    '',
    'RUN is a path, an id, the beginning of an id, `last`, or, for commands that only read, `demo`. The objects that `--json` prints are described in [json.md](json.md).',
    '',
    'Exit codes: 0 done, 1 failed, 2 the command line or a configuration file is wrong, 3 `data inspect` has something to remark on, `diagnose` finds a warning or worse, or `engine check` a difference, 4 data or a run cannot be read, 130 interrupted (Ctrl-C) or a training that was stopped before its end. A command that SIGTERM or a hang-up (SIGHUP) ends tidies up and dies of that signal, which a shell shows as 143 or 129.',
    '',
    '## Commands',
    ...commands.flatMap((command) => ['', ...commandSection(command, tables)]),
    '',
    '## Options of every command',
    '',
    ...table(
      ['option', 'meaning'],
      globalOptions.map((option) => [`\`${tables.optionForm(option)}\``, tables.optionMeaning(option)]),
    ),
    '',
    '## Settings',
    '',
    'Flags win over environment variables, these over `deepview-tui.config.json` in the working directory, this over the ' +
      "user's `deepview-tui/config.json` (in `$XDG_CONFIG_HOME` or `~/.config`), and that over the defaults. Both files hold " +
      'one JSON object with the keys below. `deepview-tui doctor` shows which value came from where.',
    '',
    ...table(['key', 'variable', 'may be', 'default'], settings),
    '',
    '## Keys',
    '',
    ...table(['keys', 'what they do', 'where'], keys),
  ].join('\n')}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [path, text] of Object.entries(await documents())) {
    const target = join(root, path);
    if (!process.argv.includes('--check')) await writeFile(target, text);
    else if ((await readFile(target, 'utf8').catch(() => '')) !== text) {
      process.stderr.write(`${path} is not up to date: run node scripts/generate-docs.mjs\n`);
      process.exitCode = 1;
    }
  }
}
