/** A layer's strongest positions, strongest first; of equals the image with the lowest number. */
export interface Features {
  neurons: number;
  /** Patches a neuron. */
  perNeuron: number;
  /** [neurons, perNeuron] each; image (of the validation images) -1 where a neuron is active for fewer. */
  image: Int32Array;
  /** Positions in the layer's output. */
  y: Int32Array;
  x: Int32Array;
  activation: Float32Array;
}
