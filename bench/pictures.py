"""The peer of pictures.ts: Pillow assembles the same contact sheets from the same pixels."""

import io
import json
import sys
import time

from PIL import Image


with open(sys.argv[1], 'rb') as file:
    tiles = [file.read(32 * 32 * 3) for _ in range(256)]


def sheet_of(side, method):
    step = side + 1
    sheet = Image.new('RGB', (16 * step - 1, 16 * step - 1))
    for index, pixels in enumerate(tiles):
        tile = Image.frombytes('RGB', (32, 32), pixels)
        if side != 32:
            tile = tile.resize((side, side), method)
        sheet.paste(tile, (index % 16 * step, index // 16 * step))
    return sheet


def as_png(sheet, factor):
    sheet = sheet.quantize(255, dither=Image.Dither.NONE)
    file = io.BytesIO()
    sheet.resize((sheet.width * factor, sheet.height * factor), Image.NEAREST).save(file, 'PNG')
    return file


def palette_of(colours):
    palette = Image.new('P', (1, 1))
    palette.putpalette([channel for colour in colours for channel in colour])
    return palette


STEPS = [0, 95, 135, 175, 215, 255]
CUBE = [(red, green, blue) for red in STEPS for green in STEPS for blue in STEPS]
PALETTE_256 = palette_of(CUBE + [(8 + 10 * grey,) * 3 for grey in range(24)])
PALETTE_16 = palette_of([
    (0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0), (0, 0, 238), (205, 0, 205), (0, 205, 205), (229, 229, 229),
    (127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0), (92, 92, 255), (255, 0, 255), (0, 255, 255),
    (255, 255, 255),
])


def dithered(palette):
    sheet = sheet_of(32, None).resize((400, 200), Image.BOX)
    return sheet.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)


# No filter of Pillow's is the mean of the area a pixel covers, which ours takes. BOX does less: it weighs whole pixels,
# those whose centre is inside (1.33 a line for 32 to 24, where two are touched). BILINEAR does more (2.67).
works = {
    'each tile twice as large': lambda: sheet_of(64, Image.NEAREST),
    'each tile to 24x24': lambda: sheet_of(24, Image.BOX),
    'each tile to 24x24, Pillow bilinear': lambda: sheet_of(24, Image.BILINEAR),
    'the whole to 400x400': lambda: sheet_of(32, None).resize((400, 400), Image.BOX),
    'the whole to 400x400, Pillow bilinear': lambda: sheet_of(32, None).resize((400, 400), Image.BILINEAR),
    'as a PNG of 255 colours, twice as large': lambda: as_png(sheet_of(32, None), 2),
    'as a PNG of 255 colours, to 400x400': lambda: as_png(sheet_of(32, None).resize((400, 400), Image.BOX), 1),
    'in blocks of 256 colours, 200x100 cells': lambda: dithered(PALETTE_256),
    'in blocks of 16 colours, 200x100 cells': lambda: dithered(PALETTE_16),
}

for line in sys.stdin:
    start = time.perf_counter()
    made = works[line.strip()]()
    spent = 1000 * (time.perf_counter() - start)
    print(json.dumps({'ms': spent, 'bytes': made.tell() if isinstance(made, io.BytesIO) else 0}), flush=True)
