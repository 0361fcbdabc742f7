"""Which happening a figure counts: the attack, the crash or the storm, where its sentence ties them together.

"The crash killed 12" and "14 died in the crash" count one crash, while the two deaths are accounts of their own, since
deaths that are counted differently are never taken for one event. So the figures are compared by the crash.
"""

from __future__ import annotations

import re

from kg.records import Event, Extraction, Figure, Span
from kg.vocabulary import EventType, Factuality, Measure

# Happenings that have victims and are soon over.
CAUSES = frozenset({EventType.ATTACK, EventType.ACCIDENT, EventType.DISASTER})
# What is counted of its victims; not homes, damaged here and destroyed there.
VICTIMS = frozenset({Measure.KILLED, Measure.INJURED, Measure.ABDUCTED, Measure.DISPLACED})
# Words by which two happenings of a sentence are two: "killed 12 a week after the attack".
_APART = re.compile(r"\b(?:after|before|since|following|amid|until|while|than|despite|although|other)\b|[;:“”\"]", re.I)
# Words that only bound the count.
_BOUND = re.compile(r"\b(?:(?:more|less|fewer) than|as (?:many|much|few) as)\b", re.I)
# A second story beside the first ("Crash blocks road as 12 die"); after the count, what caused it ("12 dead as bus crashes").
_AS = re.compile(r"\bas\b", re.I)
# What ties a count to the happening after it.
_IN = re.compile(r"\b(?:in|by|during|from|when|as)\b", re.I)
# A happening further off in its sentence is hardly the one that is counted.
_NEAR = 120


def counted_event(record: Extraction, figure: Figure) -> str | None:
    """The identifier of the one happening with victims that the figure's sentence ties to it, else that of its event."""
    if figure.measure not in VICTIMS:
        return figure.event
    start, end = figure.evidence
    own = [e for e in record.events if e.id == figure.event]
    if any(e.type in CAUSES for e in own):
        return figure.event
    causes = {
        event.id: event
        for event in record.events
        if event.type in CAUSES and event.factuality is Factuality.ASSERTED and start <= event.trigger[0] < end
    }
    if len(causes) != 1:
        return figure.event
    [(identifier, cause)] = causes.items()
    verbs = [e.trigger for e in own if start <= e.trigger[0] < end]
    return identifier if _tied(record.text, cause, figure.number, verbs) else figure.event


def _tied(text: str, cause: Event, number: Span, verbs: list[Span]) -> bool:
    """Whether the happening stands before the count as what caused it, or after it as that in which it was."""
    first, last = min([number, *verbs]), max([number, *verbs])
    before = cause.trigger[1] <= first[0]
    between = text[cause.trigger[1] : first[0]] if before else text[last[1] : cause.trigger[0]]
    between = _BOUND.sub("", between)
    if len(between) > _NEAR or _APART.search(between) or (not before and cause.trigger[0] < last[1]):
        return False
    return _AS.search(between) is None if before else _IN.search(between) is not None
