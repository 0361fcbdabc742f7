"""Reported speech: the clause, infinitive or noun phrase that a cue governs, found in the parse (frames: see `cues`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from spacy.tokens import Doc, Token

from kg.nlp.quotes.cues import Cue, candidates, cue_at
from kg.nlp.quotes.found import Found
from kg.nlp.quotes.marks import Quotation
from kg.nlp.quotes.speakers import QUOTING, object_of, sayers, subject
from kg.nlp.reading import Reading
from kg.records import Span
from kg.vocabulary import Attitude

# Children of a cue that follow its content in the same verb phrase and belong to it ("said there would be no truce
# until …").
TRAILING = ("prep", "advcl", "xcomp", "oprd", "ccomp", "acomp")
# Conjunctions of clauses that say when or why, not what.
ADVERBIAL = frozenset(("after", "before", "as", "because", "since", "until", "while", "although", "though", "so"))
# Nouns whose content is worth keeping although nobody is named.
UNHELD = frozenset(("report", "allegation", "claim", "accusation", "announcement"))
# Subjects that name nobody who could hold the content.
NOBODY = frozenset(("what", "which", "nobody", "none", "anyone", "anybody", "you", "there"))
# Reported content in words: less is no statement ("explained it").
SHORTEST = 2
# Weight of a cue that attributes even where the parse gives it no content.
SURE = 0.85
# Words that open a clause and are no part of what it says.
OPENERS = frozenset(("when", "where", "as", "because", "while", "after", "which", "who", "but", "and"))
DASH = re.compile(r"(--|[–—-])\s*")
STRIPPED = " \t\n\r\xa0,;:.–—-…"


def find(reading: Reading, quotations: tuple[Quotation, ...]) -> Iterator[Found]:
    """Every cue outside quotation marks with content that the parse gives it."""
    for token, cue in candidates(reading.doc):
        if inside(token, quotations) is not None or _names_a_source(token):
            continue
        heads: list[Token] = []
        extra = _around(token, cue) if _set_off(token) else []
        if not extra:
            heads, extra = _content_heads(token, cue)
        if not heads and not extra:
            extra = _around(token, cue)
        if not heads and not extra:
            continue
        if _points_back(token, heads):
            content = _sentence_before(reading, quotations, token)
        else:
            content = spans(reading, quotations, [t for head in heads for t in _own(head)] + extra, token)
        speaker = subject(_outermost(token, quotations)) if token.pos_ in ("VERB", "AUX") else _holder(token)
        if speaker == token:
            speaker = None
        if (
            not content
            or (speaker is None and not _impersonal(token))
            or (speaker is not None and speaker.lower_ in NOBODY)
        ):
            continue
        if len(reading.article.text[content[0][0] : content[-1][1]].split()) < SHORTEST:
            continue
        weight = cue.weight if speaker is not None else cue.weight * 0.7
        yield Found(content=content, cue=cue_span(token, cue), cue_token=token, speaker=speaker, weight=weight)


def _outermost(token: Token, quotations: tuple[Quotation, ...]) -> Token:
    """The cue, or for a participle after what is quoted ("vowed to 'fight on', ruling out …") the verb that quotes it."""
    if token.dep_ != "advcl" or token.tag_ != "VBG" or inside(token.head, quotations) is None:
        return token
    above = token.head
    while above.head != above and inside(above, quotations) is not None:
        above = above.head
    return above


def inside(token: Token, quotations: tuple[Quotation, ...]) -> Quotation | None:
    """The quotation that holds the token."""
    return next((q for q in quotations if q.start <= token.idx < q.end), None)


def cue_span(token: Token, cue: Cue | None) -> Span:
    """The cue's characters, with its particle or, for a content preposition, that preposition."""
    end = token.idx + len(token)
    following = token.doc[token.i + 1] if token.i + 1 < len(token.doc) else None
    if following is not None and following.head == token:
        particle = following.dep_ == "prt" or (cue is not None and following.lower_ in cue.prepositions)
        if particle or (cue is not None and cue.lemma.endswith(f" {following.lower_}")):
            end = following.idx + len(following)
    return token.idx, end


