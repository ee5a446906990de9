"""Makes the example runs beside it: `good/NAME` with what is to be read of it in `good/NAME.json`, and `bad/NAME` with the
message that is to be given in `bad/NAME.txt`. Python alone; the metrics are computed here once more, from their definitions.

    python3 make.py

`record.py` makes `recorded/NAME` and its numbers by the Python recorder.

Every recorder's tests may use them: what it reads of a good one, and what it says of a bad one, should be the same.
"""
import itertools
import json
import math
import pathlib
import shutil
import struct
import zlib

here = pathlib.Path(__file__).parent
LABELS = [0, 0, 0, 1, 1, 1]
CLASSES = ["disc", "square"]


def samples(units, seed, images=6):
    """[images][units], exactly representable in half precision."""
    return [[((seed * 7 + i * 5 + c * 3) % 16) / 8 - 0.5 for c in range(units)] for i in range(images)]


def discriminability(values, labels):
    """Of each neuron; all classes of one size here."""
    classes = sorted(set(labels))
    result = []
    for c in range(len(values[0])):
        of = {k: sorted(row[c] for row, label in zip(values, labels) if label == k) for k in classes}
        pairs = list(itertools.combinations(classes, 2))
        result.append(sum(math.sqrt(sum((a - b) ** 2 for a, b in zip(of[p], of[q])) / len(of[p])) for p, q in pairs) / len(pairs))
    return result


def density(values):
    return [sum(min(1, max(0, row[c])) for row in values) / len(values) for c in range(len(values[0]))]


mean = lambda values: sum(values) / len(values)


