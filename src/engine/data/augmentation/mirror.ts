/**
 * Mirrors every image of a batch left-right, in place.
 * @param images [B, H, W, C] row-major
 * @param shape [B, H, W, C]
 */
export function mirrorInPlace(images: Float32Array, shape: readonly [number, number, number, number]): void {
  const [count, height, width, channels] = shape;
  if (images.length !== count * height * width * channels) {
    throw new RangeError(`mirror: ${images.length} values are not [${shape.join(', ')}]`);
  }
  const row = width * channels;
  for (let start = 0; start < images.length; start += row) {
    let left = start;
    let right = start + row - channels;
    while (left < right) {
      for (let channel = 0; channel < channels; channel++) {
        const held = images[left + channel];
        images[left + channel] = images[right + channel]!;
        images[right + channel] = held;
      }
      left += channels;
      right -= channels;
    }
  }
}
