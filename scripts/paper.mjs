// Trains the paper's lenet and shallow, each from several seeds, and keeps what is to be said of them:
//     node scripts/paper.mjs DIRECTORY [COMMIT]
// trains what DIRECTORY lacks (with the built program), and writes docs/paper/results.json and the tables of
// docs/paper.md that generate-docs.mjs makes of it. COMMIT is that of the program that trained; by default this one.
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { loadTypeScript, root } from './load-typescript.mjs';

const plan = { networks: ['lenet', 'shallow'], seeds: [1, 2, 3], epochs: 15, images: 16_000 };
/** Neurons of the last layer that the paper speaks of. */
const named = ['bird', 'cat', 'dog'];

const resultsFile = join(root, 'docs/paper/results.json');
const rounded = (value) => Number(value.toPrecision(5));

// What the runs say.

async function measured(directory, tools) {
  const { openRun, openRunImages, readFeatures, readHeader, pathsFor, scalar } = tools;
  const header = await readHeader(directory);
  const run = await openRun(directory);
  const { labels } = await openRunImages(directory, header, pathsFor(process.env));
  const layer = header.network.layers.at(-1);
  const { image, perNeuron } = await readFeatures(directory, header, plan.epochs, layer);
  const { classes } = header.dataset;
  const strongest = named.map((name) => {
    const neuron = classes.indexOf(name);
    const seen = Array.from(image.subarray(neuron * perNeuron, (neuron + 1) * perNeuron), (at) => classes[labels[at]]);
    const counted = (most) =>
      Object.fromEntries(classes.map((one) => [one, seen.slice(0, most).filter((it) => it === one).length]));
    return [name, { five: seen.slice(0, 5), hundred: counted(100), thousand: counted(1000) }];
  });
  return {
    network: header.network.name,
    seed: header.seed,
    machine: header.machine,
    engine: `${header.engine.name} ${header.engine.version} on the ${header.engine.device}`,
    accuracy: run.records.map((record) => rounded(1 - scalar(record, 'error/validation'))),
    loss: run.records.map((record) => rounded(scalar(record, 'loss/validation'))),
    discriminability: run.records.map(({ layers }) => layers.discriminability.map(rounded)),
    strongest: Object.fromEntries(strongest),
  };
}

async function results(directory, commit) {
  const tools = await loadTypeScript(
    [
      'src/engine/run/index.ts',
      'src/engine/run/records.ts',
      'src/engine/run/format.ts',
      'src/engine/analysis/run-images.ts',
      'src/engine/base/paths.ts',
    ],
    { packages: 'external' },
  );
  const runs = [];
  for (const network of plan.networks) {
    for (const seed of plan.seeds) {
      const { epochs, images } = plan;
      const options = [
        '--epochs',
        epochs,
        '--limit',
        images,
        '--seed',
        seed,
        '--deterministic',
        '--engine',
        'tensorflow',
      ];
      const command = [
        join(root, 'dist/cli.js'),
        'reproduce',
        network,
        ...options.map(String),
        '--directory',
        directory,
      ];
      execFileSync(process.execPath, command, { stdio: 'inherit' });
      const own = seed === 1 ? '' : `-seed${seed}`;
      const name = `reproduce-${network}-epochs${epochs}-limit${images}${own}-deterministic`;
      runs.push(await measured(join(directory, name), tools));
    }
  }
  return { commit, ...plan, runs };
}

// What is said of them.

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
/** Of a sample. */
const deviation = (values) =>
  Math.sqrt(values.reduce((sum, value) => sum + (value - mean(values)) ** 2, 0) / (values.length - 1));
const percent = (share, digits = 1) => (share * 100).toFixed(digits);
const spread = (values, show) => `${show(mean(values))} ± ${show(deviation(values))}`;
const list = (values) => values.join(', ');
const table = (head, rows) => {
  const [first, ...others] = [head, ...rows].map((row) => `| ${row.join(' | ')} |`);
  return [first, `|${head.map(() => '---').join('|')}|`, ...others].join('\n');
};

/** How many layers a run has whose discriminability grew from the first to the last epoch. */
const risen = ({ discriminability }) =>
  discriminability.at(-1).filter((value, layer) => value > discriminability[0][layer]).length;
const layersOf = ({ discriminability }) => discriminability[0].length;
/** The share of steps from one epoch to the next in which a layer's discriminability falls. */
const falling = ({ discriminability }) =>
  mean(
    discriminability
      .slice(1)
      .flatMap((values, epoch) => values.map((value, layer) => (value < discriminability[epoch][layer] ? 1 : 0))),
  );
const lastOf = (layer) => (run) => run.discriminability.at(-1)[layer - 1];
const others = (counts, own) => Object.entries(counts).filter(([name]) => name !== own);

