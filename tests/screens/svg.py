"""What a terminal shows, as an SVG: `tmux capture-pane -e -p` with its colours.

    svg.py <CAPTURED >SVG

Text is told its width, so columns stand below each other in any font; bars, blocks, frames and dots are drawn, so that they join.
"""

import re
import sys
from html import escape

WIDE, HIGH, SIZE, EDGE = 8.4, 18, 14, 12
PAPER, INK = "#14181d", "#d4d9e0"
BASE = ("#2b3138", "#f0717a", "#98c379", "#e5c07b", "#6cb0f0", "#c792ea", "#5cc9c9", "#d4d9e0",
        "#737d8a", "#ff8f97", "#b5e08f", "#ffd98c", "#8cc8ff", "#dcb0ff", "#7fe3e3", "#ffffff")


def colour(n):
    if n < 16:
        return BASE[n]
    if n >= 232:
        return f"#{(8 + (n - 232) * 10):02x}" + f"{(8 + (n - 232) * 10):02x}" * 2
    n -= 16
    return "#" + "".join(f"{0 if v == 0 else 55 + v * 40:02x}" for v in (n // 36, n // 6 % 6, n % 6))


class Style:
    def __init__(self):
        self.fg, self.bg, self.bold, self.dim, self.reverse, self.underline = None, None, False, False, False, False

    def apply(self, codes):
        codes = [int(c or 0) for c in re.split("[;:]", codes)] or [0]
        while codes:
            c = codes.pop(0)
            if c == 0:
                self.__init__()
            elif c in (1, 2, 4, 7):
                setattr(self, {1: "bold", 2: "dim", 4: "underline", 7: "reverse"}[c], True)
            elif c in (22, 24, 27):
                for name in {22: ("bold", "dim"), 24: ("underline",), 27: ("reverse",)}[c]:
                    setattr(self, name, False)
            elif c in (38, 48):
                kind = codes.pop(0)
                value = colour(codes.pop(0)) if kind == 5 else "#" + "".join(f"{codes.pop(0):02x}" for _ in range(3))
                setattr(self, "fg" if c == 38 else "bg", value)
            elif c in (39, 49):
                setattr(self, "fg" if c == 39 else "bg", None)
            else:
                for first, name, bright in ((30, "fg", 0), (40, "bg", 0), (90, "fg", 8), (100, "bg", 8)):
                    if first <= c < first + 8:
                        setattr(self, name, BASE[c - first + bright])

    def paints(self):
        fg, bg = self.fg or INK, self.bg
        if self.reverse:
            fg, bg = bg or PAPER, fg
        return fg, bg, self.bold, self.dim, self.underline


def cells(line, style):
    """Each character with how it is painted."""
    out = []
    for part in re.split(r"(\x1b\[[0-9;:]*m|\x1b\([B0]|[\x0e\x0f])", line):
        if part.startswith("\x1b["):
            style.apply(part[2:-1])
        elif part and part[0] not in "\x1b\x0e\x0f":
            out += [(c, style.paints()) for c in part]
    return out


# lines of a frame, as the sides that they join: left, right, up, down
FRAMES = {"─": "lr", "│": "ud", "┌": "rd", "┐": "ld", "└": "ru", "┘": "lu", "├": "rud", "┤": "lud", "┬": "lrd", "┴": "lru", "┼": "lrud",
          "╌": "lr", "╎": "ud", "━": "lr", "┃": "ud"}
SHADES = {"█": 1, "▓": 0.7, "▒": 0.45, "░": 0.2}


def rect(x, y, w, h, fill, opacity=1):
    more = f' fill-opacity="{opacity}"' if opacity != 1 else ""
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h:.1f}" fill="{fill}"{more}/>'


def picture(c, x, y, fg):
    """The character as shapes; None: it is text."""
    n = ord(c)
    if c in SHADES:
        return rect(x, y + 2, WIDE + 0.1, HIGH - 4, fg, SHADES[c])
    if 0x2581 <= n <= 0x2587:
        return rect(x, y + HIGH * (8 - (n - 0x2580)) / 8, WIDE + 0.1, HIGH * (n - 0x2580) / 8, fg)
    if 0x2589 <= n <= 0x258F:
        return rect(x, y + 2, WIDE * (0x2590 - n) / 8, HIGH - 4, fg)
    if 0x2800 <= n <= 0x28FF:
        dots = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))
        return "".join(rect(x + 0.9 + dx * WIDE / 2, y + 1.2 + dy * HIGH / 4, 2.6, 2.6, fg) for i, (dx, dy) in enumerate(dots) if n >> i & 1)
    if c in FRAMES:
        mx, my, out = x + WIDE / 2, y + HIGH / 2, []
        for side, (tx, ty) in {"l": (x, my), "r": (x + WIDE, my), "u": (mx, y), "d": (mx, y + HIGH)}.items():
            if side in FRAMES[c]:
                out.append(f'<path d="M{mx:.1f} {my:.1f}L{tx:.1f} {ty:.1f}" stroke="{fg}" stroke-width="1.2"/>')
        return "".join(out)
    return None


def draw_line(row, y, out):
    at = 0
    while at < len(row):  # what has one ground
        end = at
        while end < len(row) and row[end][1][1] == row[at][1][1]:
            end += 1
        if row[at][1][1]:
            out.append(rect(EDGE + at * WIDE, y, (end - at) * WIDE, HIGH, row[at][1][1]))
        at = end
    at = 0
    while at < len(row):
        c, paint = row[at]
        fg, _, bold, dim, underline = paint
        shape = picture(c, EDGE + at * WIDE, y, fg)
        if shape or c == " ":
            out.append(shape or "")
            at += 1
            continue
        end = at
        while end < len(row) and row[end][1] == paint and picture(row[end][0], 0, 0, fg) is None and row[end : end + 2] != [(" ", paint)] * 2:
            end += 1
        text = "".join(c for c, _ in row[at:end]).rstrip()
        more = (' font-weight="bold"' if bold else "") + (' fill-opacity="0.65"' if dim else "")
        more += ' text-decoration="underline"' if underline else ""
        out.append(f'<text x="{EDGE + at * WIDE:.1f}" y="{y + 13.5:.1f}" fill="{fg}" textLength="{len(text) * WIDE:.1f}"{more}>{escape(text)}</text>')
        at = max(end, at + 1)


def svg(captured):
    style, out = Style(), []
    rows = [cells(line, style) for line in captured.rstrip("\n").split("\n")]
    width, height = max(len(row) for row in rows) * WIDE + 2 * EDGE, len(rows) * HIGH + 2 * EDGE
    for i, row in enumerate(rows):
        draw_line(row, EDGE + i * HIGH, out)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}" '
            f'font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="{SIZE}" xml:space="preserve">\n'
            f'<rect width="100%" height="100%" rx="6" fill="{PAPER}"/>\n' + "\n".join(line for line in out if line) + "\n</svg>\n")


if __name__ == "__main__":
    sys.stdout.write(svg(sys.stdin.read()))
