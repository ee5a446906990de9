"""Trainings of two processes: what is recorded is what one process records."""

import json
import os
import signal
import subprocess
import sys

import numpy as np
import pytest
from safetensors.numpy import load_file

import deepview_tui as dv

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.skipif(not torch.distributed.is_available(), reason="this torch is not distributed")

SCRIPT = """
import os, signal, sys, warnings
import torch
import torch.distributed as dist
from torch import nn
import deepview_tui as dv

directory, way, what = sys.argv[1:]
torch.set_num_threads(1)
rank, size = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
if size > 1:
    dist.init_process_group("gloo")
torch.manual_seed(0)
x = torch.rand(11, 3, 8, 8)
y = torch.arange(11) % 3
model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 6, 3), nn.ReLU(), nn.Flatten(), nn.Linear(96, 3))
ranks = "auto"
if way.startswith("ddp"):
    model = nn.parallel.DistributedDataParallel(model)
    ranks = "all" if way == "ddp, all" else "auto"
elif way == "fsdp2":
    from torch.distributed.fsdp import fully_shard
    from torch.distributed.device_mesh import init_device_mesh
    mesh = init_device_mesh("cpu", (size,))
    for one in model:
        if list(one.parameters()):
            fully_shard(one, mesh=mesh)
    fully_shard(model, mesh=mesh)
optimiser = torch.optim.SGD(model.parameters(), 0.1)

def train(record):
    for epoch in (1, 2):
        # Each rank has the same batch, so that one process learns the same.
        optimiser.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        if what == "kill" and epoch == 2 and rank == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        optimiser.step()
        record(epoch)

if what == "rank 0 alone":
    if rank == 0:
        recorder = dv.watch(model, probe=(x, y), run=directory, strict=True)
        train(lambda epoch: recorder.log(epoch=epoch))
        recorder.close()
    else:
        train(lambda epoch: None)
elif what == "full disk":
    watched = dv.watch(model, probe=(x, y), run=directory, ranks=ranks)
    with warnings.catch_warnings(record=True) as told, watched as recorder:
        warnings.simplefilter("always")
        def record(epoch):
            if rank == 0 and epoch == 2:
                recorder.run.end_recording(OSError("the disk is full"))
            recorder.log(epoch=epoch)
        train(record)
        train(lambda epoch: recorder.log())
    told = [str(one.message) for one in told if issubclass(one.category, dv.RecordingWarning)]
    assert len(told) == 1, told
elif what == "large images":
    import deepview_tui.torch.recorder
    deepview_tui.torch.recorder.SHEET_PIXELS = 100
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        with dv.watch(model, probe=(x, y), run=directory, ranks=ranks) as recorder:
            train(lambda epoch: recorder.log(epoch=epoch))
    told = [one for one in told if issubclass(one.category, dv.RecordingWarning)]
    assert len(told) == (rank == 0), told
else:
    with dv.watch(model, probe=(x, y), run=directory, ranks=ranks, epochs=2, strict=True) as recorder:
        train(lambda epoch: recorder.log(epoch=epoch, loss={"train": 1.0}))
if size > 1:
    dist.destroy_process_group()
    # Gloo's threads are still ending; torn down under them, the interpreter is sometimes ended by SIGABRT.
    sys.stderr.flush()
    os._exit(0)
"""


def started(directory, way, what="train", processes=2):
    ports = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(20000 + os.getpid() % 20000), "WORLD_SIZE": str(processes)}
    return [
        subprocess.Popen(
            [sys.executable, "-c", SCRIPT, directory, way, what],
            env={**os.environ, **(ports if processes > 1 else {}), "RANK": str(rank), "CUDA_VISIBLE_DEVICES": ""},
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(processes)
    ]


def ended(processes):
    told = [one.communicate(timeout=300)[1] for one in processes]
    assert [one.returncode for one in processes] == [0] * len(processes), "\n".join(told)


def records(directory):
    return [json.loads(line) for line in (directory / "epochs.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    directory = tmp_path_factory.mktemp("alone")
    ended(started(directory, "alone", processes=1))
    return directory


@pytest.mark.parametrize(
    ("way", "what"), [("ddp", "train"), ("ddp", "rank 0 alone"), ("ddp, all", "train"), ("fsdp2", "train")]
)
def test_two_processes_record_what_one_does(tmp_path, alone, way, what):
    ended(started(tmp_path, way, what))
    assert dv.check_run(tmp_path) == []
    for epoch in (1, 2):
        name = f"epochs/{epoch:06d}.safetensors"
        one, two = load_file(alone / name), load_file(tmp_path / name)
        assert one.keys() == two.keys()
        for tensor, values in one.items():
            np.testing.assert_allclose(two[tensor], values, rtol=2e-3, atol=1e-5)
    one, two = records(alone)[1]["layers"], records(tmp_path)[1]["layers"]
    assert one.keys() == two.keys()
    for metric, values in one.items():
        for a, b in zip(values, two[metric], strict=True):
            assert (a is None and b is None) or b == pytest.approx(a, rel=1e-4)
    if what == "train":
        names = "features/000002/01.safetensors"
        for tensor, values in load_file(alone / names).items():
            np.testing.assert_allclose(load_file(tmp_path / names)[tensor], values, rtol=1e-3)
    told = json.loads((tmp_path / "run.json").read_text())
    assert told["network"]["parameters"] == 625 and told["network"]["name"] == "sequential"


def test_a_killed_rank_does_not_hang_the_others(tmp_path):
    first, second = started(tmp_path, "ddp, all", "kill")
    assert first.communicate(timeout=300)[1]
    assert second.wait(timeout=300) == -signal.SIGKILL
    assert first.returncode != 0
    assert [one["epoch"] for one in records(tmp_path)] == [1]
    assert json.loads((tmp_path / "status.json").read_text())["state"] == "failed"


def test_a_rank_that_can_write_no_more_ends_recording_for_all(tmp_path):
    ended(started(tmp_path, "ddp, all", "full disk"))
    assert [one["epoch"] for one in records(tmp_path)] == [1]


def test_ranks_leave_out_patches_together(tmp_path):
    ended(started(tmp_path, "ddp, all", "large images"))
    assert [one["epoch"] for one in records(tmp_path)] == [1, 2]
    assert not (tmp_path / "features").exists()
