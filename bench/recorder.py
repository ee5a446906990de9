"""What recording costs: ResNet-18 on images of 32x32, batches of 128, on the CPU, one thread; processor time, so that
what else runs on the machine counts less. An epoch is 391 batches, as of CIFAR-10.

    DEEPVIEW_PYTHON=PYTHON npm run bench -- recorder [quick]

needs torch and torchvision. Beside it stand the same pass with hooks that do nothing, and torchinstruments where it is
installed.
"""

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


def spent(work, repeats=REPEATS):
    """The median processor time of a few runs, after one that does not count."""
    times = []
    for _ in range(repeats + 1):
        begin = time.process_time()
        work()
        times.append(time.process_time() - begin)
    return statistics.median(times[1:])


def resident():
    """Bytes of this process's memory."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


model = torchvision.models.resnet18(num_classes=10)
optimiser = torch.optim.SGD(model.parameters(), 0.01, momentum=0.9)
x, y = torch.rand(BATCH, 3, 32, 32), torch.arange(BATCH) % 10


def step():
    optimiser.zero_grad()
    nn.functional.cross_entropy(model(x), y).backward()
    optimiser.step()


batch = spent(step)
epoch = batch * BATCHES
print(f"a batch of {BATCH}: {batch * 1000:.0f} ms; an epoch of {BATCHES}: {epoch:.0f} s of processor time\n")
print(f"{'what':46} {'a record':>10} {'of an epoch':>12}")


def row(name, seconds):
    print(f"{name:46} {seconds * 1000:7.0f} ms {100 * seconds / epoch:10.2f} %", flush=True)


def probe(count):
    return torch.rand(count, 3, 32, 32), torch.arange(count) % 10


def empty_hooks(images):
    """The least that any way of looking costs: the pass itself."""
    handles = [one.register_forward_hook(lambda *_: None) for one in model.modules() if not list(one.children())]
    model.eval()
    with torch.no_grad():
        for part in images.split(BATCH):
            model(part)
    model.train()
    for handle in handles:
        handle.remove()


def recorded(name, count, **options):
    with tempfile.TemporaryDirectory() as directory:
        options = {"patches": 0, **options}
        with dv.watch(model, probe=probe(count), run=Path(directory) / "run", strict=True, **options) as recorder:

            def record():
                recorder.log()
                recorder.run.flush()

            row(name, spent(record))


images, _ = probe(1000)
row("a pass with empty hooks, probe 1000", spent(lambda: empty_hooks(images)))
for count in (250, 1000):
    recorded(f"60 layers, probe {count}", count)
recorded("60 layers, probe 1000, quantiles", 1000, keep="quantiles")
recorded("20 convolutions, probe 1000", 1000, layers=nn.Conv2d)
recorded("60 layers, probe 1000, patches each record", 1000, patches=100, epochs=1)

if importlib.util.find_spec("torchinstruments") is None:
    print("torchinstruments: not installed")

with tempfile.TemporaryDirectory() as directory:
    watched = dv.watch(model, probe=probe(1000), run=Path(directory) / "run", patches=0, strict=True)
    during = spent(step, 12)
    watched.close()
    print(f"\na step while it is watched: {during * 1000:.0f} ms, and without: {spent(step, 12) * 1000:.0f} ms")

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