def _content_heads(token: Token, cue: Cue) -> tuple[list[Token], list[Token]]:
    """The heads of the cue's content, and single tokens that belong to it."""
    frames = cue.frames
    children = list(token.children)
    if token.pos_ == "NOUN":
        return [c for c in children if c.i > token.i and _nominal(c, frames)][:1], []
    if token.pos_ == "ADJ":
        return [c for c in children if c.i > token.i and c.dep_ in ("ccomp", "acl") and _finite(c)][:1], []
    if "that" in frames and (clause := _after_source(token)):
        return [], clause
    passive = any(c.dep_ == "auxpass" for c in children) or (token.dep_ == "acl" and token.tag_ == "VBN")
    clause = [c for c in children if c.dep_ == "ccomp" and "that" in frames and _is_clause(c)]
    if clause and clause[0].i > token.i:
        return [*clause, *_rest(token, clause[-1])], []
    if clause:
        return clause, []
    if "that" in frames and (clause := _after_setting(token)):
        return clause, []
    if token.dep_ == "parataxis" and "that" in frames and token.head.pos_ in ("VERB", "AUX"):
        own = {t.i for t in token.subtree}
        return [], [t for t in token.head.subtree if t.i not in own]
    if passive:
        return _passive(token, cue)
    if "to" in frames:
        to = [c for c in children if c.dep_ in ("xcomp", "ccomp") and c.i > token.i and _infinitive(c)]
        if to:
            return [*to, *_rest(token, to[-1])], []
    if "ing" in frames:
        gerund = [c for c in children if c.dep_ in ("xcomp", "pcomp", "ccomp") and c.i > token.i and c.tag_ == "VBG"]
        after = token.i + 1 + cue.lemma.count(" ")
        # Right after a particle ("ruled out sending …") a gerund is taken for an adverbial.
        gerund = gerund or [c for c in children if c.dep_ == "advcl" and c.tag_ == "VBG" and c.i == after > token.i + 1]
        if gerund:
            return [*gerund, *_rest(token, gerund[-1])], []
    obj = object_of(token)
    if "thing" in frames and obj is not None and (obj.pos_ == "PROPN" or obj.lemma_.casefold() in sayers()):
        return [], []
    if "size" in frames:
        return ([obj, size], []) if obj is not None and (size := _size(token, obj)) is not None else ([], [])
    if obj is not None and obj.dep_ == "dobj" and obj.tag_ not in ("WP", "WDT"):
        if frames & {"object", "thing", "tell-object"}:
            return [obj, *_rest(token, obj)], []
        rest = [c for c in _rest(token, obj) if c.dep_ in ("oprd", "xcomp", "ccomp") or c.lower_ == "as"]
        if "as" in frames and rest:
            return [obj, *rest], []
        following = obj.right_edge.i + 1
        if "as" in frames and following < len(token.doc) and token.doc[following].is_quote:
            return [obj], [token.doc[following]]
    if "as" in frames and (small := [c for c in children if c.dep_ in ("ccomp", "oprd") and c.i > token.i]):
        return small, []
    for child in children:
        if child.dep_ == "prep" and child.i > token.i and child.lower_ in cue.prepositions:
            inner = [c for c in child.children if c.dep_ in ("pobj", "pcomp")]
            if inner:
                return [*inner, *_rest(token, child)], []
    return [], []


def _size(token: Token, obj: Token) -> Token | None:
    """The preposition and number of "put the toll at 40"."""
    preps = (c for t in (token, obj) for c in t.children if c.dep_ == "prep" and c.lower_ == "at" and c.i > obj.i)
    return next((p for p in preps if any(t.like_num or t.pos_ == "NUM" for t in p.subtree)), None)


def _names_a_source(token: Token) -> bool:
    """Whether the words only name from whom something is known: "citing the same group", "quoting officials"."""
    if token.lemma_ not in QUOTING or token.tag_ != "VBG":
        return False
    obj = object_of(token)
    return obj is not None and (obj.pos_ == "PROPN" or obj.lemma_.lower() in sayers() | UNHELD)


def _after_source(token: Token) -> list[Token]:
    """The clause after whom the cue cites, which the parser hangs on that: "reported, citing officials, that …"."""
    for child in token.children:
        if child.dep_ == "advcl" and child.i > token.i and child.lower_ in ("citing", "quoting"):
            for clause in (
                c for t in (child, *child.children) for c in t.children if c.dep_ in ("ccomp", "acl", "relcl")
            ):
                mark = next((c for c in clause.children if c.lower_ == "that" and c.dep_ == "mark"), None)
                if mark is not None and mark.nbor(-1).text == ",":
                    return [t for t in clause.subtree if t.i > mark.i]
    return []


def _after_setting(token: Token) -> list[Token]:
    """The *that* clause that the parser hangs on the place where it was said: "told reporters outside the court that …"."""
    for verb in token.subtree:
        if verb.dep_ != "acl" or verb.head.dep_ != "pobj" or verb.i < token.i or cue_at(verb.head) is not None:
            continue
        own = {c.dep_: c for c in verb.children if c.i < verb.i}
        if "nsubj" in own and "mark" in own and own["mark"].lower_ == "that":
            return [verb]
    return []


def _set_off(token: Token) -> bool:
    """Whether a comma follows the cue, and no quotation: the sentence goes on around it."""
    following = token.i + 2
    return following < len(token.doc) and token.nbor(1).text == "," and not token.nbor(2).is_quote


