"""Draw the glyph atlas that screenshots are lettered with: src/imaging/files/glyph-atlas-data.ts.

    python3 scripts/glyph-atlas.py /usr/share/fonts/truetype/dejavu

needs Pillow and DejaVu Sans Mono (free licence, see docs/dejavu-licence.txt). Every glyph is a coverage mask of 20x40
pixels, 4 bits a pixel, so that a picture looks the same on every machine, whatever fonts it has. Blocks, box drawing and
braille are not the font's: they are drawn as geometry, so that neighbours join without seams.
"""
import base64
import math
import sys
import zlib

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT, SIZE, BASELINE = 20, 40, 33, 31
RANGES = [(0x21, 0x7E), (0xA1, 0x17F), (0x391, 0x3C9), (0x410, 0x44F), (0x2010, 0x2027), (0x2030, 0x203A),
          (0x2070, 0x208E), (0x20AC, 0x20AC), (0x2190, 0x21FF), (0x2200, 0x222B), (0x2248, 0x2265), (0x2295, 0x2299),
          (0x2300, 0x2328), (0x2387, 0x238B), (0x23CE, 0x23CF), (0x25A0, 0x25FF), (0x2605, 0x2606), (0x2610, 0x2613), (0x2660, 0x266B),
          (0x2690, 0x26A1), (0x2701, 0x2767), (0x2794, 0x27BE)]
BOLD = [(0x21, 0x7E)]

FULL, CENTRE, MIDDLE = 15, WIDTH // 2, HEIGHT // 2
LIGHT, HEAVY, DOUBLE_GAP, DOT_RADIUS = 2, 6, 3, 3.3
# Which quarters (upper left 1, upper right 2, lower left 4, lower right 8) U+2596..U+259F fill.
QUADRANTS = [4, 8, 1, 13, 9, 7, 11, 2, 6, 14]
# Arms of U+2500..U+257F: left, right, up, down; 0 none, 1 light, 2 heavy, 3 double. Dashes, arcs and diagonals apart.
ARMS = '''
1100 2200 0011 0022 1100 2200 0011 0022 1100 2200 0011 0022 0101 0201 0102 0202
1001 2001 1002 2002 0110 0210 0120 0220 1010 2010 1020 2020 0111 0211 0121 0112
0122 0221 0212 0222 1011 2011 1021 1012 1022 2021 2012 2022 1101 2101 1201 2201
1102 2102 1202 2202 1110 2110 1210 2210 1120 2120 1220 2220 1111 2111 1211 2211
1121 1112 1122 2121 1221 2112 1212 2221 2212 2122 1222 2222 1100 2200 0011 0022
3300 0033 0301 0103 0303 3001 1003 3003 0310 0130 0330 3010 1030 3030 0311 0133
0333 3011 1033 3033 3301 1103 3303 3310 1130 3330 3311 1133 3333 0101 1001 1010
0110 0000 0000 0000 1000 0010 0100 0001 2000 0020 0200 0002 1200 0012 2100 0021
'''.split()
DASHES = {code: count for count, start in ((3, 0x2504), (4, 0x2508), (2, 0x254C)) for code in range(start, start + 4)}


def supported(font):
    missing = font.getmask('\U000F1234').getbbox(), bytes(font.getmask('\U000F1234'))
    return lambda c: (font.getmask(chr(c)).getbbox(), bytes(font.getmask(chr(c)))) != missing and font.getmask(chr(c)).getbbox()


def draw(font, code):
    image = Image.new('L', (WIDTH, HEIGHT), 0)
    ImageDraw.Draw(image).text((0, BASELINE), chr(code), fill=255, font=font, anchor='ls')
    pixels = [min(15, round(value / 17)) for value in image.get_flattened_data()]
    return packed(pixels)


def packed(pixels):
    return bytes(pixels[i] << 4 | pixels[i + 1] for i in range(0, len(pixels), 2))


class Cell:
    """Coverage of one cell, 0..15."""

    def __init__(self):
        self.pixels = [0] * (WIDTH * HEIGHT)

    def fill(self, x0, y0, x1, y1, ink=FULL):
        """Fills [x0, x1) x [y0, y1), in pixels."""
        for y in range(max(0, y0), min(HEIGHT, y1)):
            for x in range(max(0, x0), min(WIDTH, x1)):
                self.pixels[y * WIDTH + x] = ink

    def ink_by(self, distance):
        """Inks where `distance` (in pixels, negative inside) says so, with smooth edges."""
        for y in range(HEIGHT):
            for x in range(WIDTH):
                ink = rounded(FULL * min(1, max(0, 0.5 - distance(x + 0.5, y + 0.5))))
                self.pixels[y * WIDTH + x] = max(self.pixels[y * WIDTH + x], ink)


def rounded(value):
    return math.floor(value + 0.5)


