"""Recomputes a run's metrics from its stored samples with numpy alone, and compares.

    python3 recompute.py RUNDIR [SHOW_JSON]

RUNDIR is a run directory (docs/run-format.md). SHOW_JSON is the output of `deepview-tui show RUN --json`, whose layer
values are then compared too. Samples are stored in half precision, metrics are of the samples before that: each may
differ by what rounding can do. Exit status 1 if anything differs by more.
"""
import json
import pathlib
import sys
from itertools import combinations

import numpy as np

TYPES = {"F16": "<f2", "F32": "<f4", "F64": "<f8"}


def read_tensors(path):
    raw = path.read_bytes()
    length = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8 : 8 + length])
    header.pop("__metadata__", None)
    data = memoryview(raw)[8 + length :]
    return {
        name: np.frombuffer(data[slice(*entry["data_offsets"])], TYPES[entry["dtype"]]).reshape(entry["shape"])
        for name, entry in header.items()
    }


def distance(a, b):
    """2-Wasserstein distances of [n, C] and [n', C], per column: both are repeated to a common size and sorted."""
    size = np.lcm(len(a), len(b))
    a = np.repeat(np.sort(a, axis=0), size // len(a), axis=0)
    b = np.repeat(np.sort(b, axis=0), size // len(b), axis=0)
    return np.sqrt(np.mean((a - b) ** 2, axis=0))


def metrics(samples, labels):
    classes = [samples[labels == k] for k in np.unique(labels)]
    d = np.mean([distance(a, b) for a, b in combinations(classes, 2)], axis=0)
    return d, np.clip(samples, 0, 1).mean(axis=0)


def main(directory, shown):
    header = json.loads((directory / "run.json").read_text())
    labels = np.array(header["probe"]["labels"])
    worst, compared, epochs, wrong = 0.0, 0, 0, []
    for line in (directory / "epochs.jsonl").read_text().splitlines():
        record = json.loads(line)
        epoch = record["epoch"]
        tensors = read_tensors(directory / "epochs" / f"{epoch:06d}.safetensors")
        for place, layer in enumerate(header["network"]["layers"]):
            stored = tensors[f"{layer['index']}.samples"]
            by_class = stored.ndim == 3
            samples = stored.reshape(-1, layer["units"]).astype(np.float64)
            found = metrics(samples, np.sort(labels) if by_class else labels)
            # Rounding moves a sample by at most half a unit in the last place; a distance by twice that.
            unit = {"f2": 2.0**-11, "f4": 2.0**-24}[stored.dtype.str[1:]]
            allowed = 2 * unit * np.abs(samples).max() + 2.0**-24 + 1e-12
            for name, recomputed in zip(("discriminability", "density"), found):
                given = {"neurons": tensors[f"{layer['index']}.{name}"], "record": record["layers"][name][place]}
                if shown:
                    at = [one["epoch"] for one in shown["records"]].index(epoch)
                    given["show --json"] = shown["layers"][place]["metrics"][name][at]
                for where, value in given.items():
                    against = recomputed if where == "neurons" else recomputed.mean()
                    difference = float(np.abs(np.asarray(value) - against).max())
                    compared += np.size(value)
                    worst = max(worst, difference)
                    if not difference <= allowed:
                        wrong.append(f"epoch {epoch}, layer {layer['name']}, {name} ({where}): off by {difference:.3g}")
        epochs += 1
    if epochs == 0:
        wrong.append("the run has no epochs")
    print(f"{compared} values of {epochs} epochs compared, largest difference {worst:.3g}")
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    output = json.loads(pathlib.Path(sys.argv[2]).read_text()) if len(sys.argv) == 3 else None
    sys.exit(main(pathlib.Path(sys.argv[1]), output))
