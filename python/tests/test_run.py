"""`Run`: what it writes, and what it does when something is wrong."""

import errno
import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

import deepview_tui as dv
from deepview_tui import files
from deepview_tui import lock as lock_module
from deepview_tui import run as run_module
from deepview_tui.lock import Lock

EXAMPLES = Path(__file__).parents[2] / "test/engine/run/examples"
LABELS = [0, 0, 0, 1, 1, 1]
LAYERS = [dv.Layer("conv1", 3, "convolution", (8, 8, 3)), dv.Layer("fc", 2, "dense")]


def answers(number=1, images=6):
    generator = np.random.default_rng(number)
    return {"conv1": generator.normal(size=(images, 3)).astype("f4"), "fc": generator.random((images, 2), np.float32)}


def records(directory):
    return [json.loads(line) for line in (Path(directory) / "epochs.jsonl").read_text().splitlines()]


def header(directory):
    return json.loads((Path(directory) / "run.json").read_text())


def status(directory):
    return json.loads((Path(directory) / "status.json").read_text())


def test_a_run_is_as_its_format_has_it(tmp_path):
    with dv.Run(tmp_path / "run", layers=LAYERS, labels=LABELS, classes=["a", "b"], epochs=2, strict=True) as run:
        for epoch in (1, 2):
            run.log(
                epoch=epoch,
                samples=answers(epoch),
                loss={"train": 1 / epoch, "validation": np.float32(2)},
                learning_rate=0.1,
            )
        assert run.values()["loss/train"] == 0.5
        assert {"discriminability/conv1", "density/fc", "dead/fc"} <= set(run.values())
    assert dv.check_run(run.directory) == []
    assert header(run.directory)["probe"] == {"labels": LABELS}
    assert records(run.directory)[1]["scalars"] == {"loss/train": 0.5, "loss/validation": 2, "learning_rate": 0.1}
    assert status(run.directory)["state"] == "finished"
    assert not (run.directory / "lock.json").exists()
    stored = load_file(run.directory / "epochs/000002.safetensors")
    assert stored["1.samples"].dtype == np.float16
    np.testing.assert_allclose(stored["1.samples"], answers(2)["conv1"], rtol=1e-3)
    assert records(run.directory)[1]["layers"]["density"][0] == pytest.approx(stored["1.density"].mean())
    assert not list(run.directory.glob("**/.*"))


def test_lines_and_files_have_their_checksums(tmp_path):
    with dv.Run(tmp_path, labels=LABELS, strict=True) as run:
        run.log(samples=answers())
    line = (tmp_path / "epochs.jsonl").read_bytes().rstrip(b"\n")
    body = line[: line.rindex(b',"crc32"')] + b"}"
    assert json.loads(line)["crc32"] == f"{zlib.crc32(body):08x}"
    data = (tmp_path / "epochs/000001.safetensors").read_bytes()
    assert json.loads(line)["data"] == {"bytes": len(data), "crc32": zlib.crc32(data)}


def test_the_first_samples_say_what_the_layers_are(tmp_path):
    with dv.Run(tmp_path, strict=True) as run:
        assert not (tmp_path / "run.json").exists()
        run.log(samples=answers())
    assert [(one["name"], one["units"]) for one in header(tmp_path)["network"]["layers"]] == [("conv1", 3), ("fc", 2)]
    assert "discriminability" not in records(tmp_path)[0]["layers"]


def test_a_clock_of_steps(tmp_path):
    with dv.Run(tmp_path, labels=LABELS, clock="step", strict=True) as run:
        run.log(step=0, samples=answers())
        run.log(step=500, epoch=0.5, samples=answers())
        with pytest.raises(dv.RecordingError, match="numbered by steps: give step="):
            run.log(samples=answers())
    assert [(one["step"], one.get("epoch")) for one in records(tmp_path)] == [(0, None), (500, 0.5)]
    assert (tmp_path / "epochs/000500.safetensors").exists()


def test_numbers_of_numpy_and_torch_are_numbers(tmp_path, monkeypatch):
    torch = pytest.importorskip("torch")
    monkeypatch.setenv("HOME", str(tmp_path))
    with warnings.catch_warnings(), dv.Run("~/run", labels=torch.tensor(LABELS), strict=True) as run:
        warnings.simplefilter("error")
        run.log(epoch=np.int64(1), step=torch.tensor(7), samples=answers(), loss=torch.ones((), requires_grad=True))
        with pytest.raises(dv.RecordingError, match="epoch is soon, not a number"):
            run.log(epoch="soon")
        with pytest.raises(dv.RecordingError, match='"samples" is no name for a metric'):
            run.log(neurons={"samples": {"fc": [1, 2]}})
    (record,) = records(tmp_path / "run")
    assert (record["epoch"], record["step"], record["scalars"]) == (1, 7, {"loss": 1})


