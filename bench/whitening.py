"""Whitens CIFAR-10 with numpy's full eigen-decomposition; compares 500 validation images with those on standard input.

Usage: whitening.py DIRECTORY, which holds train.bin and validation.bin. Prints one JSON object.
"""

import json
import sys
import time

import numpy as np

directory = sys.argv[1]
theirs = np.frombuffer(sys.stdin.buffer.read(), dtype="<f4").reshape(500, 3072)
start = time.perf_counter()
train = np.fromfile(f"{directory}/train.bin", dtype=np.uint8)[: 50000 * 3072].reshape(50000, 3072)
validation = np.fromfile(f"{directory}/validation.bin", dtype=np.uint8)[: 10000 * 3072].reshape(10000, 3072)
mean = np.zeros(3072)
for at in range(0, 50000, 2500):
    mean += train[at : at + 2500].sum(0, dtype=np.float64)
mean /= 50000


def contrasted(images, scale=None):
    z = images - mean
    z -= z.mean(1, keepdims=True)
    n = z.std(1, ddof=1)
    return (z, n) if scale is None else z * (scale / np.maximum(n, 40))[:, None]


deviations = [contrasted(part[at : at + 2500])[1] for part in (train, validation) for at in range(0, len(part), 2500)]
scale = np.concatenate(deviations).mean()
covariance = np.zeros((3072, 3072))
for at in range(0, 50000, 2500):
    z = contrasted(train[at : at + 2500], scale)
    covariance += z.T @ z
d, v = np.linalg.eigh(covariance / 50000)
e = np.sqrt(d.mean())
whitening = (v * (e / np.maximum(np.sqrt(np.maximum(d, 0)), 10))) @ v.T
for part in (train, validation):
    for at in range(0, len(part), 2500):
        whitened = contrasted(part[at : at + 2500], scale) @ whitening
seconds = time.perf_counter() - start
ours = contrasted(validation[:500], scale) @ whitening
print(
    json.dumps(
        {
            "seconds": seconds,
            "largest": float(np.abs(ours).max()),
            "deviation": float(np.sqrt(((theirs - ours) ** 2).mean() / (ours**2).mean())),
            "largestDeviation": float(np.abs(theirs - ours).max()),
        }
    )
)
