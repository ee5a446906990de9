/** A run whose rates are all zero: the network is measured and stays as it is, statistics of normalisation included. */
export const onlyMeasures = ({ learningRate }: { learningRate: readonly number[] }): boolean =>
  learningRate.length > 0 && learningRate.every((rate) => rate === 0);
