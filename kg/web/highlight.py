"""An article's text as HTML with its spans marked. The text inside the markup stays the article's text, character for
character."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup, escape

_FEEDS = re.compile(r"\n(?:&#13;|[ \t\n])*")
_BLANK = re.compile(r"\n(?:&#13;|[ \t])*\n(?:&#13;|[ \t\n])*")
_BREAK = r'<span class="break">\g<0></span>'


@dataclass(frozen=True, slots=True)
class Mark:
    """Characters that belong to a layer: `person`, `event`, `statement`, `figure`, …, with a link and a note where
    there is one."""

    begin: int
    end: int
    layer: str
    link: str = ""
    note: str = ""


def highlight(
    text: str, sentences: Iterable[tuple[int, int]], marks: Iterable[Mark], anchors: Iterable[tuple[int, int]]
) -> Markup:
    """The text with an element for each run of characters that the same marks cover.

    Every sentence and every span in `anchors` can be the target of `#char=begin,end`. Offsets are code points,
    end-exclusive; spans
    that overlap are no trouble, since runs are cut at every border.
    """
    length = len(text)
    sentences = _apart({span for span in sentences if 0 <= span[0] < span[1] <= length})
    marks = [mark for mark in marks if 0 <= mark.begin < mark.end <= length]
    borders = {0, length}
    for begin, end in (*sentences, *((mark.begin, mark.end) for mark in marks)):
        borders |= {begin, end}
    targets: dict[int, list[tuple[int, int]]] = {}
    for span in sorted(set(anchors) - set(sentences)):
        if 0 <= span[0] < span[1] <= length:
            targets.setdefault(span[0], []).append(span)
            borders.add(span[0])
    starting: dict[int, list[Mark]] = {}
    for mark in marks:
        starting.setdefault(mark.begin, []).append(mark)
    opening, closing = dict(sentences), {end for _, end in sentences}

    out: list[str] = []
    # Where lines end within sentences, the text is wrapped by hand, and only an empty line ends a paragraph.
    wrapped = any("\n" in text[begin:end].rstrip() for begin, end in sentences)
    active: list[Mark] = []
    inside = False
    edges = sorted(borders)
    for begin, end in pairwise(edges):
        if inside and begin in closing:
            out.append("</span>")
            inside = False
        if begin in opening and not inside:
            out.append(f'<span class="sentence" id="char={begin},{opening[begin]}">')
            inside = True
        out += [f'<span class="target" id="char={a},{b}"></span>' for a, b in targets.get(begin, ())]
        active = [mark for mark in active if mark.end > begin] + starting.get(begin, [])
        out.append(_run(text[begin:end], active, inside, wrapped))
    if inside:
        out.append("</span>")
    return Markup("".join(out))


def _apart(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans, in order, without those that begin before the one before them ends: elements cannot overlap."""
    found: list[tuple[int, int]] = []
    for span in sorted(spans):
        if not found or span[0] >= found[-1][1]:
            found.append(span)
    return found


def _run(text: str, active: list[Mark], inside: bool, wrapped: bool) -> str:
    # A parser of HTML turns a bare carriage return into a line feed, which would move no offset but change the text.
    shown = str(escape(text)).replace("\r", "&#13;")
    if not active and not inside:
        # Space between paragraphs is the same, whether one line feed or more stand between them.
        ends = _BLANK if wrapped else _FEEDS
        return f'<span class="aside">{ends.sub(_BREAK, shown)}</span>'
    if not active:
        return shown
    layers = " ".join(dict.fromkeys("on-" + mark.layer for mark in active))
    note = escape(" · ".join(dict.fromkeys(mark.note for mark in active if mark.note)))
    title = f' title="{note}"' if note else ""
    link = next((mark.link for mark in sorted(active, key=lambda mark: mark.end - mark.begin) if mark.link), "")
    if link:
        return f'<a class="{layers}" href="{escape(link)}"{title}>{shown}</a>'
    return f'<span class="{layers}"{title}>{shown}</span>'