def _around(token: Token, cue: Cue) -> list[Token]:
    """The sentence around a cue set between commas or at its end ("Costs, the minister said, will rise"), where the
    parse has no clause.
    """
    sentence = token.sent
    if "that" not in cue.frames or cue.weight < SURE or token.pos_ != "VERB" or token.dep_ in ("relcl", "acl", "xcomp"):
        return []
    own = next((c for c in token.children if c.dep_ == "nsubj" and c.i < token.i and c.lower_ not in NOBODY), None)
    if own is None or token.i + 1 >= len(token.doc):
        return []
    left, right = own.left_edge.i, token.i + 1
    while right < sentence.end and token.doc[right].head == token and token.doc[right].dep_ in ("npadvmod", "advmod"):
        right += 1
    if right < sentence.end and (dated := token.doc[right]).dep_ == "prep" and dated.head == token:
        # "…, the ministry reported on Thursday": a day is part of the cue's words.
        right = dated.right_edge.i + 1 if any(t.ent_type_ == "DATE" for t in dated.subtree) else right
    closed = right >= sentence.end or token.doc[right].text in (",", ".")
    if left <= sentence.start or token.doc[left - 1].text != "," or not closed:
        return []
    return [t for t in sentence if not left <= t.i < right]


def _points_back(token: Token, heads: list[Token]) -> bool:
    """Whether the content is what was said before: "This figure was announced by …"."""
    first = heads[0] if heads else None
    if first is None or first.dep_ != "nsubjpass" or len(list(first.subtree)) > 3:
        return False
    return any(t.lower_ in ("this", "that", "these", "those") for t in first.subtree)


def _sentence_before(reading: Reading, quotations: tuple[Quotation, ...], token: Token) -> tuple[Span, ...]:
    first = token.sent.start
    while first > 0 and reading.doc[first - 1].is_space:
        first -= 1
    return spans(reading, quotations, reading.doc[first - 1].sent, None) if first > 0 else ()


def _own(head: Token) -> list[Token]:
    """The words of a clause without what reports further words of the same speaker (", adding that …", "and insisted
    that …").
    """
    tokens = list(head.subtree)
    for child in head.children:
        if child.dep_ == "advcl" and child.tag_ == "VBG" and child.i > head.i and child.nbor(-1).text == ",":
            cue = cue_at(child)
            if cue is not None and cue.kind in (Attitude.SPEECH, Attitude.JUDGEMENT):
                further = {t.i for t in child.subtree}
                tokens = [t for t in tokens if t.i not in further]
        elif child.dep_ == "advcl" and _of_somebody_else(child):
            further = {t.i for t in child.subtree}
            tokens = [t for t in tokens if t.i not in further]
        elif child.dep_ == "conj" and not any(c.dep_ in ("nsubj", "nsubjpass", "aux") for c in child.children):
            cue = cue_at(child)
            if (
                cue is not None
                and cue.weight >= SURE
                and any(c.dep_ == "ccomp" and c.i > child.i for c in child.children)
            ):
                further = {t.i for t in child.subtree}
                tokens = [t for t in tokens if t.i not in further]
    return tokens


def _of_somebody_else(clause: Token) -> bool:
    """ ", while Lee called it a mistake": what another says meanwhile."""
    cue = cue_at(clause)
    said = cue is not None and cue.kind in (Attitude.SPEECH, Attitude.JUDGEMENT)
    return (
        said
        and any(c.dep_ in ("mark", "advmod") and c.lower_ in ("while", "whereas") for c in clause.children)
        and any(c.dep_ == "nsubj" and c.pos_ in ("PROPN", "NOUN") for c in clause.children)
    )


def _passive(token: Token, cue: Cue) -> tuple[list[Token], list[Token]]:
    """For "The plan was described by critics as …": subject and complements, where somebody is named who says so."""
    if not any(c.dep_ == "agent" for c in token.children) or not cue.frames & {"object", "as", "tell-object"}:
        return [], []
    if given := [
        c for c in token.children if c.dep_ in ("dobj", "oprd", "attr") and "object" in cue.frames and c.i > token.i
    ]:
        # "The town was promised a bridge by the council": who stands first is told.
        return [given[0], *_rest(token, given[0])], []
    patient = [c for c in token.children if c.dep_ == "nsubjpass" and c.tag_ not in ("WP", "WDT")]
    return [*patient, *[c for c in _rest(token, token) if c.dep_ != "conj"]] if patient else [], []


def _rest(token: Token, last: Token) -> list[Token]:
    """What follows the content in the verb phrase, up to the first comma."""
    rest: list[Token] = []
    for child in token.children:
        if child.i <= last.i:
            continue
        if child.dep_ == "punct" or child.dep_ in ("cc", "agent"):
            break
        if child.dep_ in TRAILING:
            if child.dep_ == "advcl" and child.tag_ == "VBG":
                break
            rest.append(child)
    return rest


