"""What the dependency parse tells of a verb: voice, subjects and objects through passives, relative and participial
clauses, control and coordination; and the noun phrase around a word.

Labels are those of ClearNLP, which spaCy's English models use (https://github.com/clir/clearnlp-guidelines).
"""

from __future__ import annotations

from functools import lru_cache

from spacy.tokens import Doc, Token

from kg.nlp.events.lexicon import word_classes
from kg.nlp.lexicon import body_nouns
from kg.records import Span

RELATIVE = frozenset({"who", "whom", "which", "that", "whose"})
# Verbs whose infinitive is done by their subject although they have an object ("promised the town to rebuild it").
SUBJECT_CONTROL = frozenset({"promise", "vow", "pledge", "threaten", "use"})
# Prepositions whose gerund is done by the object ("accused him of killing"); after others it is the subject.
OF_OBJECT = frozenset({"of", "from", "for", "with"})
# Dependents that belong to the words of a noun phrase; clauses and afterthoughts do not.
IN_PHRASE = frozenset(
    {"det", "amod", "compound", "nmod", "nummod", "quantmod", "poss", "case", "predet", "advmod", "npadvmod"}
)
# The model's types of what an "it" may stand for.
BODIES = frozenset({"ORG", "GPE"})
# A chain of clauses longer than this tells nothing about who acts; it also bounds the recursion.
MAX_DEPTH = 6


def children(token: Token, *labels: str) -> list[Token]:
    """The dependents with one of these labels, in order of the text."""
    known = _dependents(token.doc)
    pairs = known.get(token.i)
    if pairs is None:
        pairs = known[token.i] = [(child.dep_, child) for child in token.children]
    return [child for label, child in pairs if label in labels]


@lru_cache(maxsize=2)
def _dependents(doc: Doc) -> dict[int, list[tuple[str, Token]]]:
    """The dependents, with their labels, of the words that were asked about: each verb is many times."""
    return {}


def conjuncts(tokens: list[Token]) -> list[Token]:
    """The words and what is coordinated with them, in order of the text, without repetition."""
    found = {t.i: t for token in tokens for t in (token, *_chain(token))}
    return [found[i] for i in sorted(found)]


def _chain(token: Token) -> list[Token]:
    # A loop, since a list of a thousand names is a chain a thousand deep.
    found, waiting = [], children(token, "conj")
    while waiting:
        child = waiting.pop()
        found.append(child)
        waiting += children(child, "conj")
    return found


def is_verbal(token: Token) -> bool:
    """Whether the word heads a clause or a participle."""
    return token.pos_ in {"VERB", "AUX"}


def is_passive(verb: Token) -> bool:
    """Whether the verb's surface subject is what the event happens to."""
    if children(verb, "nsubjpass", "auxpass", "csubjpass") or _is_headline_passive(verb):
        return True
    if verb.tag_ != "VBN":
        return False
    if any(child.dep_ == "aux" and child.lemma_ == "have" for child in verb.children):
        return False
    if verb.dep_ == "conj" and not children(verb, "dobj", "aux") and children(verb.head, "auxpass"):
        # "Two were killed and nine wounded"
        return True
    while verb.dep_ == "conj" and is_verbal(verb.head) and not children(verb, "nsubj", "dobj"):
        verb = verb.head
        if children(verb, "nsubjpass", "auxpass"):
            return True
    return not children(verb, "nsubj", "dobj")


def _is_headline_passive(verb: Token) -> bool:
    """Whether a verb that always has an object stands without one after a noun ("Two hurt in crash", "Man arrested")."""
    return (
        verb.tag_ in {"VBD", "VBN"}
        and verb.dep_ in {"ROOT", "ccomp", "advcl", "parataxis", "conj"}
        and verb.lemma_.lower() in word_classes()["with_object"]
        and bool(children(verb, "nsubj"))
        and not any(t.lower_ in RELATIVE or t.tag_ in {"PRP", "WP"} for t in children(verb, "nsubj"))
        and not children(verb, "dobj", "dative", "ccomp", "xcomp", "prt", "aux", "oprd", "neg")
        and not any(is_verbal(t) for t in children(verb, "conj"))
        and not any(t.lower_ in {"at", "on", "into", "through"} for t in children(verb, "prep"))
    )


