#!/usr/bin/env python3
"""Draws the demo pictures: `python3 draw.py` writes images/<slug>-{1,2,3}.svg beside this file.

Each product is one function from colours to shapes on a canvas of 400 x 400 units. Its three pictures are
the same drawing in three colourways: upright, tilted, and close up.
"""

from collections import namedtuple
from pathlib import Path

# main and dark colour it; light is what shines on it; metal and ink are its neutral parts.
Colours = namedtuple("Colours", "backdrop halo main dark light metal ink")

COLOURWAYS = (
    Colours("#fdf1e7", "#fbdcc4", "#f26b3a", "#c94a1f", "#ffa27d", "#b8c0cc", "#2b3044"),
    Colours("#e9f4f3", "#c5e5e1", "#1f9e94", "#14736c", "#6fd0c7", "#b4bfc6", "#24384a"),
    Colours("#eeeefb", "#d3d4f5", "#5b5bd6", "#3f3fa6", "#9d9df0", "#b9bccd", "#26264d"),
)
VIEWS = (
    "",
    ' transform="rotate(-12 200 210)"',
    ' transform="translate(200 200) scale(1.45) translate({x} {y})"',
)


def rect(x, y, w, h, fill, r=0):
    return f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="{r}" fill="{fill}"/>'


def disc(x, y, r, fill):
    return f'<circle cx="{x}" cy="{y}" r="{r}" fill="{fill}"/>'


def oval(x, y, rx, ry, fill):
    return f'<ellipse cx="{x}" cy="{y}" rx="{rx}" ry="{ry}" fill="{fill}"/>'


def shape(d, fill):
    return f'<path d="{d}" fill="{fill}"/>'


def line(d, colour, width):
    return (
        f'<path d="{d}" fill="none" stroke="{colour}" stroke-width="{width}"'
        ' stroke-linecap="round" stroke-linejoin="round"/>'
    )


def kettlebell(c):
    yield line("M152 190 C132 108 150 92 200 92 S268 108 248 190", c.ink, 26)
    yield line("M156 160 C146 116 158 102 200 102", c.metal, 5)
    yield disc(200, 232, 84, c.main)
    yield shape("M200 148 A84 84 0 0 1 200 316 A120 120 0 0 0 200 148Z", c.dark)
    yield rect(150, 304, 100, 14, c.ink, 7)
    yield disc(196, 234, 40, c.light)
    yield disc(196, 234, 30, c.main)
    yield rect(180, 229, 32, 10, c.light, 5)


def dumbbells(c):
    for y, main, dark in ((150, c.dark, c.ink), (246, c.main, c.dark)):
        yield rect(120, y - 9, 160, 18, c.metal, 9)
        yield rect(160, y - 13, 80, 26, c.ink, 8)
        for x in (178, 196, 214):
            yield rect(x, y - 13, 5, 26, c.metal)
        for x, near in ((92, 1), (256, 0)):
            yield rect(x, y - 46, 26, 92, main if near else dark, 10)
            yield rect(x + 26, y - 46, 26, 92, dark if near else main, 10)
        yield rect(98, y - 36, 7, 50, c.light, 3.5)


def yoga_mat(c):
    yield shape("M112 150 H316 V286 Q316 300 302 300 H150 Z", c.main)
    yield rect(112, 268, 204, 14, c.dark)
    yield rect(140, 176, 160, 5, c.light, 2.5)
    yield rect(140, 190, 160, 5, c.light, 2.5)
    yield rect(78, 112, 76, 188, c.dark, 38)
    yield oval(116, 138, 38, 26, c.light)
    yield oval(116, 138, 27, 18, c.main)
    yield oval(116, 138, 16, 10, c.light)
    yield oval(116, 138, 6, 4, c.ink)
    yield rect(78, 196, 76, 16, c.ink)
    yield rect(78, 248, 76, 16, c.ink)