def block_element(cell, code):
    def eighths(count, length):
        return rounded(count * length / 8)

    if code == 0x2580:
        cell.fill(0, 0, WIDTH, MIDDLE)
    elif code <= 0x2588:
        cell.fill(0, HEIGHT - eighths(code - 0x2580, HEIGHT), WIDTH, HEIGHT)
    elif code <= 0x258F:
        cell.fill(0, 0, eighths(0x2590 - code, WIDTH), HEIGHT)
    elif code == 0x2590:
        cell.fill(CENTRE, 0, WIDTH, HEIGHT)
    elif code <= 0x2593:
        cell.fill(0, 0, WIDTH, HEIGHT, [4, 8, 11][code - 0x2591])
    elif code == 0x2594:
        cell.fill(0, 0, WIDTH, eighths(1, HEIGHT))
    elif code == 0x2595:
        cell.fill(WIDTH - eighths(1, WIDTH), 0, WIDTH, HEIGHT)
    else:
        for quarter in range(4):
            if QUADRANTS[code - 0x2596] & 1 << quarter:
                x, y = quarter % 2 * CENTRE, quarter // 2 * MIDDLE
                cell.fill(x, y, x + CENTRE, y + MIDDLE)


def braille(cell, code):
    for place, bit in enumerate([0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80]):
        if code & bit:
            x, y = (place % 2 + 0.5) * WIDTH / 2, (place // 2 + 0.5) * HEIGHT / 4
            cell.ink_by(lambda px, py: math.hypot(px - x, py - y) - DOT_RADIUS)


def arm(cell, side, weight):
    horizontal, first = side < 2, side % 2 == 0
    along, across = (WIDTH, MIDDLE) if horizontal else (HEIGHT, CENTRE)
    thickness = HEAVY if weight == 2 else LIGHT
    # To the far edge of what may cross in the middle, so that corners are closed.
    reach = DOUBLE_GAP + 1 if weight == 3 else thickness // 2
    start, end = (0, along // 2 + reach) if first else (along // 2 - reach, along)
    for offset in (-DOUBLE_GAP, DOUBLE_GAP) if weight == 3 else (0,):
        low = across + offset - thickness // 2
        if horizontal:
            cell.fill(start, low, end, low + thickness)
        else:
            cell.fill(low, start, low + thickness, end)


def arc(cell, code):
    right, down = code in (0x256D, 0x2570), code in (0x256D, 0x256E)
    radius = WIDTH / 2
    x0, y0 = WIDTH if right else 0, MIDDLE + radius if down else MIDDLE - radius

    def distance(x, y):
        if y > y0 if down else y < y0:
            return abs(x - CENTRE) - LIGHT / 2
        return abs(math.hypot(x - x0, y - y0) - radius) - LIGHT / 2

    cell.ink_by(distance)


def diagonal(cell, rising):
    length = math.hypot(WIDTH, HEIGHT)

    def distance(x, y):
        across = x * HEIGHT + y * WIDTH - WIDTH * HEIGHT if rising else x * HEIGHT - y * WIDTH
        return abs(across) / length - LIGHT / 2

    cell.ink_by(distance)


def box_drawing(cell, code):
    if 0x256D <= code <= 0x2570:
        arc(cell, code)
    if code in (0x2571, 0x2573):
        diagonal(cell, True)
    if code in (0x2572, 0x2573):
        diagonal(cell, False)
    if 0x256D <= code <= 0x2573:
        return
    arms = ARMS[code - 0x2500]
    for side, weight in enumerate(arms):
        if weight != '0':
            arm(cell, side, int(weight))
    horizontal = arms.startswith(('11', '22'))
    along, count = WIDTH if horizontal else HEIGHT, DASHES.get(code, 0)
    for dash in range(1, count + 1):
        end, gap = rounded(dash * along / count), max(2, rounded(along / count / 4))
        if horizontal:
            cell.fill(end - gap, 0, end, HEIGHT, 0)
        else:
            cell.fill(0, end - gap, WIDTH, end, 0)


def shapes():
    """Codes and masks of what must join its neighbours."""
    for first, last, shape in ((0x2500, 0x257F, box_drawing), (0x2580, 0x259F, block_element), (0x2800, 0x28FF, braille)):
        for code in range(first, last + 1):
            cell = Cell()
            shape(cell, code)
            yield code, packed(cell.pixels)


def main(folder):
    codes, masks = [], b''
    for code, mask in shapes():
        codes.append(code)
        masks += mask
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
    data = base64.b64encode(zlib.compress(len(codes).to_bytes(2, 'little') + index + masks, 9)).decode()
    with open('src/imaging/files/glyph-atlas-data.ts', 'w') as file:
        file.write('// Made by scripts/glyph-atlas.py from DejaVu Sans Mono (docs/dejavu-licence.txt).\n')
        file.write('// deflate(count u16, count x code u24 with bit 20 = bold, count x 20x40 coverage of 4 bits), base64.\n')
        file.write('// prettier-ignore\n')
        file.write(f"export const glyphAtlasData = '{data}';\n")
    print(len(codes), 'glyphs', len(data), 'bytes')


main(sys.argv[1])
