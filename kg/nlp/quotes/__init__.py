"""Layer: quotes. Who says what, in whose words, and who relays it.

`find` pairs the quotation marks (`marks`), takes quoted statements (`direct`), reported ones (`indirect`) and those
that an adjunct attributes (`adjuncts`), keeps one statement for the same words, and resolves speakers (`speakers`)
and relays (`relays`).
"""

from __future__ import annotations

import re
from dataclasses import replace

from kg.nlp.quotes import addressees, adjuncts, cues, direct, factuality, headlines, indirect, relays, speakers
from kg.nlp.quotes.found import Found, kind_of
from kg.nlp.quotes.marks import Quotation, pair
from kg.nlp.reading import Reading
from kg.records import Quote, Span
from kg.vocabulary import Attitude, QuoteKind

# Content shared with a statement already taken that makes another one the same statement.
SAME = 0.5


def find(reading: Reading) -> tuple[Quote, ...]:
    """The article's statements, in order of the text."""
    text = reading.article.text
    areas = blocks(reading)
    quotations = tuple(q for q in pair(text, areas) if not reading.is_noise(q.start, q.end))
    titled = list(headlines.find(reading, quotations, areas))
    quoted, reported = relays.attach(
        list(direct.find(reading, quotations, areas)),
        [*indirect.find(reading, quotations), *adjuncts.find(reading, quotations)],
    )
    own = [q for q in quoted if not q.continues and not any(_covers(t, q) for t in titled)]
    chosen = _continued(_choose([*titled, *own], reported), [q for q in quoted if q.continues], areas)
    found = tuple(
        _quote(reading, quotations, _trimmed(reading, quotations, f)) for f in chosen if not _noisy(reading, f)
    )
    return speakers.carried(reading, found)


def blocks(reading: Reading) -> list[Span]:
    """The paragraphs: from one block break of the page to the next, or the lines where the page gives none."""
    text = reading.article.text
    starts = sorted(
        {0, *reading.page.breaks} if reading.page.breaks else {0, *(m.end() for m in re.finditer(r"\n+", text))}
    )
    return [(a, b) for a, b in zip(starts, [*starts[1:], len(text)], strict=True) if text[a:b].strip()]


def _continued(statements: list[Found], further: list[Found], areas: list[Span]) -> list[Found]:
    """Quotations without a cue join the statement before them in the same paragraph, else that of the paragraph
    before.
    """
    statements = list(statements)
    for found in further:
        first = found.content[0][0]
        number = max(n for n, (start, _) in enumerate(areas) if start <= first)
        for start in (areas[number][0], areas[max(number - 1, 0)][0]):
            before = [n for n, s in enumerate(statements) if start <= s.content[-1][0] < first]
            if before:
                nearest = max(before, key=lambda n: (statements[n].content[-1][1], n))
                joined = statements[nearest]
                if not any(q[0] < s[1] and s[0] < q[1] for q in found.content for s in joined.content):
                    statements[nearest] = replace(joined, content=(*joined.content, *found.content))
                break
    return statements


def _trimmed(reading: Reading, quotations: tuple[Quotation, ...], found: Found) -> Found:
    text = reading.article.text
    spans = [
        s if any(q.inner == s for q in quotations) else indirect.strip(text, *s, quotations) for s in found.content
    ]
    return replace(found, content=tuple(s for s in spans if s[0] < s[1]) or found.content)


def _noisy(reading: Reading, found: Found) -> bool:
    return any(reading.is_noise(a, b) for a, b in found.content)


def _choose(quoted: list[Found], reported: list[Found]) -> list[Found]:
    """One statement for the same words: quoted ones first, unless a reported one of the same cue holds them and more."""
    kept: list[Found] = []
    for found in quoted:
        wider = next((r for r in reported if r.cue_token == found.cue_token and _covers(r, found)), None)
        if wider is None:
            kept.append(found)
    for found in sorted(reported, key=lambda r: (-_length(r.content), r.content)):
        if all(_overlap(found.content, other.content) < SAME * _length(found.content) for other in kept):
            kept.append(found)
    return sorted(kept, key=lambda f: (f.content, f.cue or (0, 0)))


def _covers(wide: Found, found: Found) -> bool:
    inner = _overlap(wide.content, found.content)
    return inner >= 0.9 * _length(found.content) and _length(wide.content) > _length(found.content) + 6


def _length(content: tuple[Span, ...]) -> int:
    return sum(e - s for s, e in content)


def _overlap(one: tuple[Span, ...], other: tuple[Span, ...]) -> int:
    return sum(max(0, min(b, d) - max(a, c)) for a, b in one for c, d in other)


def _quote(reading: Reading, quotations: tuple[Quotation, ...], found: Found) -> Quote:
    source = speaker = None
    if found.speaker is not None:
        source = found.words or speakers.words_of(reading, found.speaker, outside=found.content)
        speaker = speakers.entity(reading, found.speaker, source)
        source = source if source[0] < source[1] else None
    via = None
    if found.via is not None:
        via = speakers.entity(reading, found.via, speakers.words_of(reading, found.via))
    told = addressees.addressee(found)
    addressee = speakers.entity(reading, told, speakers.words_of(reading, told)) if told is not None else None
    others = speakers.others(reading, found.speaker, speaker) if found.speaker is not None and speaker else ()
    return Quote(
        kind=QuoteKind.DIRECT if found.direct else kind_of(reading.article.text, found.content, quotations),
        content=found.content,
        source=source,
        cue=found.cue,
        speaker=speaker,
        together_with=others or None,
        relayed_by=via,
        addressee=addressee if addressee != speaker else None,
        attitude=_attitude(found),
        factuality=factuality.find(found.cue_token, _attitude(found)),
        confidence=round(found.weight * (1.0 if source else 0.6), 2),
    )


def _attitude(found: Found) -> Attitude | None:
    """What the cue says that the speaker does. A cue that is no entry of the lexicon ("according to") reports speech."""
    if found.cue is None or found.cue_token is None:
        return None
    cue = cues.cue_at(found.cue_token)
    return cue.kind if cue is not None else Attitude.SPEECH
