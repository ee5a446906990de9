"""What the program asks a recorded training for: files in `requests/` of its run."""

import json
import os
import resource
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import deepview_tui as dv
from deepview_tui import status as status_module
from deepview_tui.errors import Stopped

ALL = ["pause", "continue", "stop-after-epoch", "stop-now"]


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(status_module, "LOOK", 0.01)


def status(directory):
    return json.loads((directory / "status.json").read_text())


def until(directory, **wanted):
    deadline = time.monotonic() + 60
    while {name: status(directory).get(name) for name in wanted} != wanted:
        assert time.monotonic() < deadline, f"{status(directory)} is not {wanted}"
        time.sleep(0.005)


def ask(directory, request, *, writer=None, name="one.json"):
    token = json.loads((directory / "lock.json").read_text())["token"]
    folder = directory / "requests"
    folder.mkdir(exist_ok=True)
    (folder / ".tmp").write_text(json.dumps({"request": request, "writer": writer or token}))
    (folder / ".tmp").rename(folder / name)


def gone(path):
    deadline = time.monotonic() + 60
    while path.exists():
        assert time.monotonic() < deadline, f"{path} was not taken"
        time.sleep(0.005)


def one_run(directory, **options):
    return dv.Run(directory, layers=[dv.Layer("a", 1)], strict=True, **options)


def epochs(directory):
    return [json.loads(line)["epoch"] for line in (directory / "epochs.jsonl").read_text().splitlines()]


def test_what_a_training_does_not_look_for_it_cannot_be_asked_for(tmp_path):
    with one_run(tmp_path) as run:
        run.log(samples={"a": np.ones((2, 1))})
        until(tmp_path, state="running", requests=None)
        ask(tmp_path, "stop-now")
        assert not run.should_stop
        # From now on it is heard.
        until(tmp_path, requests=ALL)
        gone(tmp_path / "requests/one.json")
        until(tmp_path, ending="now")
        assert run.should_stop
    assert status(tmp_path)["state"] == "stopped" and "requests" not in status(tmp_path)


def test_a_run_is_paused_and_continued_where_it_looks(tmp_path):
    with one_run(tmp_path) as run:
        assert not run.should_stop
        ask(tmp_path, "pause")
        gone(tmp_path / "requests/one.json")
        answers = []
        thread = threading.Thread(target=lambda: answers.append(run.should_stop))
        thread.start()
        until(tmp_path, state="paused")
        assert not answers
        ask(tmp_path, "continue")
        thread.join(60)
        assert answers == [False]
        until(tmp_path, state="running")
    assert status(tmp_path)["state"] == "finished"


@pytest.mark.parametrize("request_", ["stop-now", "stop-after-epoch"])
def test_what_is_held_goes_on_for_its_end(tmp_path, request_):
    with one_run(tmp_path) as run:
        assert not run.should_stop
        ask(tmp_path, "pause")
        gone(tmp_path / "requests/one.json")
        answers = []
        thread = threading.Thread(target=lambda: answers.append(run.should_stop))
        thread.start()
        until(tmp_path, state="paused")
        ask(tmp_path, request_)
        thread.join(60)
        assert answers == [request_ == "stop-now"]
        run.log(samples={"a": np.ones((2, 1))})
        assert run.should_stop
    assert status(tmp_path)["state"] == "stopped" and epochs(tmp_path) == [1]


def test_requests_come_in_their_order_and_only_from_those_who_mean_this_writer(tmp_path):
    with one_run(tmp_path) as run:
        assert not run.should_stop
        folder = tmp_path / "requests"
        folder.mkdir()
        ask(tmp_path, "stop-now", writer="an earlier one", name="a.json")
        for name, text in {"b": "{", "c": "[" * 100_000, "d": "3", "e": '{"request": ["stop-now"]}'}.items():
            (folder / f"{name}.json").write_text(text)
        os.mkfifo(folder / "f.json")
        for place in "abcdef":
            gone(folder / f"{place}.json")
        (folder / "notes.txt").write_text("")
        assert not run.should_stop and (folder / "notes.txt").exists()
        assert "ending" not in status(tmp_path)
    assert (folder / "notes.txt").exists()


