"""The frameworks' recorders: small trainings by each framework's own loop."""

import json
import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from safetensors.numpy import load_file

import deepview_tui as dv
from deepview_tui.tags import tagged

LABELS = np.arange(12) % 3
IMAGES = np.random.default_rng(0).random((12, 8, 8, 3), np.float32)


def header(directory):
    return json.loads((directory / "run.json").read_text())


def records(directory):
    return [json.loads(line) for line in (directory / "epochs.jsonl").read_text().splitlines()]


def state(directory):
    return json.loads((directory / "status.json").read_text())["state"]


def names(directory):
    return [one["name"] for one in header(directory)["network"]["layers"]]


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        *[("loss", "loss/train"), ("train_loss", "loss/train"), ("train_loss_epoch", "loss/train")],
        *[("val_loss", "loss/validation"), ("eval_loss", "loss/validation"), ("val/acc", "accuracy/validation")],
        *[("accuracy", "accuracy/train"), ("loss/validation", "loss/validation"), ("lr", "learning_rate")],
        *[("grad_norm", "gradient_norm"), ("bleu", "bleu"), ("test_f1_score", "f1_score/test")],
        *[
            ("sparse_categorical_accuracy", "accuracy/train"),
            ("acc_val", "accuracy/validation"),
            ("lr-Adam", "lr-Adam"),
        ],
    ],
)
def test_names_of_frameworks_become_tags(name, tag):
    assert tagged({name: 0.5}) == {tag: 0.5}


def test_what_is_no_measure_is_no_scalar():
    given = {
        "epoch": 3,
        "step": 7,
        "eval_runtime": 1.5,
        "eval_samples_per_second": 9,
        "note": "text",
        "table": np.ones(3),
    }
    assert tagged(given) == {}


def lightning():
    module = pytest.importorskip("lightning.pytorch")
    torch = pytest.importorskip("torch")
    x, y = torch.from_numpy(IMAGES).permute(0, 3, 1, 2).contiguous(), torch.from_numpy(LABELS)

    class Small(module.LightningModule):
        def __init__(self):
            super().__init__()
            self.model = torch.nn.Sequential(
                torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(144, 3)
            )

        def forward(self, x):
            return self.model(x)

        def training_step(self, batch, _at):
            loss = torch.nn.functional.cross_entropy(self(batch[0]), batch[1])
            self.log("train_loss", loss, on_epoch=True)
            return loss

        def validation_step(self, batch, _at):
            self.log("val_loss", torch.nn.functional.cross_entropy(self(batch[0]), batch[1]))

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), 0.1)

    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), batch_size=4)

    def fit(callbacks, model=None, **options):
        module.seed_everything(1, verbose=False)
        quiet = {
            "logger": False,
            "enable_checkpointing": False,
            "enable_progress_bar": False,
            "enable_model_summary": False,
        }
        trainer = module.Trainer(accelerator="cpu", callbacks=callbacks, **{"max_epochs": 2, **quiet, **options})
        model = model or Small()
        trainer.fit(model, loader, loader)
        return model

    return fit, (x, y), Small


@pytest.mark.filterwarnings("ignore")
def test_lightning(tmp_path):
    fit, probe, _ = lightning()
    from deepview_tui.lightning import Recorder

    fit([Recorder(probe=probe, run=tmp_path / "run", strict=True)])
    assert names(tmp_path / "run") == ["model.0", "model.1", "model.3"]
    lines = records(tmp_path / "run")
    assert [(one["epoch"], one["step"]) for one in lines] == [(1, 3), (2, 6)]
    assert all({"loss/train", "loss/validation", "gradient_norm"} <= set(one["scalars"]) for one in lines)
    # The optimiser is given a closure, inside of which gradients are made.
    assert lines[0]["layers"]["update_ratio"][0] > 0 and lines[0]["layers"]["gradient_norm"][0] > 0
    assert lines[0]["layers"]["update_ratio"][0] == pytest.approx(
        0.1 * lines[0]["layers"]["gradient_norm"][0] / lines[0]["layers"]["weight_norm"][0], rel=1e-4
    )
    assert state(tmp_path / "run") == "finished" and dv.check_run(tmp_path / "run") == []
    assert header(tmp_path / "run")["training"]["epochs"] == 2


