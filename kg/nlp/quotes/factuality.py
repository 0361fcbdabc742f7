"""Whether the article says that a statement was made: "did not admit", "refused to say", "will announce" do not.

The same operator words as for events (`kg/data/factuality.tsv`), read only where they govern the cue itself: what stands
further out says nothing of a statement ("took to the stage to say that …" was said).
"""

from __future__ import annotations

from spacy.tokens import Token

from kg.nlp.events.factuality import combine, of_verb, operators
from kg.nlp.events.triggers import lemma
from kg.vocabulary import Attitude, Factuality

# What of the governing verb keeps its infinitive from being said.
KEPT = frozenset({Factuality.NEGATED, Factuality.PLANNED, Factuality.DEMANDED})
# Attitudes held, not uttered: "would oppose", "could support" tell what somebody thinks now.
HELD = frozenset({Attitude.BELIEF, Attitude.INTENTION, Attitude.JUDGEMENT})


def find(cue: Token | None, attitude: Attitude | None) -> Factuality:
    """The factuality of the saying, from the head of the cue; asserted where no verb says it."""
    if cue is None:
        return Factuality.ASSERTED
    if cue.pos_ == "NOUN":
        denied = any(c.dep_ == "det" and c.lower_ in ("no", "neither") for c in cue.children)
        return Factuality.NEGATED if denied else Factuality.ASSERTED
    if cue.pos_ not in ("VERB", "AUX"):
        return Factuality.ASSERTED
    found = of_verb(cue)
    for child in cue.children:
        if child.dep_ == "mark" and operators().get((child.lower_, "m", "mark")) == Factuality.HYPOTHETICAL.value:
            found = combine(found, Factuality.HYPOTHETICAL)
    if cue.dep_ == "conj" and cue.head.pos_ == "VERB" and found is Factuality.ASSERTED and _shares(cue):
        return find(cue.head, attitude)
    found = combine(found, _above(cue))
    return found if found is Factuality.NEGATED or attitude not in HELD else Factuality.ASSERTED


def _shares(verb: Token) -> bool:
    """Whether a second verb has the auxiliaries of the first: "did not confirm or deny", not "did not stop and said"."""
    return verb.tag_ == "VB" and not any(c.dep_ in ("aux", "nsubj", "nsubjpass") for c in verb.children)


def _above(cue: Token) -> Factuality:
    """What the word makes of it of which the cue is the infinitive or gerund."""
    head = cue.head
    if cue.dep_ == "pcomp":
        return Factuality.NEGATED if head.lower_ == "without" else Factuality.ASSERTED
    infinitive = any(c.dep_ == "aux" and c.lower_ == "to" for c in cue.children)
    if cue.dep_ not in ("xcomp", "ccomp", "acl") or not (infinitive or cue.tag_ == "VBG"):
        return Factuality.ASSERTED
    kind = {"VERB": "v", "AUX": "v", "NOUN": "n", "ADJ": "a"}.get(head.pos_, "")
    value = operators().get((lemma(head), kind, "clause"))
    found = next((f for f in KEPT if f.value == value), None)
    if found is None:
        return Factuality.ASSERTED
    return combine(found, of_verb(head)) if kind == "v" else found
