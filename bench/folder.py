"""The peer of folder.ts: makes a folder of JPEGs and reads it with Pillow, one process. Needs Pillow and numpy.

A line `make FOLDER COUNT` or `read FOLDER SIZE` is answered with a line of JSON.
"""

import json
import os
import sys
import time

import numpy as np
import PIL
from PIL import Image, ImageOps


def make(folder, count):
    rng = np.random.default_rng(1)
    for image in range(count):
        kind = os.path.join(folder, f"class{image % 10}")
        if image < 10:
            os.makedirs(kind, exist_ok=True)
        width, height = rng.integers(96, 257, 2)
        small = rng.integers(0, 256, (height // 8 + 1, width // 8 + 1, 3), dtype=np.uint8)
        picture = Image.fromarray(small).resize((int(width), int(height)), Image.BICUBIC)
        picture.save(os.path.join(kind, f"{image:06}.jpg"), quality=88)
    return {"made": count}


def read(folder, size):
    paths = [os.path.join(at, name) for at, _, names in os.walk(folder) for name in names]
    start = time.perf_counter()
    used = time.process_time()
    total = 0
    for path in paths:
        with Image.open(path) as picture:
            picture.draft("RGB", (size, size))
            total += int(np.asarray(ImageOps.fit(picture, (size, size), Image.LANCZOS)).sum())
    seconds, cpu = time.perf_counter() - start, time.process_time() - used
    return {"pillow": PIL.__version__, "images": len(paths), "seconds": seconds, "cpu": cpu, "total": total}


for line in sys.stdin:
    word, folder, number = line.rstrip("\n").split("\t")
    print(json.dumps({"make": make, "read": read}[word](folder, int(number))), flush=True)