def _is_clause(token: Token) -> bool:
    if any(c.dep_ == "mark" and c.lower_ in ADVERBIAL for c in token.children):
        return False
    return token.pos_ in ("VERB", "AUX") or any(c.dep_ in ("nsubj", "nsubjpass", "mark", "cop") for c in token.children)


def _finite(token: Token) -> bool:
    return any(c.dep_ in ("nsubj", "nsubjpass", "expl") for c in token.children)


def _infinitive(token: Token) -> bool:
    return any(c.tag_ == "TO" for c in token.children)


def _nominal(child: Token, frames: frozenset[str]) -> bool:
    """Whether the child of a noun is its content: "the claim that …", "a promise to …", "a call for …"."""
    if child.dep_ in ("acl", "ccomp", "relcl") and "that" in frames and _finite(child):
        marks = [c for c in child.children if c.dep_ == "mark" and c.lower_ == "that"]
        return bool(marks)
    return child.dep_ in ("acl", "xcomp") and "to" in frames and _infinitive(child)


def _holder(noun: Token) -> Token | None:
    """Who holds a nominal cue's content: its possessor, *by* or *from* phrase, or the subject of the verb it is the
    object of.
    """
    for child in noun.children:
        if child.dep_ == "poss":
            return child
    for child in noun.children:
        if child.dep_ == "prep" and child.lower_ in ("by", "from", "of"):
            return next((c for c in child.children if c.dep_ == "pobj"), None)
    if noun.dep_ in ("dobj", "attr", "pobj") and noun.head.pos_ in ("VERB", "AUX", "ADP"):
        verb = noun.head if noun.dep_ != "pobj" else noun.head.head
        return subject(verb) if verb.pos_ in ("VERB", "AUX") else None
    return None


def _impersonal(token: Token) -> bool:
    """Whether the cue may stand without a holder: "reports that …", "it is believed that …"."""
    if token.pos_ == "NOUN":
        return token.lemma_ in UNHELD
    return any(c.dep_ == "nsubjpass" for c in token.children)


def spans(
    reading: Reading, quotations: tuple[Quotation, ...], tokens: Iterable[Token], cue: Token | None
) -> tuple[Span, ...]:
    """The characters of the tokens as maximal runs, whole quotations where a run enters one, without marks and
    punctuation at the ends.
    """
    doc = reading.doc
    chosen = sorted({t.i for t in tokens if cue is None or t.i != cue.i})
    runs: list[list[int]] = []
    for i in chosen:
        if runs and not any(_word(doc, j) for j in range(runs[-1][1] + 1, i)):
            runs[-1][1] = i
        else:
            runs.append([i, i])
    found: list[Span] = []
    for first, last in runs:
        while first < last and (_opens(doc[first], cue) or not _word(doc, first)):
            if inside(doc[first], quotations):
                break
            first += 1
        while last > first and doc[last].pos_ == "CCONJ":
            last -= 1
        start, end = max(doc[first].idx, _story(reading, doc[first].idx)), doc[last].idx + len(doc[last])
        for q in quotations:
            if q.start < end and start < q.end:
                outside = cue is None or not q.start <= cue.idx < q.end
                start, end = (min(start, q.start), max(end, q.end)) if outside else (start, end)
        span = strip(reading.article.text, start, end, quotations)
        if any(c.isalnum() for c in reading.article.text[span[0] : span[1]]):
            found.append(span)
    return merge(found)


def _story(reading: Reading, start: int) -> int:
    """Where the words begin: after the dateline and its dash, if they begin with it."""
    line = reading.page.dateline
    if line is None or not line[0] - 1 <= start < line[1]:
        return start
    dash = DASH.search(reading.article.text, line[1], line[1] + 60)
    return dash.end() if dash else line[1]


def _opens(token: Token, cue: Token | None) -> bool:
    """Whether the word only links the clause; conjunctions count where an adjunct, not a cue, attributes it."""
    return (token.lower_ == "that" and token.dep_ == "mark") or (cue is None and token.lower_ in OPENERS)


def merge(found: list[Span]) -> tuple[Span, ...]:
    """Sorted spans, overlapping ones joined."""
    merged: list[Span] = []
    for start, end in sorted(found):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def strip(text: str, start: int, end: int, quotations: tuple[Quotation, ...]) -> Span:
    """The span without punctuation at its ends; without the marks where it is one whole quotation."""
    while start < end and text[start] in STRIPPED:
        start += 1
    while end > start and text[end - 1] in STRIPPED and not any(q.start < end <= q.inner[1] for q in quotations):
        end -= 1
    for q in quotations:
        if (q.start, q.end) == (start, end):
            return q.inner
    return start, end


def _word(doc: Doc, i: int) -> bool:
    return any(c.isalnum() for c in doc[i].text)