def skipping_rope(c):
    yield line("M118 160 C96 330 290 340 258 236 C240 176 156 182 148 248 C138 334 316 332 292 160", c.main, 9)
    for x, y, turn in ((122, 118, 8), (284, 120, -12)):
        yield f'<g transform="rotate({turn} {x} {y})">'
        yield rect(x - 14, y - 48, 28, 86, c.ink, 13)
        yield rect(x - 14, y - 22, 28, 10, c.light)
        yield rect(x - 14, y - 4, 28, 10, c.light)
        yield rect(x - 7, y + 34, 14, 14, c.metal, 4)
        yield "</g>"


def resistance_bands(c):
    for x, y, rx, ry, colour, width in (
        (200, 158, 106, 54, c.light, 20),
        (200, 212, 106, 54, c.main, 28),
        (200, 262, 106, 54, c.dark, 36),
    ):
        yield f'<ellipse cx="{x}" cy="{y}" rx="{rx}" ry="{ry}" fill="none" stroke="{colour}" stroke-width="{width}"/>'
    yield rect(168, 302, 64, 28, c.ink, 6)
    yield rect(180, 312, 40, 8, c.light, 4)


def foam_roller(c):
    yield rect(92, 148, 220, 120, c.main, 60)
    for x in (150, 186, 222, 258):
        for y in (166, 196, 226):
            yield rect(x, y, 24, 20, c.dark, 8)
    yield rect(146, 153, 104, 6, c.light, 3)
    yield oval(122, 208, 36, 60, c.dark)
    yield oval(122, 208, 25, 44, c.light)
    yield oval(122, 208, 16, 30, c.ink)


def water_bottle(c):
    yield line("M176 100 V86 Q176 72 200 72 T224 86 V100", c.ink, 9)
    yield rect(166, 94, 68, 34, c.ink, 8)
    yield rect(172, 126, 56, 14, c.metal, 3)
    yield shape("M172 138 H228 Q256 150 256 182 V306 Q256 326 236 326 H164 Q144 326 144 306 V182 Q144 150 172 138Z", c.main)
    yield shape("M228 138 Q256 150 256 182 V306 Q256 326 236 326 H216 Q232 326 232 306 V182 Q232 150 214 138Z", c.dark)
    yield rect(158, 176, 8, 90, c.light, 4)
    yield rect(144, 282, 112, 12, c.light)
    yield shape("M198 196 Q224 230 198 246 Q172 230 198 196Z", c.light)


def gym_ball(c):
    yield disc(200, 212, 112, c.main)
    yield shape("M200 100 A112 112 0 0 1 200 324 A150 150 0 0 0 200 100Z", c.dark)
    for d in ("M96 172 Q200 216 304 172", "M88 212 Q200 260 312 212", "M98 254 Q200 300 302 254", "M122 132 Q200 166 278 132"):
        yield line(d, c.light, 4)
    yield oval(158, 146, 26, 14, c.light)
    yield disc(226, 212, 9, c.ink)
    yield disc(226, 212, 4, c.metal)


def running_shoes(c):
    yield shape("M84 172 Q104 190 130 176 L156 150 Q206 214 292 226 Q330 232 330 264 H84 Q74 220 84 172Z", c.main)
    yield shape("M84 172 Q104 190 130 176 L136 264 H84 Q74 220 84 172Z", c.dark)
    yield line("M150 240 Q196 262 250 222", c.light, 12)
    for x, y in ((172, 168), (192, 186), (214, 200), (238, 211)):
        yield line(f"M{x} {y} l-18 16", c.ink, 7)
    yield shape("M80 258 H332 Q338 288 308 290 H104 Q80 288 80 258Z", c.light)
    yield shape("M84 278 H330 Q326 296 302 298 H112 Q88 296 84 278Z", c.ink)


