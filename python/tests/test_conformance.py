"""The recorder and the program's reader against each other, by the example runs that both are tested by."""

import importlib.util
import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

import deepview_tui as dv

EXAMPLES = Path(__file__).parents[2] / "test/engine/run/examples"
METRICS = ("discriminability", "density", "active", "dead")


def names(kind):
    return sorted(one.stem for one in (EXAMPLES / kind).glob("*.json"))


def lines(directory):
    return [json.loads(line) for line in (directory / "epochs.jsonl").read_text().splitlines()]


def samples_of(directory, header, number):
    """What a recorder would be given of an example's record, by layer."""
    path = directory / f"epochs/{number:06d}.safetensors"
    stored = load_file(path) if path.exists() else {}
    layers = enumerate(header["network"]["layers"], 1)
    return {one["name"]: stored[f"{at}.samples"] for at, one in layers if f"{at}.samples" in stored}


@pytest.mark.parametrize("example", names("good"))
def test_what_is_written_of_an_example_is_what_is_to_be_read_of_it(tmp_path, example, program):
    header = json.loads((EXAMPLES / "good" / example / "run.json").read_text())
    expected = json.loads((EXAMPLES / "good" / f"{example}.json").read_text())
    layers = [dv.Layer(one["name"], one["units"]) for one in header["network"]["layers"]]
    labels = (header.get("probe") or {}).get("labels")
    clock = header.get("clock", "epoch")
    with dv.Run(tmp_path / "run", layers=layers, labels=labels, clock=clock, strict=True) as run:
        for record in expected:
            given = {
                name: one.copy()
                for name, one in samples_of(EXAMPLES / "good" / example, header, record["number"]).items()
            }
            computed = {"discriminability", "density", "active", "dead", "nonfinite"} if given else set()
            own = {
                metric: {layer.name: value for layer, value in zip(layers, of, strict=True) if value is not None}
                for metric, of in record["layers"].items()
                if of and metric not in computed
            }
            scalars = {tag: float(value) for tag, value in record["scalars"].items()}
            run.log(**{clock: record["number"]}, samples=given, layers=own, **scalars)
    # Of stored metrics of an example's own, what is computed of its samples is something else.
    is_computed = example != "metrics-of-neurons"
    for line, record in zip(lines(tmp_path / "run"), expected, strict=True):
        for metric, of in record["layers"].items():
            if is_computed or metric not in METRICS:
                assert nearly(line["layers"].get(metric)) == nearly(of), metric
        assert {tag: float(one) for tag, one in line["scalars"].items()} == pytest.approx(
            {tag: float(one) for tag, one in record["scalars"].items()}, nan_ok=True
        )
    assert program("show", tmp_path / "run")["run"]["state"] == "finished"


def nearly(values):
    return None if values is None else [one if one is None else pytest.approx(one, rel=1e-6) for one in values]


recorded = pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="there is no torch")


@pytest.fixture(scope="module")
def anew(tmp_path_factory):
    directory = tmp_path_factory.mktemp("recorded")
    subprocess.run([sys.executable, EXAMPLES / "record.py", directory], check=True, timeout=600)
    return directory


@recorded
@pytest.mark.parametrize("example", names("recorded"))
def test_trainings_are_recorded_as_the_examples_were(example, anew):
    stored, new = EXAMPLES / "recorded" / example, anew / example
    assert dv.check_run(stored) == [] and dv.check_run(new) == []
    states = [json.loads((one / "status.json").read_text())["state"] for one in (stored, new)]
    assert states == [json.loads((EXAMPLES / "recorded" / f"{example}.json").read_text())["state"]] * 2
    assert [set(one) for one in lines(stored)] == [set(one) for one in lines(new)]
    for one, other in zip(lines(stored), lines(new), strict=True):
        assert same(one["scalars"], other["scalars"]) and same(one["layers"], other["layers"])
    assert sorted(one.name for one in (stored / "epochs").iterdir()) == sorted(
        one.name for one in (new / "epochs").iterdir()
    )
    for path in (stored / "epochs").iterdir():
        one, other = load_file(path), load_file(new / "epochs" / path.name)
        # The recorder may know metrics by now that it did not then.
        assert one.keys() <= other.keys()
        for name, values in one.items():
            np.testing.assert_allclose(
                other[name], values, rtol=1e-3 if name.endswith("samples") else 1e-6, err_msg=name
            )


def same(one, other):
    if isinstance(one, dict):
        return one.keys() <= other.keys() and all(same(one[name], other[name]) for name in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other or (isinstance(one, float) and math.isclose(one, other, rel_tol=1e-5))