def surface_subjects(verb: Token, depth: int = 0) -> list[Token]:
    """The words that are the verb's subject, stated or understood; for a passive it is the patient."""
    own = children(verb, "nsubj", "nsubjpass")
    if own:
        return conjuncts([antecedent(t) for t in own if t.lemma_ != "there"])
    head = verb.head
    if depth > MAX_DEPTH or head.i == verb.i:
        return []
    if verb.dep_ == "conj" and is_verbal(head):
        # "was hit and killed": the shared subject; a change of voice would need a subject of its own.
        return surface_subjects(above(verb) or head, depth + 1)
    if verb.dep_ in {"relcl", "acl"} and verb.tag_ == "VB":
        # "announced its plan to buy a rival": whose plan it is, else who is said to have it.
        owners = children(head, "poss")
        governor = head.head.head if head.dep_ == "pobj" else head.head
        return conjuncts(owners) or (surface_subjects(governor, depth + 1) if is_verbal(governor) else [])
    if verb.dep_ in {"relcl", "acl"}:
        return conjuncts([head]) if verb.tag_ in {"VBG", "VBN"} or children(verb, "nsubj") else []
    if verb.dep_ in {"xcomp", "ccomp"} and is_verbal(head):
        objects = children(head, "dobj", "dative")
        if objects and head.lemma_ not in SUBJECT_CONTROL:
            return conjuncts(objects)
        return surface_subjects(head, depth + 1)
    if verb.dep_ == "xcomp" and head.dep_ == "acomp" and is_verbal(head.head):
        # "is due to meet the mayor"
        return surface_subjects(head.head, depth + 1)
    if verb.dep_ == "advcl" and is_verbal(head) and verb.tag_ in {"VBG", "VB", "VBN"}:
        return agents(head, depth + 1) if is_passive(head) and verb.tag_ == "VBG" else surface_subjects(head, depth + 1)
    if verb.dep_ == "pcomp" and is_verbal(head.head):
        objects = patients(head.head, depth + 1) if head.lower_ in OF_OBJECT else []
        return objects or surface_subjects(head.head, depth + 1)
    return []


def above(verb: Token) -> Token | None:
    """The verb that a finite verb goes on from, where the parse has it go on from an infinitive under that one ("ordered him
    to pay and barred him from the club")."""
    head = verb.head
    finite = verb.dep_ == "conj" and verb.tag_ in {"VBD", "VBZ"} and not children(verb, "aux", "auxpass")
    under = finite and head.tag_ == "VB" and head.dep_ in {"xcomp", "ccomp"} and is_verbal(head.head)
    return head.head if under else None


def agents(verb: Token, depth: int = 0) -> list[Token]:
    """Who does it: the subject of the active, the by-phrase of the passive."""
    if is_passive(verb):
        # "hit and killed by a car": the by-phrase stands after the last verb.
        verbs = [verb, *(t for t in children(verb, "conj") if is_verbal(t) and not children(t, "nsubj", "nsubjpass"))]
        by = [t for v in verbs for child in children(v, "agent") for t in children(child, "pobj")]
        return conjuncts(by)
    return surface_subjects(verb, depth)


