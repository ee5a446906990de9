import { expect, it } from 'vitest';
import { nativeSettings } from '../../../src/engine/backend/threads.ts';

it('shows the library one GPU alone, the first that the user allows, of whose memory it takes what it needs', () => {
  expect(nativeSettings({})).toMatchObject({ CUDA_VISIBLE_DEVICES: '0', TF_FORCE_GPU_ALLOW_GROWTH: 'true' });
  for (const [given, shown] of [
    ['2,3', '2'],
    ['GPU-5a1e,GPU-77', 'GPU-5a1e'],
    ['', ''],
    ['-1', '-1'],
  ]) {
    expect(nativeSettings({ CUDA_VISIBLE_DEVICES: given }).CUDA_VISIBLE_DEVICES).toBe(shown);
  }
  expect(nativeSettings({ TF_FORCE_GPU_ALLOW_GROWTH: 'false' }).TF_FORCE_GPU_ALLOW_GROWTH).toBe('false');
});