@pytest.mark.filterwarnings("ignore")
def test_lightning_by_steps_and_with_the_same_weights(tmp_path):
    fit, probe, small = lightning()
    from deepview_tui.lightning import Recorder

    with_it = fit([Recorder(probe=probe, run=tmp_path / "run", every="2 steps", strict=True)])
    without = fit([])
    assert all((a == b).all() for a, b in zip(with_it.parameters(), without.parameters(), strict=True))
    assert [one["step"] for one in records(tmp_path / "run")] == [0, 2, 4, 6]
    assert "loss/train" in records(tmp_path / "run")[1]["scalars"]

    class Failing(small):
        def training_step(self, batch, at):
            if at == 1:
                raise RuntimeError("boom")
            return super().training_step(batch, at)

    with pytest.raises(RuntimeError, match="boom"):
        fit([Recorder(probe=probe, run=tmp_path / "failing", strict=True)], Failing())
    assert state(tmp_path / "failing") == "failed"


def small_bert(transformers, **more):
    return transformers.BertConfig(
        vocab_size=20,
        hidden_size=8,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=16,
        num_labels=3,
        **more,
    )


def texts(torch, count=12):
    ids = torch.randint(1, 20, (count, 6), generator=torch.Generator().manual_seed(0))
    mask = (torch.arange(6) < 2 + torch.arange(count)[:, None] % 5).long()
    return {"input_ids": ids, "attention_mask": mask, "labels": torch.from_numpy(LABELS)}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("every", ["epoch", "3 steps"])
def test_transformers(tmp_path, every):
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    from deepview_tui.transformers import Recorder

    batch = texts(torch)
    data = [{name: values[at] for name, values in batch.items()} for at in range(12)]

    def trained(callbacks):
        transformers.set_seed(1)
        model = transformers.BertForSequenceClassification(small_bert(transformers))
        arguments = transformers.TrainingArguments(
            output_dir=str(tmp_path / "out"),
            num_train_epochs=2,
            per_device_train_batch_size=4,
            report_to=[],
            eval_strategy="epoch",
            logging_strategy="epoch",
            save_strategy="no",
            use_cpu=True,
            disable_tqdm=True,
        )
        transformers.Trainer(model, arguments, train_dataset=data, eval_dataset=data, callbacks=callbacks).train()
        return model

    model = trained([Recorder(probe=batch, run=tmp_path / "run", every=every, strict=True)])
    without = trained([])
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), without.parameters(), strict=True))
    lines = records(tmp_path / "run")
    if every == "epoch":
        assert [(one["epoch"], one["step"]) for one in lines] == [(1, 3), (2, 6)]
        assert all({"loss/train", "loss/validation", "learning_rate"} <= set(one["scalars"]) for one in lines)
    else:
        assert [one["step"] for one in lines] == [0, 3, 6]
        assert "loss/train" in lines[1]["scalars"]
    told = names(tmp_path / "run")
    assert "bert.encoder.layer.1.output.LayerNorm" in told and told[-1] == "classifier"
    assert lines[0]["layers"]["discriminability"][-1] > 0
    assert state(tmp_path / "run") == "finished" and dv.check_run(tmp_path / "run") == []


@pytest.mark.filterwarnings("ignore")
def test_a_language_model_has_no_classes(tmp_path):
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")

    model = transformers.GPT2LMHeadModel(
        transformers.GPT2Config(vocab_size=20, n_embd=8, n_layer=2, n_head=2, n_positions=8)
    )
    ids = torch.randint(1, 20, (5, 6))
    probe = {"input_ids": ids, "labels": ids}
    optimiser = torch.optim.AdamW(model.parameters(), 1e-3)
    with dv.watch(model, probe=probe, run=tmp_path, every="2 steps", strict=True) as recorder:
        for _ in range(4):
            model(ids, labels=ids).loss.backward()
            optimiser.step()
            optimiser.zero_grad()
    of_weights = {"gradient_norm", "weight_norm", "update_ratio"}
    assert set(records(tmp_path)[1]["layers"]) == {"density", "active", "dead", "dimension", "drift", *of_weights}
    told = {one["name"]: one for one in header(tmp_path)["network"]["layers"]}
    assert told["transformer.h.1.mlp.c_fc"]["shape"] == [1, 6, 32]
    assert told["transformer.h.0.attn.c_attn"]["units"] == 24
    assert "transformer.wpe" not in told and "transformer.wpe" in recorder.skipped


@pytest.mark.filterwarnings("ignore")
def test_accelerate(tmp_path):
    torch = pytest.importorskip("torch")
    accelerate = pytest.importorskip("accelerate")
    from deepview_tui.accelerate import Recorder

    x, y = torch.rand(12, 4), torch.from_numpy(LABELS)
    model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 3))
    accelerator = accelerate.Accelerator(cpu=True, log_with=Recorder(model, probe=(x, y), run=tmp_path, strict=True))
    accelerator.init_trackers("mine", config={"lr": 0.1})
    model, optimiser = accelerator.prepare(model, torch.optim.SGD(model.parameters(), 0.1))
    for epoch in (1, 2):
        loss = torch.nn.functional.cross_entropy(model(x), y)
        accelerator.backward(loss)
        optimiser.step()
        optimiser.zero_grad()
        accelerator.log({"train_loss": loss.item(), "epoch": epoch})
    accelerator.end_training()
    lines = records(tmp_path)
    assert [(one["epoch"], one["step"], sorted(one["scalars"])) for one in lines] == [
        (epoch, epoch, ["gradient_norm", "loss/train"]) for epoch in (1, 2)
    ]
    assert lines[0]["layers"]["gradient_norm"][0] > 0
    assert state(tmp_path) == "finished" and dv.check_run(tmp_path) == []


