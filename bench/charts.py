"""Bars by hand: an SVG that reads on a light and on a dark page, the same bytes for the same figures."""

from __future__ import annotations

from html import escape

from bench.measure import significant

_ROW, _LEFT, _WIDTH, _RIGHT = 26, 230, 380, 150


def bars(title: str, rows: list[tuple[str, float]], unit: str, highlight: str = "Sanad") -> str:
    """Horizontal bars from zero, the figure at the end of each; ours in another colour."""
    most = max(value for _, value in rows)
    height = 40 + _ROW * len(rows)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LEFT + _WIDTH + _RIGHT} {height}" '
        f'font-family="system-ui, sans-serif" font-size="13" role="img" aria-label="{escape(title)}">',
        "<style>text{fill:#24292f}.ours{fill:#1f7a5c}.theirs{fill:#9aa4af}"
        "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.ours{fill:#3fb68b}.theirs{fill:#6e7781}}</style>",
        f'<text x="8" y="20" font-weight="600">{escape(title)}</text>',
    ]
    for number, (name, value) in enumerate(rows):
        top = 34 + _ROW * number
        width = max(1.0, value / most * _WIDTH)
        kind = "ours" if highlight in name else "theirs"
        lines += [
            f'<text x="{_LEFT - 8}" y="{top + 14}" text-anchor="end">{escape(name)}</text>',
            f'<rect class="{kind}" x="{_LEFT}" y="{top}" width="{width:.1f}" height="18" rx="2"/>',
            f'<text x="{_LEFT + width + 8:.1f}" y="{top + 14}">{significant(value)} {escape(unit)}</text>',
        ]
    return "\n".join([*lines, "</svg>"]) + "\n"
