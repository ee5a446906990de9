/**
 * Top-1 accuracies on CIFAR-10's test images that the paper states (its Fig. 4), 0..1, by preset. It states none for
 * the networks with batch normalisation after every convolution.
 */
export const paperAccuracies: ReadonlyMap<string, number> = new Map([
  ['shallow', 0.7491],
  ['lenet', 0.8024],
  ['lenet-w', 0.778],
  ['lenet-d', 0.7971],
  ['lenet-w-bn', 0.824],
  ['lenet-sig1', 0.7457],
  ['lenet-sig4', 0.8007],
  ['lenet-sig4-bn', 0.8236],
  ['nin', 0.8916],
]);
