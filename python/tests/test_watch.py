"""`watch`: what is recorded of a PyTorch training, and that the training is not changed by it."""

import copy
import dataclasses
import json
import random
import warnings

import numpy as np
import pytest
from safetensors.numpy import load_file

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402

import deepview_tui as dv  # noqa: E402

torch.set_num_threads(1)
CLASSES = ["a", "b", "c"]


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def images(count=12, size=12):
    generator = torch.Generator().manual_seed(1)
    labels = torch.arange(count) % 3
    values = torch.rand(count, 3, size, size, generator=generator)
    values[torch.arange(count), labels] += 0.5
    return values.clamp(0, 1), labels


class Net(nn.Module):
    """With what is awkward in real networks: an activation used twice, dropout, batch norm, a skip connection."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 3, padding=1)
        self.norm = nn.BatchNorm2d(6)
        self.relu = nn.ReLU(inplace=True)
        self.block = nn.Sequential(nn.Conv2d(6, 6, 3, padding=1), nn.BatchNorm2d(6))
        self.pool = nn.MaxPool2d(2)
        self.drop = nn.Dropout(0.3)
        self.head = nn.Linear(6, 3)

    def forward(self, x):
        x = self.relu(self.norm(self.conv1(x)))
        x = self.pool(self.relu(x + self.block(x)))
        return self.head(self.drop(x.mean((2, 3))))


def header(recorder):
    return json.loads((recorder.directory / "run.json").read_text())


def layers(recorder):
    return [one["name"] for one in header(recorder)["network"]["layers"]]


def records(recorder):
    return [json.loads(line) for line in (recorder.directory / "epochs.jsonl").read_text().splitlines()]


def train(model, epochs=3, log=None, batch=4, step=None):
    """An ordinary loop, with a loader that shuffles."""
    x, y = images()
    optimiser = torch.optim.Adam(model.parameters(), 1e-2)
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), batch_size=batch, shuffle=True)
    for epoch in range(1, epochs + 1):
        model.train()
        for a, b in loader:
            optimiser.zero_grad()
            loss = F.cross_entropy(model(a), b)
            loss.backward()
            optimiser.step()
            if step:
                step(loss.item())
        if log:
            log(epoch=epoch, loss={"train": loss.item()})
    return model


def test_a_training_is_recorded(tmp_path):
    model = Net()
    with dv.watch(model, probe=images(), classes=CLASSES, run=tmp_path, epochs=3, strict=True) as recorder:
        train(model, log=recorder.log)
        values = recorder.values()
    assert layers(recorder) == ["conv1", "norm", "relu", "block.0", "block.1", "relu#2", "pool", "head"]
    kinds = [one["kind"] for one in header(recorder)["network"]["layers"]]
    assert kinds == [
        "convolution",
        "normalisation",
        "activation",
        "convolution",
        "normalisation",
        "activation",
        "pooling",
        "dense",
    ]
    assert header(recorder)["network"]["parameters"] == sum(one.numel() for one in model.parameters())
    assert header(recorder)["network"]["layers"][5]["parameters"] == 0
    assert header(recorder)["network"]["layers"][6]["shape"] == [6, 6, 6]
    lines = records(recorder)
    assert [(one["epoch"], one["step"]) for one in lines] == [(1, 3), (2, 6), (3, 9)]
    assert 0 < lines[1]["monitoringShare"] <= 1 and lines[1]["seconds"] > 0
    assert set(lines[0]["scalars"]) == {"loss/train", "gradient_norm"}
    for metric in ("discriminability", "density", "active", "dead", "gradient_norm", "weight_norm", "update_ratio"):
        assert f"{metric}/conv1" in values
    assert lines[0]["layers"]["update_ratio"][2] is None
    assert dv.check_run(tmp_path) == []


def test_samples_are_what_the_model_answers(tmp_path):
    model = Net()
    x, y = images()
    with dv.watch(model, probe=(x, y), run=tmp_path, batch=5, strict=True) as recorder:
        recorder.log()
    stored = load_file(tmp_path / "epochs/000001.safetensors")
    model.eval()
    with torch.no_grad():
        first = model.conv1(x)
        rectified = F.relu(model.norm(first))
        np.testing.assert_allclose(stored["1.samples"], first.mean((2, 3)), rtol=2e-3, atol=1e-4)
        np.testing.assert_allclose(stored["3.samples"], rectified.mean((2, 3)), rtol=2e-3, atol=1e-4)
        np.testing.assert_allclose(stored["8.samples"], model(x), rtol=2e-3, atol=1e-4)


@pytest.mark.parametrize("every", ["epoch", "2 steps", "0.0001 s"])
@pytest.mark.parametrize("way", ["eager", "compiled", "compiled in place"])
def test_a_training_has_the_same_weights_with_and_without(tmp_path, every, way):
    def trained(is_recorded):
        torch.manual_seed(3)
        random.seed(3)
        np.random.seed(3)
        model = Net()
        called = model
        if way == "compiled":
            torch._dynamo.reset()
            called = torch.compile(model, backend="aot_eager")
        elif way == "compiled in place":
            torch._dynamo.reset()
            model.compile(backend="aot_eager")
        if not is_recorded:
            return train(called).state_dict(), (torch.rand(3), random.random(), np.random.rand())
        with dv.watch(called, probe=images(), run=tmp_path / "run", every=every, patches=3, strict=True) as recorder:
            train(called, log=recorder.log)
        assert len(records(recorder)) >= 3
        return called.state_dict(), (torch.rand(3), random.random(), np.random.rand())

    without, after = trained(False)
    with_it, after_it = trained(True)
    assert without.keys() == with_it.keys()
    assert all(torch.equal(without[name], with_it[name]) for name in without)
    assert torch.equal(after[0], after_it[0]) and after[1:] == after_it[1:]


def test_a_compiled_model_is_not_compiled_anew(tmp_path):
    torch._dynamo.reset()
    counter = torch._dynamo.testing.CompileCounter()
    model = torch.compile(Net(), backend=counter)
    with dv.watch(model, probe=images(), run=tmp_path, strict=True) as recorder:
        train(model, epochs=1)
        compiled = counter.frame_count
        recorder.log()
        train(model, epochs=1)
        assert counter.frame_count == compiled > 0
    assert layers(recorder)[0] == "conv1"


def test_flags_buffers_and_hooks_are_as_before(tmp_path):
    model = Net()
    model.train()
    model.norm.eval()
    model.conv1.requires_grad_(False)

    class Counting(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("calls", torch.zeros(()))

        def forward(self, x):
            self.calls += 1
            return x

        def eval(self):
            raise AssertionError("models may change their weights here")

    model.drop = Counting()
    before = copy.deepcopy(model.state_dict())
    with dv.watch(model, probe=images(), run=tmp_path, strict=True) as recorder:
        recorder.log()
        # Nothing of a recorder hangs on the model.
        copy.deepcopy(model)
        assert not any(module._forward_hooks for module in model.modules())
    assert model.training and model.drop.training and not model.norm.training
    assert all(torch.equal(before[name], one) for name, one in model.state_dict().items())
    assert all(one.grad is None for one in model.parameters())


def test_outputs_in_tuples_dicts_and_dataclasses(tmp_path):
    @dataclasses.dataclass
    class Output:
        number: int
        hidden: torch.Tensor

    class Told(nn.Module):
        def __init__(self, kind):
            super().__init__()
            self.inner = nn.Parameter(torch.eye(4))
            self.kind = kind

        def forward(self, x):
            x = getattr(x, "hidden", x)
            x = x["logits"] if isinstance(x, dict) else x[1] if isinstance(x, tuple) else x
            x = x @ self.inner
            return {"tuple": (torch.zeros(3, dtype=torch.long), x), "dict": {"loss": None, "logits": x}}.get(
                self.kind, Output(1, x)
            )

    model = nn.Sequential(Told("tuple"), Told("dict"), Told("dataclass"))
    x = torch.rand(6, 4)
    with dv.watch(model, probe=x, run=tmp_path, strict=True) as recorder:
        recorder.log()
    assert layers(recorder) == ["0", "1", "2"]
    stored = load_file(tmp_path / "epochs/000001.safetensors")
    for place in (1, 2, 3):
        np.testing.assert_allclose(stored[f"{place}.samples"], x, rtol=1e-3, atol=1e-4)
    assert "discriminability" not in records(recorder)[0]["layers"]


class Transformer(nn.Module):
    def __init__(self, batch_first=True):
        super().__init__()
        self.embed = nn.Embedding(11, 8)
        layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=batch_first, dropout=0.1)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(8, 3)
        self.batch_first = batch_first

    def forward(self, ids, attention_mask=None):
        x = self.embed(ids)
        hidden = self.encoder(x) if self.batch_first else self.encoder(x.transpose(0, 1)).transpose(0, 1)
        return self.head(hidden[:, 0])


@pytest.mark.parametrize("batch_first", [True, False])
def test_tokens_wherever_their_axis_is(tmp_path, batch_first):
    model = Transformer(batch_first)
    ids = torch.randint(0, 11, (6, 5))
    with dv.watch(model, probe=(ids, torch.arange(6) % 3), run=tmp_path, strict=True) as recorder:
        recorder.log()
    told = {one["name"]: one for one in header(recorder)["network"]["layers"]}
    assert told["embed"]["shape"] == [1, 5, 8] and told["head"]["shape"] == [1, 1, 3]
    # The fused way of inference would skip what is inside.
    assert told["encoder.layers.1.linear1"]["shape"] == [1, 5, 16]
    assert told["encoder.layers.0.self_attn"]["units"] == 8
    stored = load_file(tmp_path / "epochs/000001.safetensors")
    with torch.no_grad():
        np.testing.assert_allclose(stored["1.samples"], model.embed(ids).mean(1), rtol=2e-3, atol=1e-4)
    assert dv.check_run(tmp_path) == []


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ("mean", lambda x, mask: (x * mask).sum(1) / mask.sum(1)),
        ("first", lambda x, mask: x[:, 0]),
        ("last", lambda x, mask: x[torch.arange(6), mask[:, :, 0].sum(1).long() - 1]),
        (2, lambda x, mask: x[:, 2]),
        (torch.eye(6, 5), lambda x, mask: torch.cat([x[torch.arange(5), torch.arange(5)], torch.zeros(1, 8)])),
    ],
    ids=["mean", "first", "last", "a place", "a mask"],
)
def test_which_tokens_count(tmp_path, token, expected):
    model = Transformer()
    ids = torch.randint(0, 11, (6, 5))
    mask = (torch.arange(5) < torch.tensor([[5], [3], [2], [5], [4], [1]])).long()
    probe = {"ids": ids, "attention_mask": mask, "labels": torch.arange(6) % 3}
    with dv.watch(model, probe=probe, run=tmp_path, token=token, batch=4, strict=True) as recorder:
        recorder.log()
    stored = load_file(tmp_path / "epochs/000001.safetensors")
    with torch.no_grad():
        wanted = expected(model.embed(ids), mask[:, :, None].float())
    np.testing.assert_allclose(stored["1.samples"], wanted, rtol=2e-3, atol=1e-3)
    assert header(recorder)["probe"]["labels"] == [0, 1, 2, 0, 1, 2]


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float64])
def test_models_in_other_precisions(tmp_path, dtype):
    model = Net().to(dtype)
    with dv.watch(model, probe=images(), run=tmp_path, strict=True) as recorder:
        recorder.log()
    assert dv.check_run(tmp_path) == []
    assert all(value is not None for value in records(recorder)[0]["layers"]["discriminability"])


def test_one_layer_that_is_not_finite_spoils_no_other(tmp_path):
    model = Net()
    with torch.no_grad():
        model.head.weight[1] = float("nan")
    with dv.watch(model, probe=images(), run=tmp_path, strict=True) as recorder:
        recorder.log()
        train(model, epochs=1)
        recorder.log()
    first, second = records(recorder)
    assert first["layers"]["nonfinite"] == [*[None] * 7, 12]
    assert first["layers"]["discriminability"][0] > 0
    assert second["layers"]["nonfinite_gradients"][0] > 0
    assert second["scalars"]["gradient_norm"] == "NaN"


def test_layouts_are_found(tmp_path):
    class Mixed(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(3, 8, 4, stride=4)
            self.norm = nn.LayerNorm(8)
            self.mlp = nn.Linear(8, 8)
            self.act = nn.GELU()
            self.rows = nn.Linear(8, 5)
            self.line = nn.Conv1d(8, 4, 1)
            self.after = nn.ReLU()
            self.video = nn.Conv3d(3, 4, 1)
            self.last = nn.LSTM(8, 6, batch_first=True)

        def forward(self, x):
            self.video(x[:, :, None])
            x = self.conv(x).permute(0, 2, 3, 1)
            x = self.act(self.mlp(self.norm(x)))
            self.rows(x.flatten(0, 2))
            self.after(self.line(x.flatten(1, 2).transpose(1, 2)))
            return self.last(x.flatten(1, 2))[0]

    with dv.watch(Mixed(), probe=images(), run=tmp_path, strict=True) as recorder:
        recorder.log()
    shapes = {one["name"]: one["shape"] for one in header(recorder)["network"]["layers"]}
    assert shapes == {
        **{"video": [12, 12, 4], "conv": [3, 3, 8], "norm": [3, 3, 8], "mlp": [3, 3, 8], "act": [3, 3, 8]},
        **{"rows": [1, 9, 5], "line": [1, 9, 4], "after": [1, 9, 4], "last": [1, 9, 6]},
    }
    assert dv.check_run(tmp_path) == []


def test_a_layout_that_is_said(tmp_path):
    class Odd(nn.Module):
        def forward(self, x):
            return x.permute(2, 0, 3, 1)

    with dv.watch(Odd(), probe=images(), run=tmp_path / "a", layouts={"odd": "hnwc"}, strict=True) as recorder:
        recorder.log()
    assert header(recorder)["network"]["layers"][0]["shape"] == [12, 12, 3]
    with pytest.raises(dv.RecordingError, match='the layout "nwc" of odd does not name the axes of'):
        dv.watch(Odd(), probe=images(), run=tmp_path / "b", layouts={"*": "nwc"})


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        ("block.*", ["block.0", "block.1"]),
        (nn.Conv2d, ["conv1", "block.0"]),
        (["head", nn.MaxPool2d], ["pool", "head"]),
        (lambda name, module: name == "block", ["block"]),
    ],
)
def test_layers_are_chosen(tmp_path, select, expected):
    with dv.watch(Net(), probe=images(), run=tmp_path, layers=select, strict=True) as recorder:
        recorder.log()
    assert layers(recorder) == expected


def test_shared_checkpointed_parametrised_and_wrapped_modules(tmp_path):
    from torch.utils.checkpoint import checkpoint

    class Odd(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = nn.utils.parametrizations.weight_norm(nn.Linear(4, 4))
            self.second = self.first
            self.inner = nn.Sequential(nn.Linear(4, 4), nn.Tanh())

        def forward(self, x):
            return checkpoint(self.inner, self.second(self.first(x)), use_reentrant=True)

    model = nn.DataParallel(Odd())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with dv.watch(model, probe=torch.rand(6, 4), run=tmp_path, strict=True) as recorder:
            recorder.log()
    assert layers(recorder) == ["first", "first#2", "inner.0", "inner.1"]
    assert header(recorder)["network"]["layers"][3]["range"] == [-1, 1]


def test_a_quantised_model(tmp_path):
    model = torch.ao.quantization.quantize_dynamic(
        nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3)), {nn.Linear}
    )
    with dv.watch(model, probe=torch.rand(6, 4), run=tmp_path, strict=True) as recorder:
        recorder.log()
    assert [one["units"] for one in header(recorder)["network"]["layers"]] == [8, 8, 3]


def test_a_scripted_model_is_recorded_where_it_can_be(tmp_path):
    model = nn.Sequential(nn.Linear(4, 4), torch.jit.script(nn.Sequential(nn.Linear(4, 4), nn.ReLU())))
    with dv.watch(model, probe=torch.rand(6, 4), run=tmp_path, strict=True) as recorder:
        recorder.log()
    assert layers(recorder)[0] == "0"


def test_a_model_that_is_one_layer(tmp_path):
    with dv.watch(nn.Linear(4, 3), probe=torch.rand(6, 4), run=tmp_path, strict=True) as recorder:
        recorder.log()
    assert layers(recorder) == ["linear"]


def test_what_is_called_on_some_records_alone(tmp_path):
    class Early(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.Linear(4, 4), nn.Linear(4, 4)
            self.deep = True

        def forward(self, x):
            return self.b(self.a(x)) if self.deep else self.a(x)

    model = Early()
    with dv.watch(model, probe=torch.rand(6, 4), run=tmp_path, strict=True) as recorder:
        recorder.log()
        model.deep = False
        recorder.log()
    assert [one["layers"]["density"][1] is None for one in records(recorder)] == [False, True]


def test_a_clock_of_steps_needs_no_line_in_the_loop(tmp_path):
    model = Net()
    with dv.watch(model, probe=images(), run=tmp_path, every="4 steps", strict=True) as recorder:
        train(model, epochs=3, step=lambda loss: recorder.log(loss={"train": loss}))
    lines = records(recorder)
    assert [one["step"] for one in lines] == [0, 4, 8, 9]
    assert header(recorder)["clock"] == "step"
    assert "loss/train" not in lines[0]["scalars"] and all("loss/train" in one["scalars"] for one in lines[1:])
    assert "update_ratio" in lines[1]["layers"]
    assert dv.check_run(tmp_path) == []
    with dv.watch(model, probe=images(), run=tmp_path, every="4 steps", resume=True, strict=True) as recorder:
        train(model, epochs=2)
    assert [one["step"] for one in records(recorder)] == [0, 4, 8, 9, 12, 15]


def test_a_pytorch_that_does_not_tell_of_steps_records_by_epochs(tmp_path, monkeypatch):
    from deepview_tui.torch.gradients import Steps

    monkeypatch.setattr(Steps, "are_told", False)
    with pytest.raises(dv.RecordingError, match="this PyTorch does not tell of steps"):
        dv.watch(Net(), probe=images(), run=tmp_path / "steps", every="4 steps")
    assert not (tmp_path / "steps").exists()
    model = Net()
    with dv.watch(model, probe=images(), run=tmp_path / "epochs", strict=True) as recorder:
        train(model, epochs=2, log=recorder.log)
    assert [(one["epoch"], one.get("step")) for one in records(recorder)] == [(1, None), (2, None)]
    assert dv.check_run(recorder.directory) == []


def test_update_ratios_are_those_of_the_steps(tmp_path):
    model = nn.Linear(4, 3)
    with dv.watch(model, probe=torch.rand(6, 4), run=tmp_path, every="1 steps", strict=True) as recorder:
        optimiser = torch.optim.SGD(model.parameters(), 0.5)
        model(torch.rand(5, 4)).sum().backward()
        norm = torch.cat([one.grad.flatten() for one in model.parameters()]).norm().item()
        weight = torch.cat([one.detach().flatten() for one in model.parameters()]).norm().item()
        optimiser.step()
    layer = {name: values[0] for name, values in records(recorder)[1]["layers"].items()}
    assert layer["gradient_norm"] == pytest.approx(norm)
    assert layer["weight_norm"] == pytest.approx(weight)
    assert layer["update_ratio"] == pytest.approx(0.5 * norm / weight)
    assert records(recorder)[1]["scalars"]["gradient_norm"] == pytest.approx(norm)


def test_gradients_can_be_left_out(tmp_path):
    model = Net()
    with dv.watch(model, probe=images(), run=tmp_path, gradients=False, strict=True) as recorder:
        train(model, epochs=1, log=recorder.log)
    of_classes = {"discriminability", "separability"}
    assert set(records(recorder)[0]["layers"]) == {*of_classes, "density", "active", "dead", "dimension"}
    assert "metrics" not in header(recorder)


def test_receptive_fields_are_followed_through_branches(tmp_path):
    with dv.watch(Net(), probe=images(), run=tmp_path, strict=True) as recorder:
        recorder.log()
    fields = {one["name"]: one.get("receptiveField") for one in header(recorder)["network"]["layers"]}
    three = {"size": 3, "stride": 1, "offset": -1}
    five = {"size": 5, "stride": 1, "offset": -2}
    assert fields == {
        **{"conv1": three, "norm": three, "relu": three, "block.0": five, "block.1": five, "relu#2": five},
        **{"pool": {"size": 6, "stride": 2, "offset": -2}, "head": None},
    }


def test_a_receptive_field_is_what_changes_the_output(tmp_path):
    """Measured: only pixels inside of it move a position."""
    model = nn.Sequential(
        nn.Conv2d(3, 4, 5, stride=2, padding=1), nn.AvgPool2d(3, 2), nn.Conv2d(4, 4, 3, dilation=2, padding=2)
    ).double()
    x = torch.rand(4, 3, 40, 40, dtype=torch.float64)
    with dv.watch(model, probe=x, run=tmp_path, strict=True) as recorder:
        recorder.log()
    field = header(recorder)["network"]["layers"][2]["receptiveField"]
    x.requires_grad_()
    model(x)[:, :, 4, 5].sum().backward()
    for axis, place in ((2, 4), (3, 5)):
        moved = x.grad.abs().sum([0, 1, 5 - axis]).nonzero().flatten()
        begin = field["offset"] + place * field["stride"]
        assert (moved.min().item(), moved.max().item() + 1) == (max(0, begin), min(40, begin + field["size"]))


def test_patches_are_the_strongest_places(tmp_path, program):
    model = Net()
    x, y = images()
    with dv.watch(model, probe=(x, y), classes=CLASSES, run=tmp_path, epochs=6, patches=4, strict=True) as recorder:
        for _ in range(6):
            recorder.log()
    assert sorted(one.name for one in (tmp_path / "features").iterdir()) == ["000001", "000005", "000006"]
    stored = load_file(tmp_path / "features/000006/01.safetensors")
    model.eval()
    with torch.no_grad():
        answers = model.conv1(x)
    top = answers.flatten(2).max(2).values.T.sort(dim=1, descending=True).values[:, :4]
    np.testing.assert_allclose(stored["activation"], top, rtol=1e-5)
    image, y_, x_ = (int(stored[one][2, 0]) for one in ("image", "y", "x"))
    assert answers[image, 2, y_, x_].item() == pytest.approx(float(top[2, 0]), rel=1e-5)
    assert dv.check_run(tmp_path) == []
    assert [one["image"] for one in program("show", tmp_path, "1/2")["patches"]] == stored["image"][2].tolist()
    assert program("show", tmp_path)["run"]["classes"] == CLASSES


def test_pictures_are_as_they_were_before_they_were_normalised(tmp_path):
    pil = pytest.importorskip("PIL.Image")
    x, y = images(count=6)
    mean, std = [0.5, 0.4, 0.3], [0.2, 0.3, 0.4]
    normal = (x - torch.tensor(mean)[:, None, None]) / torch.tensor(std)[:, None, None]
    with dv.watch(Net(), probe=(normal, y), run=tmp_path, mean=mean, std=std, strict=True):
        pass
    told = json.loads((tmp_path / "images/images.json").read_text())
    sheet = np.asarray(pil.open(tmp_path / "images/sheet.png"))
    assert told["labels"] == y.tolist()
    for place in range(6):
        row, column = divmod(place, told["across"])
        cut = sheet[row * 12 : row * 12 + 12, column * 12 : column * 12 + 12]
        assert np.abs(cut - (x[place] * 255).permute(1, 2, 0).numpy()).max() <= 1


@pytest.mark.parametrize("kind", ["grey", "bytes", "of any range"])
def test_pictures_of_all_kinds(tmp_path, kind):
    pil = pytest.importorskip("PIL.Image")
    x, _ = images(count=6)
    probe, wanted = {
        "grey": (x[:, :1], x[:, :1]),
        "bytes": ((x * 255).round().byte(), x),
        "of any range": (x * 6 - 3, (x - x.min()) / (x.max() - x.min())),
    }[kind]
    model = nn.Sequential(nn.Conv2d(probe.shape[1], 2, 3))

    def forward(model, batch):
        return model(batch.float())

    with dv.watch(model, probe=probe, run=tmp_path, forward=forward, strict=True) as recorder:
        recorder.log()
    sheet = np.asarray(pil.open(tmp_path / "images/sheet.png")).reshape(-1, 24, probe.shape[1])
    assert np.abs(sheet[:12, :12].astype(int) - (wanted[0] * 255).permute(1, 2, 0).numpy()).max() <= 1
    assert header(recorder)["dataset"]["imageShape"] == [12, 12, probe.shape[1]]
    assert (tmp_path / "features/000001/features.json").exists()


def test_more_images_than_a_run_carries_are_left_out(tmp_path, monkeypatch):
    from deepview_tui.torch import recorder as module

    monkeypatch.setattr(module, "SHEET_PIXELS", 1000)
    with (
        pytest.warns(dv.RecordingWarning, match="patches are left out: 12 images of 12x12"),
        dv.watch(Net(), probe=images(), run=tmp_path, strict=True) as recorder,
    ):
        recorder.log()
    assert not (tmp_path / "features").exists() and not (tmp_path / "images").exists()


def probes():
    x, y = images()
    data = torch.utils.data.TensorDataset(x, y)
    return {
        "tensors": (x, y),
        "arrays": (x.numpy(), y.numpy()),
        "lists": [x, y.tolist()],
        "a loader": torch.utils.data.DataLoader(data, batch_size=5),
        "a generator": ((x[i : i + 5], y[i : i + 5]) for i in range(0, 12, 5)),
        "a data set": data,
    }


@pytest.mark.parametrize("probe", probes().values(), ids=list(probes()))
def test_probes_of_all_kinds_are_the_same(tmp_path, probe):
    with dv.watch(Net(), probe=probe, run=tmp_path, strict=True) as recorder:
        recorder.log()
    assert header(recorder)["probe"]["labels"] == images()[1].tolist()


def test_targets_that_are_no_classes_are_no_labels(tmp_path):
    x, _ = images()
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, torch.rand(12, 1, 12, 12)), batch_size=5)
    with dv.watch(nn.Conv2d(3, 1, 3), probe=loader, run=tmp_path, strict=True) as recorder:
        recorder.log()
    assert "labels" not in header(recorder)["probe"]
    assert set(records(recorder)[0]["layers"]) == {"density", "active", "dead", "dimension"}


class Objects(torch.utils.data.Dataset):
    """As of pictures that were never made tensors."""

    def __len__(self):
        return 4

    def __getitem__(self, at):
        return object(), at


class Raising(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(4, 4)

    def forward(self, x):
        if not self.training:
            raise ValueError("targets are missing\nin eval mode")
        return self.a(x)


@pytest.mark.parametrize(
    ("model", "arguments", "message"),
    [
        (Net, {"probe": (torch.rand(0, 3, 12, 12), [])}, "the probe is empty"),
        (Net, {"probe": []}, r"the probe is no \(inputs, labels\)"),
        (Net, {"probe": iter([])}, "the probe is empty"),
        (Net, {"probe": (images()[0], [0, 1])}, "the probe has 2 labels for 12 samples"),
        (
            Net,
            {"probe": (images()[0], [0] * 11 + [7]), "classes": CLASSES},
            "label 11 is 7; 3 classes are numbered 0 to 2",
        ),
        (Net, {"probe": (images()[0], torch.rand(12))}, "labels must be whole numbers"),
        (Net, {"probe": ({"a": torch.rand(3, 4), "b": torch.rand(4, 4)}, None)}, "inputs are of 3 and of 4 samples"),
        (Net, {"probe": torch.rand(4, 5)}, "does not take the probe in eval mode"),
        (Net, {"probe": 3}, "the probe is of int"),
        (Net, {"probe": [(images()[0], ["cat"] * 12)]}, r"the probe is no \(inputs, labels\)"),
        (Net, {"probe": (images()[0], ["cat"] * 12)}, "labels must be whole numbers"),
        (Net, {"probe": [object()] * 3}, r"the probe is no \(inputs, labels\)"),
        (Net, {"probe": Objects()}, r"the probe cannot be read \(TypeError: "),
        (lambda: nn.Sequential(nn.LazyLinear(3)), {"probe": torch.rand(4, 4)}, "the model has lazy modules"),
        (Raising, {"probe": torch.rand(4, 4)}, r"\(ValueError: targets are missing\); give a probe"),
        (Net, {"probe": images(), "every": "often"}, 'it may be "epoch", "500 steps" or "60 s"'),
        (Net, {"probe": images(), "token": "middle"}, 'it may be "mean", "first", "last"'),
        (Net, {"probe": images(), "token": torch.ones(3, 2)}, r"the mask of tokens is \[3, 2\], not \[12, tokens\]"),
        (Net, {"probe": images(), "layers": "nothing.*"}, "the model has no layer to record"),
        (nn.Identity, {"probe": images()}, "the model has no layer to record"),
        (lambda: print, {"probe": images()}, "watch needs a torch.nn.Module"),
    ],
)
def test_what_is_wrong_is_one_sentence_before_anything_is_trained(tmp_path, model, arguments, message):
    made = model()
    with pytest.raises(dv.RecordingError, match=message) as told:
        dv.watch(made, run=tmp_path / "run", **arguments)
    assert "\n" not in str(told.value)
    assert not (tmp_path / "run").exists()
    if isinstance(made, nn.Module):
        assert made.training and not any(module._forward_hooks for module in made.modules())


@pytest.mark.parametrize("every", ["epoch", "1 steps"])
def test_what_goes_wrong_later_is_one_warning_and_training_goes_on(tmp_path, every):
    model = Net()
    recorder = dv.watch(model, probe=images(), run=tmp_path, every=every)
    train(model, epochs=1, log=recorder.log)
    recorder.run.flush()
    done = len(records(recorder))
    whole = model.forward
    model.forward = lambda x: whole(x) if model.training else 1 / 0
    with pytest.warns(dv.RecordingWarning, match="records no more: ZeroDivisionError: division by zero") as told:
        train(model, epochs=2, log=recorder.log)
        recorder.close()
    assert len([one for one in told if one.category is dv.RecordingWarning]) == 1
    assert len(records(recorder)) == done
    assert dv.check_run(tmp_path) == []


def test_a_model_whose_parts_were_all_replaced_is_recorded_no_more(tmp_path):
    model = nn.Sequential(nn.Linear(4, 4))
    with dv.watch(model, probe=torch.rand(6, 4), run=tmp_path) as recorder:
        recorder.log()
        model[0] = nn.Linear(4, 4)
        with pytest.warns(dv.RecordingWarning, match="no recorded layer was called"):
            recorder.log()


def test_a_probe_that_does_not_fit_is_shown_in_smaller_parts(tmp_path):
    class Small(nn.Module):
        most = 3

        def __init__(self):
            super().__init__()
            self.a = nn.Linear(4, 2)

        def forward(self, x):
            if len(x) > self.most:
                raise torch.cuda.OutOfMemoryError("CUDA out of memory.")
            return self.a(x)

    model = Small()
    x = torch.rand(12, 4)
    with dv.watch(model, probe=x, run=tmp_path, strict=True) as recorder:
        recorder.log()
        stored = load_file(tmp_path / "epochs/000001.safetensors") if recorder.run.flush() is None else {}
        np.testing.assert_allclose(stored["1.samples"], model.a(x).detach(), rtol=1e-3, atol=1e-4)
        model.most = 0
        with pytest.raises(dv.RecordingError, match="not even one sample of the probe fits cpu"):
            recorder.log()


def test_a_training_that_fails_says_so(tmp_path):
    model = Net()
    with pytest.raises(RuntimeError, match="boom"), dv.watch(model, probe=images(), run=tmp_path) as recorder:
        recorder.log()
        raise RuntimeError("boom")
    status = json.loads((tmp_path / "status.json").read_text())
    assert status["state"] == "failed" and status["error"]["message"] == "boom"


def test_a_recorder_that_is_closed_lets_go_of_the_optimiser(tmp_path):
    model = Net()
    recorder = dv.watch(model, probe=images(), run=tmp_path, every="1 steps", strict=True)
    recorder.close()
    train(model, epochs=1)
    assert len(records(recorder)) == 1


def test_two_models_have_a_recorder_each(tmp_path):
    models = [Net(), Net()]
    recorders = [
        dv.watch(one, probe=images(), run=tmp_path / str(at), every="1 steps", strict=True)
        for at, one in enumerate(models)
    ]
    train(models[0], epochs=1, batch=12)
    train(models[1], epochs=3, batch=12)
    for one in recorders:
        one.close()
    assert [[line["step"] for line in records(one)] for one in recorders] == [[0, 1], [0, 1, 2, 3]]