KERAS = """
import os, sys, json
import numpy as np
import keras
from keras import layers
import deepview_tui as dv
from deepview_tui.keras import Recorder

directory, kind = sys.argv[1:]
images = np.random.default_rng(0).random((12, 8, 8, 3), np.float32)
labels = np.arange(12) % 3
keras.utils.set_random_seed(1)

class Block(keras.Model):
    def __init__(self):
        super().__init__(name="block")
        self.conv = layers.Conv2D(4, 3, name="conv")
        self.relu = layers.ReLU(name="relu")
        self.pool = layers.GlobalAveragePooling2D(name="pool")
        self.head = layers.Dense(3, activation="softmax", name="head")
    def call(self, x, training=False):
        return self.head(self.pool(self.relu(self.relu(self.conv(x)))))

def build():
    if kind == "subclassed":
        return Block()
    x = entry = keras.Input((8, 8, 3))
    x = layers.Conv2D(4, 3, name="conv")(x)
    x = layers.BatchNormalization(name="norm")(x)
    relu = layers.ReLU(name="relu")
    x = relu(relu(x))
    x = layers.Dropout(0.5)(x)
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    return keras.Model(entry, layers.Dense(3, activation="softmax", name="head")(x))

def trained(callbacks):
    keras.utils.set_random_seed(1)
    model = build()
    model.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(images, labels, batch_size=4, epochs=2, verbose=0, validation_data=(images, labels), callbacks=callbacks)
    return model

model = trained([Recorder(probe=(images, labels), run=directory, batch=5, strict=True)])
without = trained([])
assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), without.get_weights()))
answers = model.get_layer("conv")(images)
np.save(directory + "/conv.npy", keras.ops.convert_to_numpy(keras.ops.mean(answers, axis=(1, 2))))

class Lost(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        raise ValueError("lost")

os.environ["XDG_DATA_HOME"] = directory + "-data"
recorder = Recorder(probe=(images, labels))
places = []
for attempt in (1, 2):
    try:
        trained([recorder, Lost()])
    except ValueError:
        places.append(recorder.run.directory)
assert [json.loads((one / "status.json").read_text())["state"] for one in places] == ["failed", "running"], places
"""


@pytest.mark.parametrize("backend", ["torch", "jax"])
@pytest.mark.parametrize("kind", ["functional", "subclassed"])
def test_keras(tmp_path, backend, kind):
    pytest.importorskip(backend)
    run = tmp_path / "run"
    done = subprocess.run(
        [sys.executable, "-c", KERAS, run, kind],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "KERAS_BACKEND": backend, "KERAS_HOME": str(tmp_path), "CUDA_VISIBLE_DEVICES": ""},
    )
    if "No module named 'keras'" in done.stderr:
        pytest.skip("there is no keras")
    assert done.returncode == 0, done.stderr
    norm = ["norm"] if kind == "functional" else []
    assert names(run) == ["conv", *norm, "relu", "relu#2", "pool", "head"]
    told = {one["name"]: one for one in header(run)["network"]["layers"]}
    assert told["conv"]["shape"] == [6, 6, 4] and told["conv"]["parameters"] == 112 and told["head"]["range"] == [0, 1]
    lines = records(run)
    tags = {"loss/train", "loss/validation", "accuracy/train", "accuracy/validation", "learning_rate"}
    assert [set(one["scalars"]) for one in lines] == [tags, tags]
    stored = load_file(run / "epochs/000002.safetensors")
    np.testing.assert_allclose(stored["1.samples"], np.load(run / "conv.npy"), rtol=2e-3, atol=1e-4)
    (run / "conv.npy").unlink()
    assert state(run) == "finished" and dv.check_run(run) == []