def test_values_that_are_not_finite_are_kept_as_such(tmp_path):
    samples = answers()
    samples["conv1"][2, 1] = np.nan
    with dv.Run(tmp_path, labels=LABELS, strict=True) as run:
        run.log(samples=samples, loss={"train": float("nan"), "validation": float("-inf")})
    (record,) = records(tmp_path)
    assert record["scalars"] == {"loss/train": "NaN", "loss/validation": "-Infinity"}
    assert record["layers"]["nonfinite"] == [1, None]
    assert record["layers"]["discriminability"][0] is None
    assert record["layers"]["discriminability"][1] > 0
    assert load_file(tmp_path / "epochs/000001.safetensors")["1.samples"].dtype == np.float32
    assert dv.check_run(tmp_path) == []


def test_what_a_record_lacks_is_null(tmp_path):
    with dv.Run(tmp_path, layers=LAYERS, labels=LABELS, strict=True) as run:
        run.log(
            samples={"fc": answers()["fc"]},
            layers={"update_ratio": {"fc": 0.001}},
            neurons={"own": {"conv1": [1, 2, 6]}},
        )
    layers = records(tmp_path)[0]["layers"]
    assert layers["density"][0] is None and layers["update_ratio"] == [None, 0.001] and layers["own"] == [3, None]
    assert load_file(tmp_path / "epochs/000001.safetensors")["1.own"].tolist() == [1, 2, 6]


@pytest.mark.parametrize("keep", ["quantiles", "quantiles 5"])
def test_quantiles_instead_of_samples(tmp_path, keep):
    with dv.Run(tmp_path, layers=LAYERS, labels=LABELS, keep=keep, strict=True) as run:
        run.log(samples=answers())
    stored = load_file(tmp_path / "epochs/000001.safetensors")
    assert "1.samples" not in stored
    assert stored["1.quantiles"].shape == (2, 5 if keep.endswith("5") else 21, 3)
    assert dv.check_run(tmp_path) == []


@pytest.mark.parametrize("keep", [3, "every 3", "quantiles every 3"])
def test_samples_of_every_third_record_and_of_the_newest(tmp_path, keep):
    what = "quantiles" if str(keep).startswith("quantiles") else "samples"
    with dv.Run(tmp_path, layers=LAYERS, labels=LABELS, keep=keep, strict=True) as run:
        for _ in range(8):
            run.log(samples=answers())
            run.flush()
            assert f"1.{what}" in load_file(run.paths.data(run.last))
    kept = [number for number in range(1, 9) if f"1.{what}" in load_file(run.paths.data(number))]
    assert kept == [1, 4, 7, 8]
    assert all("1.density" in load_file(run.paths.data(number)) for number in range(1, 9))
    assert dv.check_run(tmp_path) == []


@pytest.mark.parametrize("keep", ["none", 0, "quantiles 1", "every 0", 2.5])
def test_what_may_be_kept_is_said(keep, tmp_path):
    with pytest.raises(dv.RecordingError, match="it may be"):
        dv.Run(tmp_path, keep=keep)


def test_a_number_that_falls_takes_the_place_of_what_followed(tmp_path):
    with dv.Run(tmp_path, layers=LAYERS, labels=LABELS, strict=True) as run:
        for epoch in (1, 2, 3, 2):
            run.log(epoch=epoch, samples=answers(epoch), loss=epoch)
    assert [one["epoch"] for one in records(tmp_path)] == [1, 2, 3, 2]
    assert not (tmp_path / "epochs/000003.safetensors").exists()
    assert dv.check_run(tmp_path) == []


