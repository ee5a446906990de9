"""The code of the documents runs, and records what it says."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import deepview_tui as dv

DOCS = Path(__file__).parents[2] / "docs"
NEEDS = {"scikit-learn": "sklearn", "distributed": "torch"}
PAGES = sorted((DOCS / "recording").glob("*.md"))


def blocks(page):
    return re.findall(r"```python\n(.*?)```", page.read_text(), re.S)


def run(script, directory, *, backend="torch", processes=1):
    file = directory / "train.py"
    file.write_text(script)
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)]
    done = subprocess.run(
        [sys.executable, *(launcher if processes > 1 else []), file],
        check=False,
        cwd=directory,
        capture_output=True,
        text=True,
        env={
            **os.environ,
            "XDG_DATA_HOME": str(directory / "data"),
            "KERAS_HOME": str(directory / "keras"),
            "KERAS_BACKEND": backend,
            "CUDA_VISIBLE_DEVICES": "",
            "JAX_PLATFORMS": "cpu",
            "OMP_NUM_THREADS": "1",
        },
    )
    assert done.returncode == 0, done.stderr[-4000:]
    runs = [path.parent for path in directory.glob("**/run.json")]
    assert len(runs) == 1
    assert dv.check_run(runs[0]) == []
    assert json.loads((runs[0] / "status.json").read_text())["state"] == "finished"
    lines = [json.loads(line) for line in (runs[0] / "epochs.jsonl").read_text().splitlines()]
    assert len(lines) > 2
    assert all(line["layers"]["discriminability"][-1] > 0 and line["scalars"]["loss/train"] > 0 for line in lines)
    return runs[0]


@pytest.mark.parametrize("block", range(len(blocks(DOCS / "recording.md"))), ids=["watch", "run"])
def test_recording(tmp_path, program, block):
    if block == 0:
        pytest.importorskip("torch")
    directory = run(blocks(DOCS / "recording.md")[block], tmp_path)
    shown = program("show", directory)
    assert shown["run"]["state"] == "finished" and len(shown["metrics"]) >= 3


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_each_framework_s_page(tmp_path, page):
    pytest.importorskip(NEEDS.get(page.stem, page.stem))
    (block,) = blocks(page)
    run(block, tmp_path, processes=2 if page.stem == "distributed" else 1)
