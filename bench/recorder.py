"""What recording costs: ResNet-18 on images of 32x32, batches of 128, on the CPU, one thread; processor time, so that
what else runs on the machine counts less. An epoch is 391 batches, as of CIFAR-10.

    DEEPVIEW_PYTHON=PYTHON npm run bench -- recorder [quick]

needs torch and torchvision. Beside it stand the same pass with hooks that do nothing, and torchinstruments where it is
installed (`pip install torchinstruments`), which looks at the same leaf modules in the same pass: other statistics, of all
values in place of samples, and histograms. All are measured by turns, each beside a step of the training in the same
round, and the median of the rounds' ratios counts: a machine that is busy with other things slows both.
"""

import contextlib
import copy
import gc
import importlib.util
import statistics
import sys
import tempfile
import time
import warnings
from pathlib import Path

import torch
import torchvision
from torch import nn

sys.path.insert(0, str(Path(__file__).parents[1] / "python/src"))
import deepview_tui as dv

warnings.simplefilter("ignore")
torch.set_num_threads(1)
torch.manual_seed(0)
QUICK = "quick" in sys.argv[1:]
BATCH, BATCHES, REPEATS = 128, 391, 2 if QUICK else 5


def spent(work):
    """The processor time of one run."""
    begin = time.process_time()
    work()
    return time.process_time() - begin


def resident():
    """Bytes of this process's memory."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


model = torchvision.models.resnet18(num_classes=10)
#: What is trained beside it, with nothing attached.
plain = copy.deepcopy(model)
optimiser = torch.optim.SGD(plain.parameters(), 0.01, momentum=0.9)
x, y = torch.rand(BATCH, 3, 32, 32), torch.arange(BATCH) % 10


def step(of=plain, by=optimiser):
    by.zero_grad()
    nn.functional.cross_entropy(of(x), y).backward()
    by.step()


def probe(count):
    return torch.rand(count, 3, 32, 32), torch.arange(count) % 10


def passed(of, images):
    of.eval()
    with torch.no_grad():
        for part in images.split(BATCH):
            of(part)
    of.train()


def empty_hooks(images):
    """The least that any way of looking costs: the pass itself."""
    handles = [one.register_forward_hook(lambda *_: None) for one in model.modules() if not list(one.children())]
    passed(model, images)
    for handle in handles:
        handle.remove()


def torchinstruments(images, directory):
    from torchinstruments import AlwaysSampler, inject_observer, leaf_modules

    observed = copy.deepcopy(model)
    inject_observer(observed, sampler=AlwaysSampler(), selector=leaf_modules(), output_dir=directory)
    return lambda: passed(observed, images)


with contextlib.ExitStack() as open_ones:
    place = Path(open_ones.enter_context(tempfile.TemporaryDirectory()))

    def recorded(count, **options):
        options = {"patches": 0, **options}
        watched = dv.watch(model, probe=probe(count), run=place / str(time.time()), strict=True, **options)
        recorder = open_ones.enter_context(watched)

        def record():
            recorder.log()
            recorder.run.flush()

        return record

    images, _ = probe(1000)
    ways = {
        "nothing: a pass with empty hooks, probe of 1000": lambda: empty_hooks(images),
        "60 layers, probe of 250": recorded(250),
        "60 layers, probe of 1000": recorded(1000),
        "60 layers, probe of 1000, quantiles": recorded(1000, keep="quantiles"),
        "20 convolutions, probe of 1000": recorded(1000, layers=nn.Conv2d),
        "60 layers, probe of 1000, with patches": recorded(1000, patches=100, epochs=1),
    }
    if importlib.util.find_spec("torchinstruments"):
        ways["torchinstruments, the same passes"] = torchinstruments(images, place / "other")
    else:
        print("torchinstruments: not installed")
    rounds = []
    for _ in range(REPEATS + 1):
        batch = statistics.median(spent(step) for _ in range(3))
        rounds.append({"": batch, **{name: spent(way) for name, way in ways.items()}})
    # The first round does not count.
    del rounds[0]
    batch = statistics.median(one[""] for one in rounds)
    epoch = batch * BATCHES
    print(f"a batch of {BATCH}: {batch * 1000:.0f} ms; an epoch of {BATCHES}: {epoch:.0f} s of processor time\n")
    print(f"{'of the training, with a record every':48} {'a record':>9} {'epoch':>8} {'200 steps':>10} {'50 steps':>9}")
    for name in ways:
        seconds = statistics.median(one[name] for one in rounds)
        steps = statistics.median(one[name] / one[""] for one in rounds)
        shares = [f"{100 * steps / count:.2f} %" for count in (BATCHES, 200, 50)]
        print(f"{name:48} {seconds:7.2f} s {shares[0]:>8} {shares[1]:>10} {shares[2]:>9}")

with tempfile.TemporaryDirectory() as directory:
    moved = torch.optim.SGD(model.parameters(), 0.01, momentum=0.9)
    with dv.watch(model, probe=probe(1000), run=Path(directory) / "run", patches=0, strict=True):
        turns = [(spent(lambda: step(model, moved)), spent(step)) for _ in range(4 if QUICK else 24)]
    print(f"\na step while it is watched takes {statistics.median(one / other for one, other in turns):.3f} of one without")

records = 12 if QUICK else 50
with tempfile.TemporaryDirectory() as directory:
    recorder = dv.watch(model, probe=probe(250), run=Path(directory) / "run", patches=0, strict=True)
    sizes = []
    for _ in range(records):
        recorder.log()
        recorder.run.flush()
        sizes.append(resident())
    recorder.close()
    grown = (sizes[-1] - sizes[records // 5]) / 2**20
    print(f"memory from record {records // 5 + 1} to {records}: {grown:+.1f} MiB of {sizes[-1] / 2**20:.0f}")