def test_a_run_is_gone_on_with(tmp_path):
    for begin in (1, 3):
        with dv.Run(tmp_path, layers=LAYERS, labels=LABELS, resume=True, strict=True) as run:
            assert run.last == (None if begin == 1 else 2)
            run.log(samples=answers())
            run.log(samples=answers())
        with open(tmp_path / "epochs.jsonl", "a") as file:
            file.write('{"epoch":9,"sca')
    assert [one["epoch"] for one in map(json.loads, (tmp_path / "epochs.jsonl").read_text().splitlines()[:-1])] == [
        1,
        2,
        3,
        4,
    ]
    with pytest.raises(dv.RecordingError, match="is of other layers"):
        dv.Run(tmp_path, layers=LAYERS[:1], labels=LABELS, resume=True)
    with pytest.raises(dv.RecordingError, match="is of another probe"):
        dv.Run(tmp_path, layers=LAYERS, labels=[0, 1], resume=True)


def test_a_directory_that_is_taken_is_refused_before_anything_is_written(tmp_path):
    with dv.Run(tmp_path / "run", layers=LAYERS), pytest.raises(dv.RecordingError, match="already holds a run"):
        dv.Run(tmp_path / "run", layers=LAYERS)
    with (
        dv.Run(tmp_path / "busy", layers=LAYERS),
        pytest.raises(dv.RecordingError, match=f"by process {os.getpid()} on"),
    ):
        dv.Run(tmp_path / "busy", layers=LAYERS, resume=True)
    (tmp_path / "notes.txt").write_text("")
    with pytest.raises(dv.RecordingError, match="other files, such as "):
        dv.Run(tmp_path, layers=LAYERS)
    with pytest.raises(dv.RecordingError, match="a part of the path is a file"):
        dv.Run(tmp_path / "notes.txt" / "run", layers=LAYERS)


def test_a_lock_of_a_process_that_is_gone_is_taken_over(tmp_path):
    child = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True, check=True
    )
    lock = {"pid": int(child.stdout), "host": os.uname().nodename}
    (tmp_path / "lock.json").write_text(json.dumps(lock))
    with dv.Run(tmp_path, layers=LAYERS, strict=True) as run:
        run.log(samples=answers())
    assert len(records(tmp_path)) == 1


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only Linux tells zombies")
def test_a_lock_of_a_zombie_is_taken_over(tmp_path):
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        (tmp_path / "lock.json").write_text(json.dumps({"pid": child.pid, "host": os.uname().nodename}))
        dv.Run(tmp_path, layers=LAYERS, strict=True).close()


@pytest.mark.parametrize("pid", [0, -1, True, 2**31, 2**70, "1", None])
def test_a_lock_of_no_process_goes_by_its_age(tmp_path, monkeypatch, pid):
    monkeypatch.setattr(lock_module, "LOOK", 0)
    lock = tmp_path / "lock.json"
    lock.write_text(json.dumps({"pid": pid, "host": os.uname().nodename}))
    with pytest.raises(dv.RecordingError, match="is being written; give another"):
        dv.Run(tmp_path, layers=LAYERS)
    os.utime(lock, (0, 0))
    dv.Run(tmp_path, layers=LAYERS, strict=True).close()


def test_a_lock_of_another_machine_is_looked_at_twice(tmp_path, monkeypatch):
    lock, sign = tmp_path / "lock.json", tmp_path / "status.json"
    lock.write_text(json.dumps({"pid": 7, "host": "elsewhere"}))
    sign.write_text("{}")
    for path in (lock, sign):
        os.utime(path, (0, 0))
    # Its clock is a day behind, and it lives.
    monkeypatch.setattr(lock_module.time, "sleep", lambda seconds: os.utime(sign, (seconds, seconds)))
    with pytest.raises(dv.RecordingError, match="is being written by process 7 on elsewhere"):
        dv.Run(tmp_path, layers=LAYERS)
    monkeypatch.setattr(lock_module.time, "sleep", lambda _: None)
    dv.Run(tmp_path, layers=LAYERS, strict=True).close()


def test_a_lock_that_was_taken_over_meanwhile_goes_back(tmp_path):
    lock = Lock(tmp_path / "lock.json", tmp_path / "status.json")
    lock._discard("what was judged")
    assert [one.name for one in tmp_path.iterdir()] == ["lock.json"]
    assert (tmp_path / "lock.json").read_text() == lock.text
    lock.release()
    assert list(tmp_path.iterdir()) == []


def test_a_lock_that_cannot_be_read_is_one_sentence(tmp_path):
    (tmp_path / "lock.json").mkdir()
    with pytest.raises(dv.RecordingError, match=r"cannot take over .*lock\.json: "):
        dv.Run(tmp_path, layers=LAYERS)


