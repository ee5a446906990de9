"""The peer of training.ts: one step of a network in PyTorch. Reads a line "train N" or "forward N" from standard
input, runs N of them, and answers with a line of JSON: their milliseconds."""
import json
import sys
import time

import torch
from torch import nn

batch = int(sys.argv[2])
if len(sys.argv) > 3:
    torch.set_num_threads(int(sys.argv[3]))


def pool(kind):
    return kind(3, stride=2, ceil_mode=True)


def convolution(inputs, outputs, kernel, padding):
    return nn.Conv2d(inputs, outputs, kernel, padding=padding)


widths = {"lenet": (32, 32, 64, 64), "lenet-w": (256, 256, 512, 512)}
if sys.argv[1] == "shallow":
    layers = [convolution(3, 16, 5, 2), pool(nn.MaxPool2d), nn.ReLU(), convolution(16, 20, 5, 2), nn.ReLU(),
              pool(nn.AvgPool2d), convolution(20, 20, 5, 2), nn.ReLU(), pool(nn.AvgPool2d), convolution(20, 10, 4, 0)]
else:
    a, b, c, d = widths[sys.argv[1]]
    layers = [convolution(3, a, 5, 2), pool(nn.MaxPool2d), nn.ReLU(), convolution(a, b, 5, 2), nn.ReLU(),
              pool(nn.AvgPool2d), convolution(b, c, 5, 2), nn.ReLU(), pool(nn.AvgPool2d), convolution(c, d, 4, 0),
              nn.ReLU(), convolution(d, 10, 1, 0)]
model = nn.Sequential(*layers, nn.Flatten())
optimiser = torch.optim.SGD(model.parameters(), lr=0.001, momentum=0.9, weight_decay=1e-4)
loss = nn.CrossEntropyLoss()
images = torch.randn(batch, 3, 32, 32) * 50
labels = torch.arange(batch) % 10


def train():
    optimiser.zero_grad(set_to_none=True)
    value = loss(model(images), labels)
    value.backward()
    optimiser.step()
    return value.item()


def forward():
    with torch.no_grad():
        return model(images).sum().item()


print(json.dumps({"version": torch.__version__}), flush=True)
for line in sys.stdin:
    what, times = line.split()
    spent = []
    for _ in range(int(times)):
        start = time.perf_counter()
        {"train": train, "forward": forward}[what]()
        spent.append(1000 * (time.perf_counter() - start))
    print(json.dumps(spent), flush=True)
