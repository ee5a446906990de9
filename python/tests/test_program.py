"""Conformance: what is written here is what the program reads, and its metrics are those computed here."""

import json
import math
import shutil
import subprocess

import numpy as np
import pytest
from conftest import PROGRAM
from safetensors.numpy import save_file

import deepview_tui as dv

GENERATOR = np.random.default_rng(5)
LABELS = {
    "equal classes": np.arange(40) % 4,
    "classes of other sizes": np.repeat([2, 0, 1], [7, 20, 13]),
    "no labels": None,
}
METRICS = ("discriminability", "density", "active", "dead")
#: Of layers as a whole; the last of a record that has one before.
WHOLE = ("separability", "dimension", "drift")


def answers(images=40):
    dense = GENERATOR.normal(0.3, 2, (images, 5)).astype("f4")
    rectified = np.maximum(dense[:, :3], 0)
    rectified[:, 0] = 0
    return {"conv1": dense, "block.relu": rectified}


def close(one, other):
    if one is None or other is None or isinstance(one, str):
        return one == other
    return math.isclose(one, other, rel_tol=1e-6)


@pytest.mark.parametrize("labels", LABELS.values(), ids=LABELS)
@pytest.mark.parametrize("keep", ["all", "quantiles", 2])
def test_the_program_reads_the_numbers_that_were_written(tmp_path, program, labels, keep):
    scalars = {"loss": {"train": 0.5, "validation": math.nan}, "learning_rate": 0.01, "bleu": 21.5}
    written = []
    with dv.Run(
        tmp_path / "run", labels=labels, epochs=3, keep=keep, metrics={"bleu": {"better": "higher"}}, strict=True
    ) as run:
        for _ in range(3):
            run.log(samples=answers(), layers={"update_ratio": {"conv1": 0.001}}, **scalars)
            written.append(run.values())
    shown = program("show", run.directory)
    assert shown["run"]["state"] == "finished"
    assert [one["epoch"] for one in shown["records"]] == [1, 2, 3]
    tags = {"loss/train": 0.5, "loss/validation": "NaN", "learning_rate": 0.01, "bleu": 21.5}
    assert all(one["scalars"] == tags for one in shown["records"])
    ids = [one["id"] for one in shown["metrics"]]
    assert ids == [*METRICS[labels is None :], *WHOLE[labels is None :], "update_ratio"]
    for layer in shown["layers"]:
        for metric in ids:
            for place, values in enumerate(written):
                assert close(values.get(f"{metric}/{layer['name']}"), layer["metrics"][metric][place])


@pytest.mark.parametrize("labels", list(LABELS.values())[:2], ids=list(LABELS)[:2])
def test_metrics_are_those_that_the_program_computes(tmp_path, program, labels):
    """Of neurons too: `analyze` computes them from the same samples."""
    size = GENERATOR.normal(size=(40, 3)).astype("f4")
    extremes = {
        "large": size * np.float32(1e30),
        "small": size * np.float32(1e-30),
        "alike": np.full((40, 2), 0.625, "f4"),
    }
    for name, values in {**answers(), **extremes}.items():
        file = tmp_path / f"{name}.safetensors"
        save_file({"activations": values, "labels": labels.astype(np.int64)}, file)
        analysed = program("analyze", file)
        with dv.Run(tmp_path / name, labels=labels, strict=True) as run:
            run.log(samples={name: values})
            run.flush()
            for metric in METRICS:
                assert close(analysed["layer"]["metrics"][metric], run.values()[f"{metric}/{name}"])
            for metric in WHOLE[:2]:
                assert close(analysed["layer"]["metrics"][metric], run.values()[f"{metric}/{name}"])
        from deepview_tui.metrics import measure

        own = measure(values, labels)
        for neuron in analysed["neurons"]:
            for metric in METRICS:
                assert close(neuron["metrics"][metric], own[metric][neuron["index"]])


def test_the_program_s_own_metrics_of_stored_samples_are_these(tmp_path, program):
    """What the reader computes where a recorder leaves metrics out is what the recorder would have written."""
    labels = LABELS["classes of other sizes"]
    samples = {name: values.astype("f2").astype("f4") for name, values in answers().items()}
    with dv.Run(tmp_path / "run", labels=labels, strict=True) as run:
        run.log(samples=samples)
        written = run.values()
    shutil.copytree(run.directory, tmp_path / "bare")
    (tmp_path / "bare/epochs.jsonl").write_text('{"epoch":1}\n')
    save_file(
        {f"{place}.samples": values for place, values in enumerate(samples.values(), 1)},
        tmp_path / "bare/epochs/000001.safetensors",
    )
    for layer in program("show", tmp_path / "bare")["layers"]:
        for metric in (*METRICS, *WHOLE[:2]):
            assert close(layer["metrics"][metric][0], written[f"{metric}/{layer['name']}"])