def test_a_run_killed_before_its_first_record_is_begun_again(tmp_path):
    script = """
        import os, signal
        dv.Run(sys.argv[1])
        os.kill(os.getpid(), signal.SIGKILL)
    """
    assert python(script, tmp_path).returncode == -signal.SIGKILL
    assert not (tmp_path / "run.json").exists() and (tmp_path / "epochs.jsonl").exists()
    (tmp_path / ".status.json.123.tmp").write_text("")
    with dv.Run(tmp_path, resume=True, strict=True) as run:
        run.log(samples=answers())
    assert len(records(tmp_path)) == 1
    (tmp_path / "run.json").unlink()
    with pytest.raises(dv.RecordingError, match=r"other files, such as epochs\.jsonl"):
        dv.Run(tmp_path, resume=True)


def test_a_strict_run_raises_what_its_last_record_met(tmp_path, monkeypatch):
    def full(*_, **__):
        raise dv.RecordingError("the disk is full")

    run = dv.Run(tmp_path, layers=LAYERS, strict=True)
    monkeypatch.setattr(run_module, "append_flushed", full)
    run.log(samples=answers())
    with pytest.raises(dv.RecordingError, match="the disk is full"), pytest.warns(dv.RecordingWarning):
        run.close()
    assert not (tmp_path / "lock.json").exists()
    assert status(tmp_path)["reason"] == "recording ended: the disk is full"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"labels": [0, 1, 2], "classes": ["a", "b"]}, "label 2 is 2; 2 classes are numbered 0 to 1"),
        ({"labels": [0, -1]}, "label 1 is -1; classes are numbered from 0"),
        ({"labels": [0.5, 1]}, "labels must be whole numbers"),
        ({"labels": [[0, 1]]}, "not one class an image"),
        ({"labels": []}, "not one class an image"),
        ({"layers": []}, "network.layers must be a list of 1 to 4096"),
        ({"layers": [dv.Layer("a", 1), dv.Layer("a", 2)]}, 'network.layers\\[1\\].name repeats "a"'),
        ({"layers": [dv.Layer("a", 0)]}, "network.layers\\[0\\].units must be a whole number from 1 to 65536; it is 0"),
        ({"layers": [dv.Layer("a", 1, kind="conv")]}, 'network.layers\\[0\\].kind must be "convolution"'),
        ({"layers": [dv.Layer("a" * 201, 1)]}, "a layer's name may have 200 characters"),
        ({"layers": LAYERS, "epochs": -1}, "training.epochs must be a whole number from 0"),
    ],
)
def test_wrong_arguments_are_one_sentence_and_write_nothing(tmp_path, arguments, message):
    with pytest.raises(dv.RecordingError, match=message):
        dv.Run(tmp_path / "run", **arguments)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("logged", "message"),
    [
        ({"samples": {"conv1": np.zeros((6, 7, 3))}}, r"samples of conv1 are \[6, 7, 3\], not \[images, neurons\]"),
        ({"samples": {"conv1": np.zeros((5, 3))}}, "samples of conv1 are of 5 images, not 6"),
        ({"samples": {"conv1": np.zeros((6, 4))}}, "samples of conv1 are of 4 neurons, not 3"),
        ({"samples": {"other": np.zeros((6, 4))}}, "the run has no layer other; its layers are conv1, fc"),
        ({"loss": "low"}, "loss is low, not a number"),
        ({"epoch": 0}, "the record.epoch must be a whole number from 1"),
        ({"neurons": {"own": {"fc": [1, 2, 3]}}}, r"own of fc is \[3\], not \[2\]"),
    ],
)
def test_a_wrong_record_is_one_warning_and_no_more_records(tmp_path, logged, message):
    with dv.Run(tmp_path / "run", layers=LAYERS, labels=LABELS) as run:
        run.log(samples=answers())
        with pytest.warns(dv.RecordingWarning, match=f"records no more: {message}"):
            run.log(**logged)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            run.log(samples=answers())
    assert len(records(tmp_path / "run")) == 1
    assert status(tmp_path / "run")["state"] == "finished"
    with (
        dv.Run(tmp_path / "strict", layers=LAYERS, labels=LABELS, strict=True) as run,
        pytest.raises(Exception, match=message),
    ):
        run.log(**logged)


