/** Bounds on anything read from outside. Whatever exceeds them is refused by name before memory is taken for it. */
export const limits = {
  /** Layers of a network. */
  layers: 4096,
  /** Neurons of one layer. */
  neurons: 65_536,
  /** Neurons of a layer whose distances are computed: a matrix of them takes 128 MiB. */
  clusteredNeurons: 4096,
  /** Bytes of the Gram matrices that layers of two runs are compared by: of 60 layers and 1 000 images 120 MB. */
  geometries: 256 * 2 ** 20,
  /** Values that a layer of a network file gives for one image. */
  layerValues: 2 ** 24,
  /** Parameters of a network file: with their gradients and an optimiser's values they take 16 bytes each. */
  parameters: 2 ** 28,
  /** Bytes of a network file. */
  networkFileBytes: 4 * 2 ** 20,
  classes: 4096,
  /** Cores of a machine, and threads of an engine. */
  threads: 65_536,
  epochs: 1_000_000,
  /** Steps of a training: batches learned from. */
  steps: 1e12,
  /** Images of a probe set. */
  probe: 100_000,
  /** Characters of any name that is shown. */
  nameLength: 200,
  /** Bytes of one line of a run's epochs.jsonl, and of a run's run.json. */
  jsonBytes: 64 * 2 ** 20,
  /** Bytes of a small file of text: settings, a status, a lock, certificates, another tool's settings. */
  textBytes: 2 ** 20,
  /** Bytes of a safetensors header. */
  tensorHeaderBytes: 16 * 2 ** 20,
  /** Bytes of one array read into memory. */
  arrayBytes: 8 * 2 ** 30,
  /** Images of a data set. */
  images: 10_000_000,
  /** Height and width that images are trained at. */
  imageSide: 224,
  /** Bytes of one image file, and pixels that it may unpack to: cameras make 61 million. */
  imageFileBytes: 256 * 2 ** 20,
  imageFilePixels: 2 ** 26,
  /** Folders within a class folder. */
  folderDepth: 16,
} as const;
