"""The peer of augmentation.ts: numpy and PyTorch do the same kinds of work on [100, 32, 32, 3] float32. Reads a line
an operation, answers with its milliseconds (the median of 30) as JSON."""

import json
import sys
import time

import numpy as np
import torch

torch.set_num_threads(1)
generator = np.random.default_rng(1)
images = generator.normal(0, 40, (100, 32, 32, 3)).astype(np.float32)
planes = torch.from_numpy(images).permute(0, 3, 1, 2).contiguous()


def mirror():
    flags = generator.random(100) < 0.5
    batch = images.copy()
    batch[flags] = batch[flags, :, ::-1]
    return batch


def shift():
    batch = np.empty_like(images)
    for index, (down, right) in enumerate(generator.integers(-4, 5, (100, 2))):
        padded = np.pad(images[index], ((4, 4), (4, 4), (0, 0)), "edge")
        batch[index] = padded[4 - down : 36 - down, 4 - right : 36 - right]
    return batch


def crop():
    side = torch.from_numpy(np.sqrt(generator.uniform(0.6, 1, 100)).astype(np.float32))
    move = (1 - side)[:, None] * torch.from_numpy(generator.uniform(-1, 1, (100, 2)).astype(np.float32))
    theta = torch.zeros(100, 2, 3)
    theta[:, 0, 0] = theta[:, 1, 1] = side
    theta[:, :, 2] = move
    grid = torch.nn.functional.affine_grid(theta, planes.shape, align_corners=False)
    return torch.nn.functional.grid_sample(planes, grid, "bilinear", "border", align_corners=False)


def colour():
    brightness, contrast, saturation = (
        np.float32(middle) + generator.uniform(-0.2, 0.2, (100, 1, 1, 1)).astype(np.float32) for middle in (0, 1, 1)
    )
    mean, deviation = images.mean((1, 2, 3), keepdims=True), images.std((1, 2, 3), keepdims=True)
    grey = images.mean(-1, keepdims=True)
    return mean + brightness * deviation + contrast * (grey + saturation * (images - grey) - mean)


def everything():
    return [work() for work in (mirror, crop, shift, colour)]


works = {"mirror": mirror, "shift": shift, "crop": crop, "colour": colour, "all": everything}
for line in sys.stdin:
    work = works[line.strip()]
    times = []
    for _ in range(30):
        start = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - start))
    print(json.dumps(sorted(times)[len(times) // 2]), flush=True)