def test_a_full_disk_is_one_warning_and_costs_no_record(tmp_path, monkeypatch):
    whole = files.os.fsync
    is_full = False

    def fsync(handle):
        if is_full:
            raise OSError(errno.ENOSPC, "No space left on device")
        whole(handle)

    monkeypatch.setattr(files.os, "fsync", fsync)
    with dv.Run(tmp_path, layers=LAYERS, labels=LABELS) as run:
        run.log(samples=answers())
        run.flush()
        is_full = True
        with pytest.warns(dv.RecordingWarning, match="the disk is full; make room there"):
            run.log(samples=answers())
            run.flush()
        run.log(samples=answers())
        is_full = False
    assert [one["epoch"] for one in records(tmp_path)] == [1]
    assert sorted(one.name for one in (tmp_path / "epochs").iterdir()) == ["000001.safetensors"]
    assert dv.check_run(tmp_path) == []


def test_a_training_whose_warnings_are_errors_goes_on_too(tmp_path, capsys):
    with warnings.catch_warnings(), dv.Run(tmp_path, layers=LAYERS, labels=LABELS) as run:
        warnings.simplefilter("error")
        run.log(loss="low")
    assert "records no more: loss is low" in capsys.readouterr().err


def python(script, directory, **options):
    text = "import sys, numpy as np, deepview_tui as dv\n" + textwrap.dedent(script)
    return subprocess.run(
        [sys.executable, "-c", text, str(directory)], check=False, capture_output=True, text=True, **options
    )


@pytest.mark.parametrize(
    ("script", "state"),
    [
        ("with run: log()", "finished"),
        ("with run: raise ValueError('loss is NaN')", "failed"),
        ("with run: raise KeyboardInterrupt", "stopped"),
        ("log()", "stopped"),
        ("log(); log()", "finished"),
        ("log(); raise ValueError('loss is NaN')", "failed"),
        ("run.close('stopped'); run.close()", "stopped"),
    ],
)
def test_how_a_run_ends_is_said(tmp_path, script, state):
    python(
        "run = dv.Run(sys.argv[1], layers=[dv.Layer('a', 1)], epochs=2)\n"
        "log = lambda: run.log(samples={'a': np.ones((2, 1))})\n" + script,
        tmp_path,
    )
    told = status(tmp_path)
    assert told["state"] == state
    if state == "failed":
        assert told["error"]["code"] == "ValueError" and told["error"]["message"] == "loss is NaN"
    assert not (tmp_path / "lock.json").exists()


def test_a_killed_run_leaves_its_records_and_is_gone_on_with(tmp_path):
    script = """
        import os, signal
        run = dv.Run(sys.argv[1], layers=[dv.Layer('a', 1)])
        run.log(samples={'a': np.ones((2, 1))}); run.flush()
        os.kill(os.getpid(), signal.SIGKILL)
    """
    assert python(script, tmp_path).returncode == -signal.SIGKILL
    assert status(tmp_path)["state"] == "running" and (tmp_path / "lock.json").exists()
    with dv.Run(tmp_path, layers=[dv.Layer("a", 1)], resume=True, strict=True) as run:
        run.log(samples={"a": np.ones((2, 1))})
    assert [one["epoch"] for one in records(tmp_path)] == [1, 2]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system does not fork")
