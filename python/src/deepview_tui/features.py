"""The strongest patches of neurons, and the images that they are cut from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .encoding import checksum, encode_json, encode_png, encode_tensors
from .errors import RecordingError, file_error
from .files import RunPaths, write_atomically

__all__ = ["Features", "write_features", "write_images"]

#: Pixels that the sheet of images may have.
SHEET_PIXELS = 64 * 2**20


@dataclass(frozen=True)
class Features:
    """Where in the images a layer's neurons were most active: arrays ``[neurons, patches]``, strongest first.

    ``image`` is the place in the probe, ``y`` and ``x`` the position in the layer's output; -1 in ``image`` where a
    neuron has fewer patches.
    """

    image: npt.NDArray[np.int32]
    y: npt.NDArray[np.int32]
    x: npt.NDArray[np.int32]
    activation: npt.NDArray[np.float32]

    @classmethod
    def of_maxima(cls, maxima: npt.NDArray[Any], positions: npt.NDArray[Any], width: int, most: int) -> Features:
        """Of the strongest activation of each image ``[images, neurons]`` and its place, row by row, in an output.

        An image whose strongest activation is exactly zero, or none, is not among them.
        """
        # A stable sort: of equals the lower image first.
        order = np.argsort(-np.nan_to_num(maxima, nan=-np.inf), axis=0, kind="stable")[:most].T
        activation = np.take_along_axis(maxima.T, order, 1).astype(np.float32)
        place = np.take_along_axis(positions.T, order, 1)
        is_patch = np.isfinite(activation) & (activation != 0)
        # What is missing stands at a neuron's end, and zeros may stand in the middle.
        last = np.argsort(~is_patch, axis=1, kind="stable")
        order, activation, place, is_patch = (
            np.take_along_axis(one, last, 1) for one in (order, activation, place, is_patch)
        )
        image = np.where(is_patch, order, -1).astype(np.int32)
        y, x = (np.where(is_patch, one, 0).astype(np.int32) for one in (place // width, place % width))
        return cls(image, y, x, np.where(is_patch, activation, 0).astype(np.float32))


def write_features(folder: Path, number: int, layers: Mapping[int, Features]) -> None:
    """Writes a record's features by layer (from 1), and last their checksums: without those it has none."""
    index = folder / "features.json"
    told: list[dict[str, Any]] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        index.unlink(missing_ok=True)
    except OSError as thrown:
        raise file_error(thrown, "write", folder) from thrown
    for layer, features in layers.items():
        narrow = np.int16 if max(features.y.max(), features.x.max()) < 2**15 else np.int32
        content = encode_tensors(
            {
                "image": features.image.astype(np.int32),
                "activation": features.activation.astype(np.float32),
                "y": features.y.astype(narrow),
                "x": features.x.astype(narrow),
            },
            {"format": "deepview-features", "epoch": str(number), "layer": str(layer)},
        )
        write_atomically(folder / f"{layer:02d}.safetensors", content)
        told.append({"index": layer, **checksum(content)})
    write_atomically(index, encode_json({"format": 1, "epoch": number, "layers": told}) + b"\n")


def write_images(paths: RunPaths, images: npt.NDArray[np.uint8], labels: Sequence[int]) -> None:
    """Writes the probe's images ``[N, height, width, 1 or 3]`` on one sheet, and their places 0, 1, ...

    :raises RecordingError: where they are more than a sheet may hold
    """
    count, height, width, channels = images.shape
    if count * height * width > SHEET_PIXELS:
        raise RecordingError(f"{count} images of {width}x{height} are more than a run carries.")
    across = max(1, min(count, round((count * height / width) ** 0.5)))
    down = -(-count // across)
    grid = np.zeros((down * across, height, width, channels), np.uint8)
    grid[:count] = images
    sheet = grid.reshape(down, across, height, width, channels).transpose(0, 2, 1, 3, 4)
    try:
        paths.images.mkdir(exist_ok=True)
    except OSError as thrown:
        raise file_error(thrown, "write", paths.images) from thrown
    write_atomically(paths.images / "sheet.png", encode_png(sheet.reshape(down * height, across * width, channels)))
    told = {"format": 1, "sheet": "sheet.png", "across": across, "images": list(range(count)), "labels": list(labels)}
    write_atomically(paths.images / "images.json", encode_json(told) + b"\n")
