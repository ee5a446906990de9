"""The peer of data.ts: numpy prepares the same bytes. Reads raw pixels [N, 3072] of the two parts; prints JSON."""

import json
import sys
import time

import numpy as np

train_file, validation_file, train_count, validation_count = sys.argv[1:5]
size = 3072


def read(path, count):
    return np.fromfile(path, np.uint8, int(count) * size).reshape(-1, size)


def timed(work, rounds):
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        result = work()
        times.append(1000 * (time.perf_counter() - start))
    return sorted(times)[len(times) // 2], result


train, validation = read(train_file, train_count), read(validation_file, validation_count)


def statistics():
    mean_image = train.mean(0, dtype=np.float64)
    means, deviations = [], []
    for part in (train, validation):
        for start in range(0, len(part), 1000):
            centred = part[start : start + 1000] - mean_image
            means.append(centred.mean(1))
            deviations.append(centred.std(1, ddof=1))
    mean, deviation = np.concatenate(means), np.concatenate(deviations)
    return mean_image, mean, deviation.mean() / np.maximum(deviation, 40)


statistics_ms, (mean_image, mean, scale) = timed(statistics, 1)
mean_image, mean, scale = (x.astype(np.float32) for x in (mean_image, mean, scale))
indices = (np.arange(100) * 7919) % len(train)


def fill():
    return (train[indices] - mean_image - mean[indices, None]) * scale[indices, None]


fill_ms, batch = timed(fill, 50)
print(json.dumps({"numpy": np.__version__, "statistics": statistics_ms, "fill": fill_ms, "checksum": float(np.abs(batch).mean())}))
