"""The peer of imaging.ts: Pillow draws the same screen of text, and packs it as PNG. Font: $DEEPVIEW_FONT, a file."""

import io
import json
import os
import sys
import time

from PIL import Image, ImageDraw, ImageFont

columns, rows = int(sys.argv[1]), int(sys.argv[2])
font = ImageFont.truetype(os.environ.get('DEEPVIEW_FONT', 'DejaVuSansMono.ttf'), 33)

for line in sys.stdin:
    start = time.perf_counter()
    image = Image.new('P', (columns * 20, rows * 40))
    draw = ImageDraw.Draw(image)
    for row in range(rows):
        for column in range(columns):
            x, y = column * 20, row * 40
            if row < rows // 2:
                draw.rectangle((x, y, x + 19, y + 39), fill=(row + column) % 32)
            else:
                draw.text((x, y), chr(33 + (row * columns + column) % 94), fill=255, font=font)
    file = io.BytesIO()
    image.save(file, 'PNG')
    print(json.dumps({'ms': 1000 * (time.perf_counter() - start), 'bytes': len(file.getvalue())}), flush=True)