def test_resumed_interrupted_and_failed_runs_are_read_as_such(tmp_path, program):
    with pytest.raises(ValueError, match="boom"), dv.Run(tmp_path / "run", strict=True) as run:
        for epoch in (1, 2, 3, 2):
            run.log(epoch=epoch, samples=answers(), loss=epoch)
        raise ValueError("boom")
    shown = program("show", tmp_path / "run")
    assert shown["run"]["state"] == "failed"
    assert [one["scalars"]["loss"] for one in shown["records"]] == [1, 2]
    with pytest.raises(KeyboardInterrupt), dv.Run(tmp_path / "run", resume=True, strict=True) as run:
        run.log(samples=answers(), loss=9)
        raise KeyboardInterrupt
    shown = program("show", tmp_path / "run")
    assert shown["run"]["state"] == "stopped"
    assert [one["scalars"]["loss"] for one in shown["records"]] == [1, 2, 9]


def test_samples_that_are_not_finite_are_read_as_such(tmp_path, program):
    samples = answers()
    samples["conv1"][3, 2] = np.inf
    with dv.Run(tmp_path / "run", labels=LABELS["equal classes"], strict=True) as run:
        run.log(samples=samples)
    conv, relu = program("show", run.directory)["layers"]
    assert conv["metrics"]["nonfinite"] == [1] and conv["metrics"]["density"] == [None]
    assert relu["metrics"]["nonfinite"] == [None] and relu["metrics"]["density"][0] > 0


def test_a_clock_of_steps_is_read_as_such(tmp_path, program):
    with dv.Run(tmp_path / "run", clock="step", strict=True) as run:
        for step in (0, 100, 250):
            run.log(step=step, epoch=step / 200, samples=answers())
    assert [(one["step"], one["epoch"]) for one in program("show", run.directory)["records"]] == [
        (0, 0),
        (100, 0.5),
        (250, 1.25),
    ]


def test_patches_and_images_are_read(tmp_path, program):
    from deepview_tui.features import Features, write_images

    maxima = GENERATOR.random((6, 3)).astype("f4")
    maxima[:, 2] = 0
    places = GENERATOR.integers(0, 16, (6, 3))
    features = Features.of_maxima(maxima, places, 4, 5)
    assert (features.image[2] == -1).all()
    assert (np.diff(features.activation[:2], axis=1) <= 0).all()
    layers = [dv.Layer("conv1", 3, "convolution", (4, 4, 3), receptive_field=(3, 2, -1))]
    pictures = GENERATOR.integers(0, 256, (6, 8, 8, 3)).astype(np.uint8)
    with dv.Run(tmp_path / "run", layers=layers, labels=[0, 0, 0, 1, 1, 1], image_shape=(8, 8, 3), strict=True) as run:
        write_images(run.paths, pictures, [0, 0, 0, 1, 1, 1])
        run.log(samples={"conv1": maxima}, features={"conv1": features})
    assert dv.check_run(run.directory) == []
    patches = program("show", run.directory, "1/0")["patches"]
    assert [one["image"] for one in patches] == features.image[0].tolist()
    assert patches[0]["activation"] == pytest.approx(float(maxima[:, 0].max()))
    assert json.loads((run.directory / "images/images.json").read_text())["images"] == [0, 1, 2, 3, 4, 5]


def test_pictures_need_no_classes(tmp_path, program):
    from deepview_tui.features import Features, write_images

    values = GENERATOR.random((6, 3)).astype("f4")
    features = Features.of_maxima(values, np.zeros((6, 3), int), 4, 5)
    layers = [dv.Layer("conv1", 3, "convolution", (4, 4, 3), receptive_field=(3, 2, 0))]
    with dv.Run(tmp_path / "run", layers=layers, image_shape=(8, 8, 3), strict=True) as run:
        write_images(run.paths, GENERATOR.integers(0, 256, (6, 8, 8, 3)).astype(np.uint8), [0] * 6)
        run.log(samples={"conv1": values}, features={"conv1": features})
    command = ["node", PROGRAM, "show", run.directory, "1", "--size", "100x30"]
    shown = subprocess.run(command, check=False, capture_output=True, text=True)
    assert shown.returncode == 0, shown.stderr
    assert "strongest patches" in shown.stdout and "damaged" not in shown.stdout