def tensors(path, entries):
    """A safetensors file. entries: name -> (dtype, shape, flat values)"""
    head, data = {}, b""
    for name, (dtype, shape, values) in entries.items():
        raw = struct.pack(f"<{len(values)}{ {'F64': 'd', 'F32': 'f', 'F16': 'e'}[dtype] }", *values)
        head[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(head).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def flat(values):
    return [value for row in values for value in row]


def header(layers=(("conv1", 3), ("relu1", 2)), **more):
    """One of the smallest headers; None leaves a field out."""
    fields = {
        "format": 2,
        "network": {"name": "tiny", "layers": [{"name": name, "units": units} for name, units in layers]},
        "dataset": {"name": "shapes", "classes": CLASSES},
        "probe": {"labels": LABELS},
        **more,
    }
    return {name: value for name, value in fields.items() if value is not None}


def write(kind, name, head, lines, files=None):
    folder = here / kind / name
    folder.mkdir(parents=True)
    (folder / "run.json").write_text((head if isinstance(head, str) else json.dumps(head)) + "\n")
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    (folder / "epochs.jsonl").write_text("".join(text + "\n" for text in texts))
    for number, entries in (files or {}).items():
        tensors(folder / "epochs" / f"{number:06d}.safetensors", entries)


def good(name, head, lines, records, files=None):
    """records: what is read, [{number, scalars, layers}]; values that are not finite as their texts, null of a metric not there."""
    write("good", name, head, lines, files)
    (here / "good" / f"{name}.json").write_text(json.dumps(records, indent=2) + "\n")


def bad(name, message, head, lines, files=None):
    write("bad", name, head, lines, files)
    (here / "bad" / f"{name}.txt").write_text(message + "\n")


def measured(number, scalars, units=(3, 2), labels=LABELS):
    """A record whose metrics the reader computes: (line, file, what is read of it)."""
    values = [samples(count, number + place, len(labels or range(4))) for place, count in enumerate(units)]
    file = {f"{place}.samples": ("F32", [len(one), len(one[0])], flat(one)) for place, one in enumerate(values, 1)}
    layers = {"density": [mean(density(one)) for one in values], "nonfinite": None,
              "discriminability": [mean(discriminability(one, labels)) for one in values] if labels else None}
    return file, {"number": number, "scalars": scalars, "layers": layers}


def make():
    for kind in ("good", "bad"):
        shutil.rmtree(here / kind, ignore_errors=True)

    good("minimal", {"format": 2, "network": {"name": "tiny", "layers": [{"name": "conv1", "units": 3}]}},
         [{"epoch": 1}], [{"number": 1, "scalars": {}, "layers": {"density": None, "discriminability": None}}])

    scalars = {"loss/train": 1.5, "loss/validation": 1.25, "error/validation": 0.25, "learning_rate": 0.05}
    files, records = zip(*(measured(epoch, {**scalars, "loss/train": 2 / epoch}) for epoch in (1, 2)))
    good("samples", header(), [{"epoch": one["number"], "scalars": one["scalars"]} for one in records], records,
         {one["number"]: file for one, file in zip(records, files)})

    files, records = zip(*(measured(step, {"perplexity/validation": 8.5, "gradient_norm": 0.5}) for step in (0, 500, 1000)))
    good("steps", header(clock="step"),
         [{"step": one["number"], "epoch": one["number"] / 800, "scalars": one["scalars"]} for one in records], records,
         {one["number"]: file for one, file in zip(records, files)})

    file, record = measured(1, {"loss/train": 0.5}, labels=None)
    good("no-labels", header(dataset=None, probe=None), [{"epoch": 1, "scalars": record["scalars"]}], [record], {1: file})

    good("no-samples", header(probe=None, dataset={"name": "text"}),
         [{"epoch": 1, "scalars": {"loss/validation": 3.25, "loss/train": 3.5}}],
         [{"number": 1, "scalars": {"loss/validation": 3.25, "loss/train": 3.5}, "layers": {"density": None}}])

    file, record = measured(1, {})
    broken = flat(samples(3, 1))
    broken[4], broken[7], broken[10] = math.nan, math.inf, -math.inf
    file["1.samples"] = ("F32", [6, 3], broken)
    line = '{"epoch": 1, "scalars": {"loss/train": NaN, "loss/validation": "Infinity", "note NaN": -Infinity}}'
    read = {"loss/train": "NaN", "loss/validation": "Infinity", "note NaN": "-Infinity"}
    good("not-finite", header(), [line], [{"number": 1, "scalars": read, "layers": {
        "nonfinite": [3, None], **{metric: [None, values[1]] for metric, values in record["layers"].items() if values}}}], {1: file})

    told = {"update_ratio": {"label": "update ratio", "better": "lower", "range": [0, 1]},
            "bleu/validation": {"label": "BLEU", "better": "higher"}}
    file, record = measured(1, {"bleu/validation": 21.5})
    file["1.update_ratio"] = ("F64", [3], [0.25, 0.5, 0.75])
    layers = {"update_ratio": [0.5, None]}
    good("unknown-metrics", header(metrics=told), [{"epoch": 1, "scalars": record["scalars"], "layers": layers}],
         [{**record, "layers": {**record["layers"], **layers}}], {1: file})

    names = [("layer1.0.conv2", 3), ("layer1.1.conv2", 2)]
    file, record = measured(1, {})
    good("dotted-names", header(layers=names), [{"epoch": 1}], [record], {1: file})

    files, records = zip(*(measured(epoch, {"loss/train": epoch / 4}) for epoch in (1, 2, 3)))
    line = lambda epoch, loss: {"epoch": epoch, "scalars": {"loss/train": loss}}
    good("resumed", header(), [line(1, 0.25), line(2, 9), line(3, 9), line(2, 0.5), line(3, 0.75)], records,
         {one["number"]: file for one, file in zip(records, files)})

    good("format-1", {**header(), "format": 1},
         [{"epoch": 1, "loss": {"train": 1, "validation": 2}, "top1Error": {"train": 0.5, "validation": 0.75},
           "top5Error": {"train": 0, "validation": 0}, "learningRate": 0.1,
           "discriminability": [1.5, 2.5], "density": [0.5, 0.25]}],
         [{"number": 1, "layers": {"discriminability": [1.5, 2.5], "density": [0.5, 0.25]}, "scalars": {
             "loss/train": 1, "loss/validation": 2, "error/train": 0.5, "error/validation": 0.75, "learning_rate": 0.1}}])

    # A loss that went astray, as Python's json module writes it, in the lines of format 1; and null for what is no number.
    old = lambda epoch, loss, error: {"epoch": epoch, "loss": {"train": loss, "validation": loss},
                                      "top1Error": {"train": error, "validation": error}, "top5Error": {"train": 0, "validation": 0}}
    told = lambda epoch, loss, error: {"number": epoch, "layers": {}, "scalars": {
        "loss/train": loss, "loss/validation": loss, "error/train": error, "error/validation": error}}
    good("nan-loss-format-1", {**header(), "format": 1},
         [old(1, 0.5, 0.25), old(2, math.nan, 0.5), old(3, math.inf, None), old(4, -math.inf, 0.125)],
         [told(1, 0.5, 0.25), told(2, "NaN", 0.5), told(3, "Infinity", "NaN"), told(4, "-Infinity", 0.125)])
    good("null-loss", header(), [{"epoch": 1, "scalars": {"loss/train": None}}, {"epoch": 2, "scalars": {"loss/train": 0.5}}],
         [{"number": 1, "layers": {}, "scalars": {"loss/train": "NaN"}}, {"number": 2, "layers": {}, "scalars": {"loss/train": 0.5}}])

    # Of three classes the right one is always among the first five.
    good("few-classes", header(dataset={"name": "shapes", "classes": ["disc", "square", "ring"]}),
         [{"epoch": 1, "scalars": {"error/validation": 0.25, "error_top5/validation": 0}}],
         [{"number": 1, "layers": {}, "scalars": {"error/validation": 0.25}}])

    # Metrics of neurons with every record, samples with the first and the last alone, values of layers with none.
    files, records = [], []
    for epoch in (5, 10, 15):
        file, record = measured(epoch, {"loss/train": 1 / epoch})
        for place, units in enumerate((3, 2), 1):
            file[f"{place}.discriminability"] = ("F64", [units], [epoch + c for c in range(units)])
            file[f"{place}.density"] = ("F64", [units], [c / epoch for c in range(units)])
            file[f"{place}.update_ratio"] = ("F64", [units], [epoch * c for c in range(units)])
            if epoch == 10:
                del file[f"{place}.samples"]
        record["layers"] = {"discriminability": [epoch + 1, epoch + 0.5], "density": [1 / epoch, 0.5 / epoch],
                            "update_ratio": [epoch, epoch / 2]}
        files.append(file)
        records.append(record)
    good("metrics-of-neurons", header(training={"epochs": 15}),
         [{"epoch": one["number"], "scalars": one["scalars"]} for one in records], records,
         {one["number"]: file for one, file in zip(records, files)})

    line = {"epoch": 1, "scalars": {"loss/train": 1}}
    bad("newer-format", "the run has format 3; this program reads up to format 2", header(format=3), [line])
    bad("no-layers", "network.layers must be a list of 1 to 4096", header(layers=()), [line])
    bad("no-units", "network.layers[0].units is missing; it must be a whole number from 1 to 65536",
        header(network={"name": "tiny", "layers": [{"name": "conv1"}]}), [line])
    bad("repeated-name", 'network.layers[1].name repeats "conv1"', header(layers=(("conv1", 3), ("conv1", 2))), [line])
    bad("unknown-class", "probe.labels[5] is 7, not 0 to 1", header(probe={"labels": [0, 0, 0, 1, 1, 7]}), [line])
    bad("other-clock", "line 1.step is missing; it must be a whole number from 0", header(clock="step"), [line])
    bad("text-for-number", 'line 1.scalars.loss/train must be a number, "NaN", "Infinity" or "-Infinity" or null; it is "low"',
        header(), [{"epoch": 1, "scalars": {"loss/train": "low"}}])
    bad("layer-missing", "line 1 has 1 values of density, not 2", header(), [{"epoch": 1, "layers": {"density": [0.5]}}])
    bad("not-json", "line 1 is not JSON", header(), ["epoch 1: loss 0.5"])
    sealed = json.dumps(line)[:-1]
    bad("checksum", "line 1 does not match its checksum", header(),
        [f'{sealed},"crc32":"{zlib.crc32(sealed.encode()):08x}"}}'])
    file, _ = measured(1, {})
    file["2.samples"] = ("F32", [6, 3], flat(samples(3, 1)))
    bad("other-shape", "2.samples is float32 [6, 3], not floats [6, 2] (images, neurons)", header(), [line], {1: file})


if __name__ == "__main__":
    make()
