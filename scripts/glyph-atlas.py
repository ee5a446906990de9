"""Draw the glyph atlas that screenshots are lettered with: src/imaging/files/glyph-atlas-data.ts.

    python3 scripts/glyph-atlas.py /usr/share/fonts/truetype/dejavu

needs Pillow and DejaVu Sans Mono (free licence, see src/imaging/files/glyph-atlas-LICENSE.txt). Every glyph is a coverage
mask of 20x40 pixels, 4 bits a pixel, so that a picture looks the same on every machine, whatever fonts it has.
Blocks, box drawing and braille are not in it: they are drawn as geometry, so that neighbours join without seams.
"""
import base64
import sys
import zlib

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT, SIZE, BASELINE = 20, 40, 33, 31
RANGES = [(0x21, 0x7E), (0xA1, 0x17F), (0x391, 0x3C9), (0x410, 0x44F), (0x2010, 0x2027), (0x2030, 0x203A),
          (0x2070, 0x208E), (0x20AC, 0x20AC), (0x2190, 0x21FF), (0x2200, 0x222B), (0x2248, 0x2265), (0x2295, 0x2299),
          (0x2300, 0x2328), (0x2387, 0x238B), (0x23CE, 0x23CF), (0x25A0, 0x25FF), (0x2605, 0x2606), (0x2610, 0x2613), (0x2660, 0x266B),
          (0x2690, 0x26A1), (0x2701, 0x2767), (0x2794, 0x27BE)]
BOLD = [(0x21, 0x7E)]


def supported(font):
    missing = font.getmask('\U000F1234').getbbox(), bytes(font.getmask('\U000F1234'))
    return lambda c: (font.getmask(chr(c)).getbbox(), bytes(font.getmask(chr(c)))) != missing and font.getmask(chr(c)).getbbox()


def draw(font, code):
    image = Image.new('L', (WIDTH, HEIGHT), 0)
    ImageDraw.Draw(image).text((0, BASELINE), chr(code), fill=255, font=font, anchor='ls')
    pixels = [min(15, round(value / 17)) for value in image.getdata()]
    return bytes(pixels[i] << 4 | pixels[i + 1] for i in range(0, len(pixels), 2))


def main(folder):
    codes, masks = [], b''
    for bold, name, ranges in ((0, 'DejaVuSansMono.ttf', RANGES), (1, 'DejaVuSansMono-Bold.ttf', BOLD)):
        font = ImageFont.truetype(f'{folder}/{name}', SIZE)
        assert abs(font.getlength('M') - WIDTH) < 0.6, font.getlength('M')
        has = supported(font)
        for first, last in ranges:
            for code in range(first, last + 1):
                if has(code):
                    codes.append(code | bold << 20)
                    masks += draw(font, code)
    index = b''.join(code.to_bytes(3, 'little') for code in codes)
    packed = base64.b64encode(zlib.compress(len(codes).to_bytes(2, 'little') + index + masks, 9)).decode()
    with open('src/imaging/files/glyph-atlas-data.ts', 'w') as file:
        file.write('// Made by scripts/glyph-atlas.py from DejaVu Sans Mono (glyph-atlas-LICENSE.txt).\n')
        file.write('// deflate(count u16, count x code u24 with bit 20 = bold, count x 20x40 coverage of 4 bits), base64.\n')
        file.write('// prettier-ignore\n')
        file.write(f"export const glyphAtlasData = '{packed}';\n")
    print(len(codes), 'glyphs', len(packed), 'bytes')


main(sys.argv[1])