def test_a_folder_that_cannot_be_read_for_a_while_is_read_later(tmp_path):
    with one_run(tmp_path) as run:
        assert not run.should_stop
        until(tmp_path, requests=ALL)
        (tmp_path / "requests").mkdir()
        before = resource.getrlimit(resource.RLIMIT_NOFILE)
        try:
            # No more files can be opened.
            resource.setrlimit(resource.RLIMIT_NOFILE, (3, before[1]))
            time.sleep(0.2)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, before)
        ask(tmp_path, "stop-now")
        until(tmp_path, ending="now")
        assert run.should_stop
    # Empty, it goes with the lock.
    assert not (tmp_path / "requests").exists()


def test_nothing_is_taken_from_behind_a_link(tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with one_run(tmp_path / "run") as run:
        assert not run.should_stop
        (tmp_path / "run/requests").symlink_to(elsewhere)
        ask(tmp_path / "run", "stop-now")
        run._requests.take()
        assert not run.should_stop and (elsewhere / "one.json").exists()


def test_a_run_that_is_deleted_is_held_no_more(tmp_path):
    import shutil

    run = one_run(tmp_path / "run")
    assert not run.should_stop
    ask(tmp_path / "run", "pause")
    gone(tmp_path / "run/requests/one.json")
    answers = []
    thread = threading.Thread(target=lambda: answers.append(run.should_stop))
    thread.start()
    until(tmp_path / "run", state="paused")
    shutil.rmtree(tmp_path / "run", ignore_errors=True)
    thread.join(60)
    assert answers == [False]


def test_a_clock_of_steps_knows_no_epochs(tmp_path):
    with one_run(tmp_path, clock="step") as run:
        assert not run.should_stop
        until(tmp_path, requests=[one for one in ALL if one != "stop-after-epoch"])


class Loop:
    """A training that knows nothing of its recorder but `log`."""

    def __init__(self, directory, **options):
        torch = pytest.importorskip("torch")
        self.torch, self.steps, self.error, self.directory = torch, 0, None, directory
        self.model = torch.nn.Linear(4, 3)
        self.data = torch.rand(6, 4), torch.arange(6) % 3
        self.recorder = dv.watch(self.model, probe=self.data, run=directory, strict=True, **options)
        self.thread = threading.Thread(target=self.train)
        self.thread.start()

    def train(self):
        optimiser = self.torch.optim.SGD(self.model.parameters(), 0.1)
        try:
            with self.recorder:
                for epoch in range(1, 100_000):
                    for _ in range(3):
                        self.torch.nn.functional.cross_entropy(self.model(self.data[0]), self.data[1]).backward()
                        optimiser.step()
                        self.steps += 1
                    self.recorder.log(epoch=epoch)
        except BaseException as thrown:
            self.error = thrown

    def ended(self):
        self.thread.join(60)
        assert isinstance(self.error, Stopped) and isinstance(self.error, KeyboardInterrupt)
        assert status(self.directory)["state"] == "stopped"
        assert dv.check_run(self.directory) == []


def test_an_unchanged_loop_is_paused_between_its_steps(tmp_path):
    loop = Loop(tmp_path)
    until(tmp_path, requests=ALL)
    ask(tmp_path, "pause")
    until(tmp_path, state="paused")
    steps = loop.steps
    time.sleep(0.05)
    assert loop.steps == steps
    ask(tmp_path, "continue")
    until(tmp_path, state="running")
    ask(tmp_path, "stop-now")
    loop.ended()


def test_an_unchanged_loop_is_stopped_after_its_epoch_as_by_ctrl_c(tmp_path):
    loop = Loop(tmp_path)
    until(tmp_path, requests=ALL)
    ask(tmp_path, "stop-after-epoch")
    loop.ended()
    assert loop.steps == 3 * len(epochs(tmp_path))


def test_the_program_is_obeyed(tmp_path, program):
    loop = Loop(tmp_path)
    until(tmp_path, requests=ALL)
    assert program("runs", "pause", tmp_path)["state"] == "paused"
    assert program("runs", "continue", tmp_path)["state"] == "running"
    assert program("runs", "stop", tmp_path)["state"] == "stopped"
    loop.ended()


def test_a_loop_that_looks_is_left_to_end_by_itself(tmp_path):
    torch = pytest.importorskip("torch")
    model = torch.nn.Linear(4, 3)
    optimiser = torch.optim.SGD(model.parameters(), 0.1)
    with dv.watch(model, probe=torch.rand(6, 4), run=tmp_path, strict=True) as recorder:
        assert not recorder.should_stop
        ask(tmp_path, "stop-now")
        until(tmp_path, ending="now")
        model(torch.rand(5, 4)).sum().backward()
        optimiser.step()
        recorder.log()
        assert recorder.should_stop
    assert status(tmp_path)["state"] == "stopped" and epochs(tmp_path) == [1]


FITS = """
import json, sys, threading, time, warnings
from pathlib import Path
import numpy as np
warnings.simplefilter("ignore")
from deepview_tui import status
status.LOOK = 0.01
directory, framework, request = Path(sys.argv[1]), *sys.argv[2:]
images = np.random.default_rng(0).random((12, 8, 8, 3), np.float32)
labels = np.arange(12) % 3

def ask():
    while True:
        try:
            if "stop-now" in json.loads((directory / "status.json").read_text()).get("requests", []):
                break
        except OSError:
            pass
        time.sleep(0.01)
    (directory / "requests").mkdir()
    token = json.loads((directory / "lock.json").read_text())["token"]
    (directory / "requests/.tmp").write_text(json.dumps({"request": request, "writer": token}))
    (directory / "requests/.tmp").rename(directory / "requests/one.json")

threading.Thread(target=ask, daemon=True).start()
if framework == "keras":
    import keras
    from deepview_tui.keras import Recorder
    model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(3)])
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    recorder = Recorder(probe=(images, labels), run=directory, strict=True)
    model.fit(images, labels, batch_size=4, epochs=10**6, verbose=0, callbacks=[recorder])
elif framework == "lightning":
    import torch, lightning
    from deepview_tui.lightning import Recorder
    class Net(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.a = torch.nn.Linear(192, 3)
        def forward(self, x):
            return self.a(x.flatten(1))
        def training_step(self, batch, _):
            return torch.nn.functional.cross_entropy(self(batch[0]), batch[1])
        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), 0.1)
    data = torch.utils.data.TensorDataset(torch.from_numpy(images), torch.from_numpy(labels))
    recorder = Recorder(probe=(images, labels), run=directory, patches=0, strict=True)
    lightning.Trainer(max_epochs=10**6, callbacks=[recorder], accelerator="cpu", logger=False,
                      enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False).fit(
        Net(), torch.utils.data.DataLoader(data, batch_size=4))
else:
    import torch, transformers
    from deepview_tui.transformers import Recorder
    config = transformers.BertConfig(vocab_size=20, hidden_size=8, num_hidden_layers=1, num_attention_heads=2,
                                     intermediate_size=16, num_labels=3)
    batch = {"input_ids": torch.randint(1, 20, (12, 6)), "labels": torch.from_numpy(labels)}
    data = [{name: values[at] for name, values in batch.items()} for at in range(12)]
    arguments = transformers.TrainingArguments(output_dir=str(directory) + "-out", num_train_epochs=10**5, report_to=[],
                                               per_device_train_batch_size=4, save_strategy="no", use_cpu=True,
                                               logging_strategy="no", disable_tqdm=True)
    recorder = Recorder(probe=batch, run=directory, strict=True)
    transformers.Trainer(transformers.BertForSequenceClassification(config), arguments, train_dataset=data,
                         callbacks=[recorder]).train()
"""


@pytest.mark.parametrize(
    ("framework", "request_"),
    [("keras", "stop-after-epoch"), ("lightning", "stop-after-epoch"), ("transformers", "stop-now")],
)
def test_frameworks_end_their_trainings_themselves(tmp_path, framework, request_):
    pytest.importorskip(framework)
    directory = tmp_path / "run"
    command = [sys.executable, "-c", FITS, directory, framework, request_]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-4000:]
    assert status(directory)["state"] == "stopped"
    assert epochs(directory) and dv.check_run(directory) == []