def stopwatch(c):
    yield rect(186, 78, 28, 30, c.metal, 6)
    yield rect(174, 66, 52, 20, c.ink, 8)
    yield line("M276 128 L290 114", c.ink, 16)
    yield disc(200, 216, 108, c.main)
    yield shape("M200 108 A108 108 0 0 1 200 324 A140 140 0 0 0 200 108Z", c.dark)
    yield disc(200, 216, 84, "#ffffff")
    for turn in range(0, 360, 30):
        height = 14 if turn % 90 == 0 else 8
        yield f'<rect x="197.5" y="140" width="5" height="{height}" rx="2.5" fill="{c.ink}" transform="rotate({turn} 200 216)"/>'
    yield shape("M200 216 L200 156 A60 60 0 0 1 252 246Z", c.light)
    yield line("M200 216 L200 158", c.ink, 6)
    yield line("M200 216 L248 244", c.main, 6)
    yield disc(200, 216, 9, c.ink)


def gym_bag(c):
    yield line("M144 190 C144 96 256 96 256 190", c.ink, 14)
    yield rect(72, 164, 256, 142, c.main, 44)
    yield shape("M284 164 Q328 164 328 208 V262 Q328 306 284 306Z", c.dark)
    yield shape("M116 164 Q72 164 72 208 V262 Q72 306 116 306Z", c.dark)
    yield rect(132, 164, 16, 142, c.ink)
    yield rect(252, 164, 16, 142, c.ink)
    yield line("M118 182 H282", c.light, 5)
    yield rect(164, 216, 72, 56, c.light, 10)
    yield line("M176 232 H224", c.dark, 5)
    yield rect(184, 177, 26, 10, c.metal, 4)


def weight_plate(c):
    yield disc(200, 208, 116, c.ink)
    yield disc(200, 208, 106, c.main)
    yield disc(200, 208, 72, c.dark)
    for turn in (0, 120, 240):
        yield f'<rect x="176" y="114" width="48" height="20" rx="10" fill="{c.ink}" transform="rotate({turn} 200 208)"/>'
    yield line("M114 166 A96 96 0 0 1 142 131", c.light, 6)
    yield disc(200, 208, 38, c.metal)
    yield disc(200, 208, 20, c.backdrop)
    for turn in (60, 180, 300):
        yield f'<rect x="192" y="147" width="16" height="16" rx="8" fill="{c.light}" transform="rotate({turn} 200 208)"/>'


# What to draw, where it touches the floor, and where to look for the close-up.
PRODUCTS = {
    "kettlebell": (kettlebell, 318, (-200, -190)),
    "dumbbells": (dumbbells, 296, (-160, -215)),
    "yoga-mat": (yoga_mat, 302, (-165, -190)),
    "skipping-rope": (skipping_rope, 308, (-180, -190)),
    "resistance-bands": (resistance_bands, 336, (-210, -240)),
    "foam-roller": (foam_roller, 268, (-170, -205)),
    "water-bottle": (water_bottle, 326, (-200, -170)),
    "gym-ball": (gym_ball, 324, (-215, -195)),
    "running-shoes": (running_shoes, 298, (-185, -220)),
    "stopwatch": (stopwatch, 324, (-205, -190)),
    "gym-bag": (gym_bag, 306, (-200, -215)),
    "weight-plate": (weight_plate, 324, (-200, -190)),
}


def picture(drawing, floor, focus, view, c):
    turn = VIEWS[view].format(x=focus[0], y=focus[1])
    body = [rect(0, 0, 400, 400, c.backdrop), disc(200, 200, 168, c.halo)]
    if view == 0:
        body.append(oval(200, floor + 4, 118, 10, c.metal))
    body += [f"<g{turn}>", *drawing(c), "</g>"]
    head = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400">'
    return "\n".join([head, *body, "</svg>", ""])


def main():
    images = Path(__file__).parent / "images"
    images.mkdir(exist_ok=True)
    for slug, (drawing, floor, focus) in PRODUCTS.items():
        for view, colours in enumerate(COLOURWAYS):
            text = picture(drawing, floor, focus, view, colours)
            (images / f"{slug}-{view + 1}.svg").write_text(text)


if __name__ == "__main__":
    main()
