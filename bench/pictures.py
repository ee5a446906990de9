"""The peer of pictures.ts: Pillow assembles the same contact sheets from the same kind of pixels."""

import json
import math
import sys
import time

from PIL import Image


def patch(seed):
    image = Image.new('RGB', (32, 32))
    image.putdata(
        [
            tuple(int(128 + 90 * math.sin(6 * x / 32 + seed + c) * math.cos(5 * y / 32 - seed / 3)) for c in range(3))
            for y in range(32)
            for x in range(32)
        ]
    )
    return image


tiles = [patch(seed).tobytes() for seed in range(256)]


def sheet_of(side, method):
    step = side + 1
    sheet = Image.new('RGB', (16 * step - 1, 16 * step - 1))
    for index, pixels in enumerate(tiles):
        tile = Image.frombytes('RGB', (32, 32), pixels)
        if side != 32:
            tile = tile.resize((side, side), method)
        sheet.paste(tile, (index % 16 * step, index // 16 * step))
    return sheet


works = {
    'each tile twice as large': lambda: sheet_of(64, Image.NEAREST),
    'each tile to 24x24': lambda: sheet_of(24, Image.BOX),
    'the whole to 400x400': lambda: sheet_of(32, None).resize((400, 400), Image.BOX),
}

for line in sys.stdin:
    start = time.perf_counter()
    works[line.strip()]()
    print(json.dumps({'ms': 1000 * (time.perf_counter() - start)}), flush=True)
