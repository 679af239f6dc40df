"""A recipe as a picture (SVG): its parts from top to bottom, loops framed, branches side by side.

Colours are ``currentColor`` and grades of it, so that the picture fits a light and a dark page. Text
is wrapped by an estimate of its width, since nothing here can measure letters.
"""

from dataclasses import dataclass
from textwrap import wrap
from xml.etree.ElementTree import Element, SubElement, tostring

from engine.recipe.explain.outline import Outline, Part

WIDTH = 300
GAP = 26
PADDING = 12
LINE = 19
#: Characters in a line of a box of :data:`WIDTH`.
LETTERS = 38
FRAMED = frozenset({"call", "for_each", "parallel", "until", "collect"})
ENDS = frozenset({"reject", "skip", "stop"})


@dataclass(frozen=True)
class _Drawn:
    """Something with its size: a box, or several things below or beside each other.

    :param row: several that all lead to what is below them.
    :param beside: the ways that lead on from its box, each with its label.
    """

    width: float
    height: float
    part: Part | None = None
    below: tuple["_Drawn", ...] = ()
    row: tuple["_Drawn", ...] = ()
    beside: tuple[tuple[str, "_Drawn"], ...] = ()


def draw(outline: Outline) -> str:
    """Return the outline as an SVG document, whose description is read by screen readers."""
    parts = tuple(part for part in outline.parts if part.kind != "rules")
    triggers = tuple(part for part in parts if part.kind == "trigger")
    whole = _stack(parts) if len(triggers) < 2 else _joined(triggers, parts[len(triggers) :])
    width, height = whole.width + 2 * PADDING, whole.height + 2 * PADDING
    svg = Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {width:g} {height:g}",
            "width": f"{width:g}",
            "height": f"{height:g}",
            "role": "img",
            "fill": "none",
            "stroke": "currentColor",
            "font-family": "system-ui, sans-serif",
            "font-size": "14",
        },
    )
    SubElement(svg, "title").text = f"How a record travels: {outline.title}"
    _place(svg, whole, PADDING, PADDING)
    return tostring(svg, encoding="unicode")


# -- measuring -------------------------------------------------------------------------------------


def _stack(parts: tuple[Part, ...]) -> _Drawn:
    drawn = tuple(_measured(part) for part in parts)
    width = max((one.width for one in drawn), default=WIDTH)
    height = sum(one.height for one in drawn) + GAP * max(len(drawn) - 1, 0)
    return _Drawn(width, height, below=drawn)


def _joined(triggers: tuple[Part, ...], parts: tuple[Part, ...]) -> _Drawn:
    """Return several triggers side by side, above what all of them lead to."""
    boxes = tuple(_measured(trigger) for trigger in triggers)
    wide = sum(one.width for one in boxes) + GAP * (len(boxes) - 1)
    row = _Drawn(wide, max(one.height for one in boxes), row=boxes)
    rest = _stack(parts)
    width, height = max(wide, rest.width), row.height + GAP + rest.height
    return _Drawn(width, height, below=(row, *rest.below))


def _measured(part: Part) -> _Drawn:
    height = len(_wrapped(part.text)) * LINE + 2 * PADDING
    blocks = [block for block in part.blocks if block.parts]
    if not blocks:
        return _Drawn(WIDTH, height, part)
    beside = tuple((block.label, _stack(block.parts)) for block in blocks)
    width = sum(one.width for _, one in beside) + GAP * (len(beside) - 1)
    tallest = max(_label_height(label) + one.height for label, one in beside)
    width, frame = max(WIDTH, width), 2 * _margin(part)
    return _Drawn(width + frame, height + GAP + tallest + frame, part, beside=beside)


def _margin(part: Part) -> float:
    return PADDING if part.kind in FRAMED else 0


def _wrapped(text: str) -> list[str]:
    lines = wrap(text, LETTERS) or [""]
    return lines if len(lines) <= 4 else [*lines[:3], lines[3][: LETTERS - 1] + "…"]


def _label_height(label: str) -> float:
    return len(_wrapped(label)) * LINE + GAP / 2 if label else 0


