"""Makes the runs in `recorded/` beside it, by the Python recorder from real trainings that end in many ways, with what is
to be read of each in `recorded/NAME.json`: its state and numbers, computed here once more from the model's answers.

    python3 record.py [FOLDER]

needs torch, and the recorder in python/src or installed. Readers are to read them so, and the recorder's tests make them
anew: what it writes has to be the same.
"""
import datetime
import json
import math
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import warnings

here = pathlib.Path(__file__).parent
sys.path[:0] = [str(here), str(here.parents[3] / "python/src")]

import torch  # noqa: E402
from make import density, discriminability, mean  # noqa: E402
from torch import nn  # noqa: E402

import deepview_tui as dv  # noqa: E402

CASES = ("finished", "not-finite", "bf16", "resumed", "preempted", "interrupted", "rank-killed")
LABELS = torch.tensor([0, 1, 2, 0, 1, 2])
#: Small parts of two: sums of them are exact, on every machine.
PROBE = ((torch.arange(24) * 7 % 16).reshape(6, 4) - 8).float() / 4


def network(dtype=torch.float32):
    model = nn.Sequential(nn.Linear(4, 3), nn.ReLU())
    with torch.no_grad():
        model[0].weight.copy_((torch.arange(12) * 5 % 8).reshape(3, 4) / 8 - 0.5)
        model[0].bias.copy_(torch.tensor([0.25, -0.5, -8.0]))
    return model.to(dtype)


def told(values):
    """The metrics of one layer's answers, from their definitions."""
    rows = values.detach().float().tolist()
    broken = sum(not math.isfinite(one) for row in rows for one in row)
    if broken:
        return {"nonfinite": broken, "discriminability": None, "density": None, "active": None, "dead": None}
    silent = [all(row[c] == 0 for row in rows) for c in range(3)]
    return {
        "nonfinite": None,
        "discriminability": mean(discriminability(rows, LABELS.tolist())),
        "density": mean(density(rows)),
        "active": mean([row[c] > 0 for row in rows for c in range(3)]),
        "dead": mean(silent),
    }


class Training:
    """A network that is trained and recorded, and what its records are to say."""

    def __init__(self, directory, dtype=torch.float32, **options):
        self.model, self.expected = network(dtype), []
        self.called = self.model if "RANK" not in os.environ else nn.parallel.DistributedDataParallel(self.model)
        self.optimiser = torch.optim.SGD(self.model.parameters(), 0.5)
        self.recorder = dv.watch(
            self.called, probe=(PROBE, LABELS), classes=["a", "b", "c"], run=directory, name="tiny", epochs=3,
            strict=True, **options
        )

    def epoch(self, number, loss=None):
        self.optimiser.zero_grad()
        self.called(PROBE.to(self.model[0].weight.dtype)).float().square().sum().div(64).backward()
        self.optimiser.step()
        layers = [told(self.model[:count](PROBE.to(self.model[0].weight.dtype))) for count in (1, 2)]
        loss = 1 / number if loss is None else loss
        by_metric = {metric: [one[metric] for one in layers] for metric in layers[0]}
        self.expected = [one for one in self.expected if one["number"] < number]
        # A metric of no layer is not there.
        named = {metric: of if any(one is not None for one in of) else None for metric, of in by_metric.items()}
        scalars = {"loss/train": loss if math.isfinite(loss) else "NaN"}
        self.expected.append({"number": number, "scalars": scalars, "layers": named})
        self.recorder.log(epoch=number, loss={"train": loss})


def record(case, directory, part):
    """One process of a case; what it expects it prints."""
    if case == "rank-killed":
        torch.distributed.init_process_group("gloo", timeout=datetime.timedelta(seconds=120))
    goes_on = part == "second"
    training = Training(directory, torch.bfloat16 if case == "bf16" else torch.float32, resume=goes_on)
    # What a job that was requeued loads is as after the first epoch.
    epochs = (1, 2, 3) if not goes_on else (2, 3)
    try:
        with training.recorder:
            for epoch in epochs:
                if case == "not-finite" and epoch == 2:
                    with torch.no_grad():
                        training.model[0].weight[1, 2] = math.nan
                if case == "rank-killed" and epoch == 3 and os.environ["RANK"] == "1":
                    os.kill(os.getpid(), signal.SIGKILL)
                training.epoch(epoch, math.nan if case == "not-finite" and epoch == 2 else None)
                if case == "interrupted" and epoch == 2:
                    raise KeyboardInterrupt
                if part == "first" and epoch == 2:
                    break
        # Half of an epoch longer than its checkpoint, when it was ended.
    except (KeyboardInterrupt, RuntimeError):
        pass
    print(json.dumps(training.expected), flush=True)
    if case == "preempted" and part == "first":
        os.kill(os.getpid(), signal.SIGKILL)
    os._exit(0)


def make(case, out):
    directory = out / case
    shutil.rmtree(directory, ignore_errors=True)
    parts = {"resumed": ("first", "second"), "preempted": ("first", "second"), "rank-killed": ("0", "1")}
    ports = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(20000 + os.getpid() % 20000), "WORLD_SIZE": "2"}
    expected, running = [], []
    for part in parts.get(case, ("only",)):
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "", "PYTHONWARNINGS": "ignore"}
        if case == "rank-killed":
            environment |= {**ports, "RANK": part}
        command = [sys.executable, __file__, "--one", case, str(directory), part]
        running.append(subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True))
        if case != "rank-killed":
            running[-1].wait()
    for process in running:
        lines = (process.communicate()[0] or "[]").strip().splitlines()[-1:]
        records = json.loads(lines[0]) if lines else []
        begin = records[0]["number"] if records else math.inf
        expected = [one for one in expected if one["number"] < begin] + records
    if case == "rank-killed":
        # The epoch in which the other rank went was not recorded.
        expected = expected[:2]
    # Of no machine and time, so that they are read as long over everywhere.
    for name in ("status.json", "lock.json"):
        path = directory / name
        if path.exists():
            fields = {"host": "gpu17", "machine": "gpu17", "updatedAt": "2026-01-01T00:00:00.000Z"}
            found = json.loads(path.read_text())
            path.write_text(json.dumps({**found, **{key: one for key, one in fields.items() if key in found}}) + "\n")
    states = {"interrupted": "stopped", "rank-killed": "failed"}
    text = json.dumps({"state": states.get(case, "finished"), "records": expected}, indent=2)
    (out / f"{case}.json").write_text(text + "\n")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    if sys.argv[1:2] == ["--one"]:
        record(sys.argv[2], sys.argv[3], sys.argv[4])
    for case in CASES:
        make(case, pathlib.Path(sys.argv[1]) if sys.argv[1:] else here / "recorded")
