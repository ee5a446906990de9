"""The peer of metrics.ts: discriminability by numpy, one thread. A line "discriminability FILE N C m" or "w2 FILE n" is
answered with {"milliseconds", "result"}."""
import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
import json
import sys
import time
from itertools import combinations

import numpy as np

for line in sys.stdin:
    job, path, *sizes = line.split()
    sizes = [int(n) for n in sizes]
    values = np.fromfile(path, dtype=np.float32).astype(np.float64)
    start = time.perf_counter()
    if job == "discriminability":
        images, neurons, classes = sizes
        theta = np.sort(values.reshape(classes, -1, neurons), axis=1)
        pairs = combinations(range(classes), 2)
        result = np.mean([np.sqrt(np.mean((theta[k] - theta[l]) ** 2, axis=0)) for k, l in pairs], axis=0).mean()
    else:
        a, b = np.sort(values[: sizes[0]]), np.sort(values[sizes[0] :])
        result = np.sqrt(np.mean((a - b) ** 2))
    spent = (time.perf_counter() - start) * 1000
    print(json.dumps({"milliseconds": spent, "result": float(result)}), flush=True)