# -- drawing ---------------------------------------------------------------------------------------


def _place(svg: Element, drawn: _Drawn, left: float, top: float) -> None:
    """Draw something with its upper left corner at a place."""
    middle = left + drawn.width / 2
    for one in drawn.row:
        _place(svg, one, left, top)
        centre, end = left + one.width / 2, top + drawn.height
        way = f"M{centre:g} {top + one.height:g} V{end + GAP / 4:g} H{middle:g}"
        SubElement(svg, "path", {"d": way})
        left += one.width + GAP
    if drawn.part is not None:
        _box(svg, drawn, middle, top)
        if drawn.beside:
            _branches(svg, drawn, left, top)
        return
    for number, one in enumerate(drawn.below):
        _place(svg, one, middle - one.width / 2, top)
        top += one.height
        if number < len(drawn.below) - 1:
            ends = one.part is not None and one.part.kind in ENDS
            if not ends or one.part is None or one.part.text.startswith("If "):
                _arrow(svg, middle, top + (GAP / 4 if one.row else 0), top + GAP)
            top += GAP


def _box(svg: Element, drawn: _Drawn, middle: float, top: float) -> None:
    part = drawn.part
    assert part is not None
    lines = _wrapped(part.text)
    height = len(lines) * LINE + 2 * PADDING
    if drawn.beside:
        top += _margin(part)
    shape = {
        "x": f"{middle - WIDTH / 2:g}",
        "y": f"{top:g}",
        "width": f"{WIDTH}",
        "height": f"{height:g}",
        "rx": "20" if part.kind == "trigger" else "6",
        "fill": "currentColor",
        "fill-opacity": "0.14" if part.kind == "trigger" else "0.05",
    }
    if part.kind in ENDS or part.kind == "skip rule":
        shape["stroke-dasharray"] = "5 4"
    SubElement(svg, "rect", shape)
    for number, line in enumerate(lines):
        _write(svg, line, middle, top + PADDING + (number + 0.75) * LINE)


def _branches(svg: Element, drawn: _Drawn, left: float, top: float) -> None:
    part = drawn.part
    assert part is not None
    if part.kind in FRAMED:
        SubElement(
            svg,
            "rect",
            {
                "x": f"{left:g}",
                "y": f"{top:g}",
                "width": f"{drawn.width:g}",
                "height": f"{drawn.height:g}",
                "rx": "10",
                "stroke-opacity": "0.5",
            },
        )
    middle = left + drawn.width / 2
    box_end = top + _margin(part) + len(_wrapped(part.text)) * LINE + 2 * PADDING
    inner = sum(one.width for _, one in drawn.beside) + GAP * (len(drawn.beside) - 1)
    at = middle - inner / 2
    for label, one in drawn.beside:
        centre = at + one.width / 2
        SubElement(
            svg,
            "path",
            {"d": f"M{middle:g} {box_end:g} V{box_end + GAP / 2:g} H{centre:g} V{box_end + GAP:g}"},
        )
        under = box_end + GAP
        if not label:
            _head(svg, centre, under)
        for number, line in enumerate(_wrapped(label) if label else ()):
            _write(svg, line, centre, under + (number + 0.9) * LINE, small=True)
        _place(svg, one, at, under + _label_height(label))
        at += one.width + GAP


def _arrow(svg: Element, x: float, start: float, end: float) -> None:
    SubElement(svg, "path", {"d": f"M{x:g} {start:g} V{end:g}"})
    _head(svg, x, end)


def _head(svg: Element, x: float, end: float) -> None:
    way = f"M{x - 4:g} {end - 6:g} L{x:g} {end:g} L{x + 4:g} {end - 6:g}"
    SubElement(svg, "path", {"d": way})


def _write(svg: Element, text: str, x: float, y: float, *, small: bool = False) -> None:
    attributes = {
        "x": f"{x:g}",
        "y": f"{y:g}",
        "text-anchor": "middle",
        "fill": "currentColor",
        "stroke": "none",
    }
    if small:
        attributes |= {"font-size": "13", "font-style": "italic"}
    SubElement(svg, "text", attributes).text = text
