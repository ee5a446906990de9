"""Answers of a PyTorch model of small-network.ts with the weights of a safetensors file, as JSON.

    python3 logits.py WEIGHTS.safetensors IMAGES.f32 > logits.json

IMAGES.f32 holds float32 images [N, 6, 8, 2].
"""
import json
import struct
import sys
from collections import OrderedDict

import numpy
import torch
from torch import nn


def load(path):
    """safetensors, read by hand: the format is a length, a JSON header and the bytes."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = file.read()
    assert header.pop("__metadata__")["format"] == "pt"
    tensors = OrderedDict()
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        assert entry["dtype"] == "F32"
        tensors[name] = torch.from_numpy(numpy.frombuffer(data[begin:end], "<f4").reshape(entry["shape"]).copy())
    return tensors


class OverChannels(nn.LayerNorm):
    """Layer normalisation over the channels of each position."""

    def forward(self, x):
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


model = nn.Sequential(OrderedDict(
    conv1=nn.Conv2d(2, 4, 3, padding="same"), bn1=nn.BatchNorm2d(4), relu1=nn.ReLU(),
    conv2=nn.Conv2d(4, 6, 3, padding="same", groups=2, bias=False), ln1=OverChannels(6), pool1=nn.MaxPool2d(2),
    flatten=nn.Flatten(), dense1=nn.Linear(72, 7), relu2=nn.ReLU(), dense2=nn.Linear(7, 5)))
model.load_state_dict(load(sys.argv[1]), strict=True)
model.eval()
images = numpy.fromfile(sys.argv[2], "<f4").reshape(-1, 6, 8, 2)
with torch.no_grad():
    logits = model(torch.from_numpy(images).permute(0, 3, 1, 2))
json.dump(logits.flatten().tolist(), sys.stdout)