/** The paper's statements, whether these trainings bear them out, each seed by itself, and the numbers. */
function statements({ runs }) {
  const [lenet, shallow] = plan.networks.map((name) => runs.filter(({ network }) => network === name));
  const all = [...lenet, ...shallow];
  /** Whether every lenet is above every shallow. */
  const above = (value) => Math.min(...lenet.map(value)) > Math.max(...shallow.map(value));
  const both = (value, show) =>
    `lenet ${list(lenet.map((run) => show(value(run))))}; shallow ${list(shallow.map((run) => show(value(run))))}`;
  const fixed = (digits) => (value) => value.toFixed(digits);
  const own = (name) => (run) => run.strongest[name].hundred[name];
  return [
    {
      said: 'lenet is more accurate than shallow',
      holds: above((run) => run.accuracy.at(-1)),
      numbers: `${both(
        (run) => run.accuracy.at(-1),
        (share) => percent(share),
      )} %`,
    },
    {
      said: 'Discriminability rises over the epochs in most layers',
      holds: all.every((run) => risen(run) > layersOf(run) / 2),
      numbers: both(
        (run) => run,
        (run) => `${risen(run)} of ${layersOf(run)} layers`,
      ),
    },
    {
      said: 'It is less stable in shallow than in lenet',
      holds: Math.max(...lenet.map(falling)) < Math.min(...shallow.map(falling)),
      numbers: `steps from one epoch to the next in which a layer's falls: ${both(falling, (share) => percent(share, 0))} %`,
    },
    ...[1, 4].map((layer) => ({
      said:
        layer === 1
          ? "The first layer's neurons are better in lenet than in shallow"
          : "The second convolution's neurons (layer 4) are better in lenet than in shallow",
      holds: above(lastOf(layer)),
      numbers: `discriminability of layer ${layer}: ${both(lastOf(layer), fixed(2))}`,
    })),
    ...named.map((name) => ({
      said: `lenet's ${name} neuron is clearer than shallow's`,
      holds: above(own(name)),
      numbers: `${name}s among its 100 strongest images: ${both(own(name), String)}`,
    })),
    {
      said: "shallow's cat neuron also responds to dogs",
      holds: shallow.every(({ strongest: { cat } }) =>
        others(cat.thousand, 'cat').every(([, count]) => count <= cat.thousand.dog),
      ),
      numbers: `dogs among its 1 000 strongest images: ${list(shallow.map((run) => run.strongest.cat.thousand.dog))}, more than any class but cats`,
    },
    {
      said: "shallow's dog neuron also responds to horses",
      holds: shallow.every(({ strongest: { dog } }) => dog.thousand.horse > 120),
      numbers: `horses among its 1 000 strongest images: ${list(shallow.map((run) => run.strongest.dog.thousand.horse))}, where chance has 100 ± 9`,
    },
    {
      said: "shallow's bird neuron: the five strongest are all birds",
      holds: shallow.every((run) => run.strongest.bird.five.every((name) => name === 'bird')),
      numbers: 'of each seed',
    },
  ];
}

/** docs/paper.md with its tables made of the results. */
export async function paperPage() {
  const found = JSON.parse(await readFile(resultsFile, 'utf8'));
  const { runs, networks, seeds, epochs, images, commit } = found;
  const [{ machine, engine }] = runs;
  const of = (name) => runs.filter(({ network }) => network === name);
  const said = statements(found);
  const went = said.filter(({ holds }) => !holds).length;
  const depth = Math.max(...runs.map(layersOf));
  const cell = (name, layer, epoch) => {
    const values = of(name).map(({ discriminability }) => discriminability.at(epoch)[layer]);
    return values.includes(undefined) ? '' : spread(values, (value) => value.toFixed(2));
  };
  const parts = {
    trainings: [
      table(
        ['what', 'which'],
        [
          ['networks, seeds', `${list(networks)}, each from the seeds ${list(seeds)}`],
          ['images', `the first ${images} training images of CIFAR-10 (of 50000), all 10000 validation images`],
          ['epochs', `${epochs} (of 45), all at the rate of the first 30, 0.05`],
          ['machine', `${machine.cpu}, ${machine.cores} cores`],
          ['engine', `${engine}, ${machine.threads} threads (\`--deterministic\`)`],
          ['program', `commit ${commit}`],
        ],
      ),
    ],
    accuracies: [
      table(
        ['network', 'validation top-1 accuracy, %', 'each seed', 'validation loss'],
        networks.map((name) => {
          const last = of(name).map(({ accuracy }) => accuracy.at(-1));
          const losses = of(name).map(({ loss }) => loss.at(-1));
          return [
            name,
            spread(last, (share) => percent(share)),
            list(last.map((share) => percent(share))),
            spread(losses, (value) => value.toFixed(2)),
          ];
        }),
      ),
    ],
    layers: [
      table(
        ['layer', ...networks.flatMap((name) => [`${name}: epoch 1`, `epoch ${epochs}`])],
        Array.from({ length: depth }, (_, layer) => [
          layer + 1,
          ...networks.flatMap((name) => [cell(name, layer, 0), cell(name, layer, -1)]),
        ]),
      ),
    ],
    statements: [
      table(
        ['the paper says', 'and these runs'],
        said.filter(({ holds }) => holds).map(({ said: words, numbers }) => [words, numbers]),
      ),
      '',
      `${went} of the ${said.length} statements that were looked at are not borne out by every seed, and are left out.`,
    ],
  };
  return (await readFile(join(root, 'docs/paper.md'), 'utf8')).replace(
    /(<!-- Made by scripts\/paper\.mjs: (\w+) -->\n)[^]*?(<!-- The end -->)/g,
    (_, start, name, end) => `${start}\n${parts[name].join('\n')}\n\n${end}`,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [directory, commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root }).toString().trim()] =
    process.argv.slice(2);
  if (!directory) {
    process.stderr.write('usage: node scripts/paper.mjs DIRECTORY [COMMIT]\n');
    process.exit(2);
  }
  const found = JSON.stringify(await results(resolve(directory), commit));
  await writeFile(resultsFile, await format(found, { ...(await resolveConfig(resultsFile)), parser: 'json' }));
  await writeFile(join(root, 'docs/paper.md'), await paperPage());
}
