"""How weir shows figures, by its own account (tui/show.h)."""


def count(n):
    return f"{n:,}"


def size(n):
    unit = 0
    while n >= 1023.95:
        n /= 1024
        unit += 1
    return f"{n:.1f} {'BKMGTPE'[unit]}iB" if unit else f"{n} B"


def span(ms):
    if ms < 0:
        return "-" + span(-ms)
    s = ms // 1000
    if ms < 1000:
        return f"{ms} ms"
    if s < 60:
        return f"{ms // 100 / 10:.1f} s"
    if s < 3600:
        return f"{s // 60}m{s % 60:02}s"
    if s < 86400:
        return f"{s // 3600}h{s // 60 % 60:02}m"
    return f"{s // 86400}d{s // 3600 % 24:02}h"


def share(v):
    return f"{v * 100:.0f}%"


def rate(v):
    if v < 999.5:
        return f"{v:.1f}/s" if 0 < v < 9.95 else f"{v:.0f}/s"
    for unit in "kMGT":
        v /= 1000
        if v < 999.5:
            return f"{v:.1f}{unit}/s" if v < 99.95 else f"{v:.0f}{unit}/s"


def text(v):
    return v


def unshown(_):
    return ""
