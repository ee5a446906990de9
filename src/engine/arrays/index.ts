export { openArrays } from './array-file.ts';
export { arrayError, elementsOf, readArray, type ArraySource, type NumericArray } from './array-source.ts';
export { type ElementArray, type ElementType } from './element-type.ts';
export { decodeFloat16, encodeFloat16, float16Bits, float16Max } from './float16.ts';
export { openNpy, openNpz, type ArrayFile, type TextSource } from './npy.ts';
export { encodeNpy } from './npy-writer.ts';
export { encodeSafetensors, openSafetensors, type SafetensorsFile, type TensorToWrite } from './safetensors.ts';
export { spatialMeans, type SpatialMeans } from './spatial-mean.ts';