def patients(verb: Token, depth: int = 0) -> list[Token]:
    """What it is done to: the object of the active, the subject of the passive."""
    if is_passive(verb):
        if verb.dep_ == "amod":
            return [verb.head]
        return surface_subjects(verb, depth) or (conjuncts([verb.head]) if verb.dep_ == "acl" else [])
    objects = children(verb, "dobj", "dative")
    if not objects and verb.dep_ == "conj" and not children(verb, "prep", "xcomp", "ccomp") and is_verbal(verb.head):
        # "bombed and destroyed the bridge": the object stands after the last verb.
        return []
    if not objects and verb.dep_ != "conj":
        later = [
            t for t in children(verb, "conj") if is_verbal(t) and not children(verb, "prep", "xcomp", "ccomp", "prt")
        ]
        objects = [o for t in later if t.i - verb.i <= 2 for o in children(t, "dobj")]
    if not objects and verb.dep_ == "relcl" and children(verb, "nsubj"):
        pronouns = children(verb, "nsubj")
        if not any(t.lower_ in RELATIVE for t in pronouns) and not children(verb, "prep"):
            return [verb.head]
    return conjuncts([antecedent(t) for t in objects])


def antecedent(token: Token) -> Token:
    """What a relative pronoun stands for, or the "it" of what a body says of itself ("the firm said it would close two
    shops"); any other word is itself."""
    if token.lower_ == "it":
        return _speaking(token)
    if token.lower_ not in RELATIVE or token.pos_ not in {"PRON", "DET", "SCONJ"}:
        return token
    clause = token.head
    for _ in range(MAX_DEPTH):
        if clause.dep_ == "relcl":
            return clause.head
        if clause.dep_ not in {"conj", "xcomp", "ccomp"}:
            break
        clause = clause.head
    return token


def _speaking(it: Token) -> Token:
    """The body that says what "it" does, or "it"."""
    clause = it.head
    while clause.dep_ == "conj" and is_verbal(clause.head):
        clause = clause.head
    verb = clause.head.lemma_.lower()
    said = any(verb in word_classes()[name] for name in ("saying", "further_saying"))
    speakers = children(clause.head, "nsubj") if clause.dep_ == "ccomp" and said else []
    return next((t for t in speakers if t.ent_type_ in BODIES or _is_body(t.lemma_.lower())), it)


def _is_body(word: str) -> bool:
    return word in body_nouns() or word in word_classes()["further_body"]


def prepositional(token: Token, *words: str) -> list[Token]:
    """The objects of the word's prepositions `words` (any, if none is named), coordination included."""
    preps = [c for c in token.children if c.dep_ in {"prep", "agent"} and (not words or c.lower_ in words)]
    inner = [p for prep in preps for p in (prep, *children(prep, "prep"))]
    return conjuncts([t for prep in inner for t in children(prep, "pobj")])


def included(token: Token) -> list[Token]:
    """Whom a phrase names of a group ("officials, including the mayor and two judges")."""
    return prepositional(token, "including")


def phrase(token: Token) -> Span:
    """Character span of the noun phrase of a word: its modifiers and of-phrase, without clauses and afterthoughts."""
    words = [token]
    for child in token.children:
        if child.dep_ in IN_PHRASE and child.i < token.i:
            words += child.subtree
        elif child.dep_ == "prep" and child.lower_ == "of" and child.nbor(-1).text != ",":
            words += [child, *(w for obj in children(child, "pobj") for w in _flat(obj))]
        elif child.dep_ == "nummod" and child.i == token.i + 1:
            words.append(child)
    words.sort(key=lambda t: t.i)
    while len(words) > 1 and (words[0].is_punct or words[0].is_space):
        words.pop(0)
    return words[0].idx, words[-1].idx + len(words[-1])


def _flat(token: Token) -> list[Token]:
    return [token, *(w for child in token.children if child.dep_ in IN_PHRASE for w in child.subtree)]


def is_main(token: Token) -> bool:
    """Whether the word belongs to what the sentence mainly tells, not to what that was after, about or of."""
    for _ in range(MAX_DEPTH):
        if token.dep_ in {"pobj", "pcomp", "relcl", "acl", "advcl"}:
            return False
        if token.head.i == token.i:
            break
        token = token.head
    return True


def clause(token: Token) -> Token:
    """The verb of the clause that holds the word (the word itself if it is one), or the sentence's root."""
    for _ in range(50):
        if (is_verbal(token) and token.dep_ not in {"amod", "aux", "auxpass", "compound"}) or token.head.i == token.i:
            return token
        token = token.head
    return token