def test_a_forked_process_writes_nothing_and_ends_nothing(tmp_path):
    script = """
        import os
        with dv.Run(sys.argv[1], layers=[dv.Layer('a', 1)], strict=True) as run:
            child = os.fork()
            if child == 0:
                run.log(samples={'a': np.ones((2, 1))}); run.close(); sys.exit()
            assert os.waitpid(child, 0)[1] == 0
            run.log(samples={'a': np.ones((2, 1))})
    """
    done = python(script, tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(records(tmp_path)) == 1


def test_the_heartbeat_goes_on(tmp_path, monkeypatch):
    from deepview_tui import status as status_module

    monkeypatch.setattr(status_module, "EVERY", 0.01)
    with dv.Run(tmp_path, layers=LAYERS):
        first = status(tmp_path)["updatedAt"]
        deadline = time.monotonic() + 60
        while status(tmp_path)["updatedAt"] == first:
            assert time.monotonic() < deadline, "no heartbeat in a minute"
            time.sleep(0.01)
        assert status(tmp_path)["pid"] == os.getpid()


def test_a_run_without_a_place_goes_where_the_program_keeps_its_runs(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with dv.Run(name="My Net", layers=LAYERS) as run:
        assert run.directory.parent == tmp_path / "deepview-tui" / "runs"
        assert run.directory.name[:9].rstrip("-").isdigit() and "-my-net-" in run.directory.name


@pytest.mark.parametrize("example", sorted(one.name for one in (EXAMPLES / "good").glob("*/")))
def test_good_examples_are_as_the_format_has_it(example):
    if (EXAMPLES / "good" / example).is_dir():
        assert dv.check_run(EXAMPLES / "good" / example) == []


@pytest.mark.parametrize("example", sorted(one.stem for one in (EXAMPLES / "bad").glob("*.txt")))
def test_bad_examples_are_refused_in_the_program_s_words(example):
    problems = dv.check_run(EXAMPLES / "bad" / example)
    wanted = (EXAMPLES / "bad" / f"{example}.txt").read_text().strip()
    if example == "newer-format":
        assert "is of format 3" in problems[0]
    elif example == "other-shape":
        assert "2.samples is F32 [6, 3], not floats [6, 2] (images, neurons)" in problems[0]
    else:
        assert any(wanted in one for one in problems), problems


def test_the_command_says_what_is_wrong(tmp_path):
    good = subprocess.run(
        [sys.executable, "-m", "deepview_tui", "check", EXAMPLES / "good/samples"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert good.returncode == 0 and "is as the format has it" in good.stdout
    bad = subprocess.run(
        [sys.executable, "-m", "deepview_tui", "check", EXAMPLES / "bad/other-clock", tmp_path],
        check=False,
        capture_output=True,
        text=True,
    )
    assert bad.returncode == 4
    assert "line 1.step is missing" in bad.stderr and "is not a run" in bad.stderr


def test_damage_is_found(tmp_path):
    with dv.Run(tmp_path, layers=LAYERS, labels=LABELS, strict=True) as run:
        for _ in range(3):
            run.log(samples=answers())
    path = run.paths.data(2)
    path.write_bytes(path.read_bytes()[:-1] + b"\xff")
    run.paths.data(3).unlink()
    problems = dv.check_run(tmp_path)
    assert [one.split(": ")[1] for one in problems] == [
        "it does not match its checksum",
        "it is not there, and its line says that it is",
    ]


@pytest.mark.parametrize(
    "table",
    [
        "3",
        '{"1.samples": {"data_offsets": [0, 0]}}',
        '{"1.samples": {"data_offsets": [0], "dtype": "F32", "shape": []}}',
        '{"1.samples": {"data_offsets": [0, 0], "dtype": [], "shape": 3}}',
        "[" * 100_000,
    ],
)
def test_what_is_no_table_of_tensors_is_found(tmp_path, table):
    with dv.Run(tmp_path, layers=LAYERS, keep=2, strict=True) as run:
        run.log(samples=answers())
    path = run.paths.data(1)
    path.write_bytes(len(table).to_bytes(8, "little") + table.encode())
    assert dv.check_run(tmp_path) == [f"{path}: it is not a safetensors file"]
    other = '{"\u00b2.samples": {"data_offsets": [0, 0], "dtype": "F32", "shape": []}}'
    path.write_bytes(len(other.encode()).to_bytes(8, "little") + other.encode())
    index = run.paths.features(1) / "features.json"
    index.parent.mkdir(parents=True)
    index.write_text('{"layers": [{"index": 1}]}')
    assert dv.check_run(tmp_path) == [f"{index}: it is not as the format has it"]
    path.unlink()
    path.mkdir()
    with pytest.raises(dv.RecordingError, match=r"cannot read .*: "):
        dv.check_run(tmp_path)


def test_the_schemas_are_the_program_s():
    root = Path(__file__).parents[2] / "docs"
    for name in ("run", "run-record"):
        own = Path(run_module.__file__).parent / "schemas" / f"{name}.schema.json"
        assert own.read_text() == (root / f"{name}.schema.json").read_text()


def test_samples_are_those_of_when_they_were_logged(tmp_path, monkeypatch):
    held = threading.Event()
    writes = dv.Run._write
    monkeypatch.setattr(dv.Run, "_write", lambda self, *given: held.wait(30) and writes(self, *given))
    buffer = np.full((4, 2), 0.25, np.float32)
    with dv.Run(tmp_path / "run", labels=[0, 0, 1, 1], strict=True) as run:
        run.log(samples={"a": buffer})
        buffer[:] = 0.75
        held.set()
    stored = load_file(tmp_path / "run" / "epochs" / "000001.safetensors")
    assert (stored["1.samples"] == 0.25).all()