def test_scikit_learn(tmp_path):
    neural = pytest.importorskip("sklearn.neural_network")
    from deepview_tui.sklearn import Recorder

    inputs = IMAGES.reshape(12, -1)[:, :5]
    targets = np.array(["b", "a", "c"])[LABELS]
    for activation in ("relu", "tanh", "logistic", "identity"):
        mlp = neural.MLPClassifier((6, 4), activation=activation, random_state=0)
        run = tmp_path / activation
        with Recorder(mlp, probe=(inputs, targets), directory=run, epochs=3, strict=True) as recorder:
            with pytest.raises(dv.RecordingError, match="no weights yet"):
                recorder.log()
            for epoch in (1, 2, 3):
                mlp.partial_fit(inputs, targets, classes=["a", "b", "c"])
                recorder.log(epoch=epoch)
        last = load_file(run / "epochs/000003.safetensors")
        place = len(names(run))
        np.testing.assert_allclose(last[f"{place}.samples"], mlp.predict_proba(inputs), rtol=1e-3, atol=1e-4)
        assert names(run)[-1] == "softmax3" and header(run)["dataset"]["classes"] == ["a", "b", "c"]
        assert header(run)["probe"]["labels"][:3] == [1, 0, 2]
        assert [one["scalars"]["loss/train"] > 0 for one in records(run)] == [True] * 3
        assert dv.check_run(run) == []
    regressor = neural.MLPRegressor(hidden_layer_sizes=(6,), random_state=0)
    with Recorder(regressor, probe=inputs, directory=tmp_path / "regressor", strict=True) as recorder:
        regressor.partial_fit(inputs, inputs[:, 0])
        recorder.log()
    last = load_file(tmp_path / "regressor/epochs/000001.safetensors")
    np.testing.assert_allclose(last["3.samples"][:, 0], regressor.predict(inputs), rtol=1e-2, atol=1e-3)
    with pytest.raises(dv.RecordingError, match="is no MLP of scikit-learn"):
        Recorder(object(), probe=inputs)


FLAX = """
import sys
import jax, numpy as np
import jax.numpy as jnp
from flax import linen, nnx
from deepview_tui.flax import Recorder

directory, kind = sys.argv[1:]
images = np.random.default_rng(0).random((12, 8, 8, 3), np.float32)
labels = np.arange(12) % 3

class Linen(linen.Module):
    @linen.compact
    def __call__(self, x, train=False):
        x = linen.relu(linen.Conv(4, (3, 3), name="conv")(x))
        x = linen.Dropout(0.5, deterministic=not train)(x)
        x = linen.BatchNorm(use_running_average=not train, name="norm")(x)
        return linen.Dense(3, name="head")(x.mean((1, 2)))

class Nnx(nnx.Module):
    def __init__(self, rngs):
        self.conv = nnx.Conv(3, 4, (3, 3), rngs=rngs)
        self.drop = nnx.Dropout(0.5, rngs=rngs)
        self.norm = nnx.BatchNorm(4, rngs=rngs)
        self.head = nnx.Linear(4, 3, rngs=rngs)
    def __call__(self, x):
        return self.head(self.norm(self.drop(nnx.relu(self.conv(x)))).mean((1, 2)))

with Recorder(probe=(images, labels), run=directory, classes=["a", "b", "c"], batch=5, strict=True) as recorder:
    if kind == "linen":
        model = Linen()
        variables = model.init(jax.random.key(0), images[:1])
        for epoch in (1, 2):
            recorder.log(model, variables, epoch=epoch, loss={"train": 1 / epoch})
    else:
        model = Nnx(nnx.Rngs(0))
        model.train()
        before = jax.tree_util.tree_leaves(nnx.state(model))
        for epoch in (1, 2):
            recorder.log(model, epoch=epoch, loss={"train": 1 / epoch})
        assert not model.drop.deterministic and not model.norm.use_running_average
        after = jax.tree_util.tree_leaves(nnx.state(model))
        assert all(bool((a == b).all()) for a, b in zip(before, after))
"""


@pytest.mark.parametrize("kind", ["linen", "nnx"])
def test_flax(tmp_path, kind):
    pytest.importorskip("flax")
    done = subprocess.run(
        [sys.executable, "-c", FLAX, tmp_path, kind],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "JAX_PLATFORMS": "cpu"},
    )
    assert done.returncode == 0, done.stderr
    assert names(tmp_path) == ["conv", "norm", "head"]
    told = header(tmp_path)["network"]["layers"]
    assert [one["shape"] for one in told] == [[8, 8, 4], [8, 8, 4], [1, 1, 3]]
    assert [one["parameters"] for one in told] == [112, 8, 15]
    assert [one["scalars"] for one in records(tmp_path)] == [{"loss/train": 1}, {"loss/train": 0.5}]
    assert records(tmp_path)[0]["layers"]["discriminability"][2] > 0
    assert dv.check_run(tmp_path) == []


def test_frameworks_are_imported_only_where_they_are_used():
    script = "import sys, deepview_tui; print([m for m in ('torch', 'keras', 'jax', 'sklearn') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
