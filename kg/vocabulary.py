"""The closed vocabularies of the extraction records, spelt as `kg extract` writes them.

Each member has one counterpart in `ontology/`, named by `term`; `tests/test_vocabulary.py` reads the Turtle and compares both ways.
"""

from enum import StrEnum


class Term(StrEnum):
    """An enumeration whose members have a local name in the `nkg:` namespace."""

    @property
    def term(self) -> str:
        """Local name in the ontology: `at_least` is `AtLeast`."""
        return "".join(part[:1].upper() + part[1:] for part in self.value.split("_"))


class EntityType(Term):
    """Classes of entities; their IRIs begin with the value: `person/…`."""

    PERSON = "person"
    ORGANISATION = "organisation"
    PLACE = "place"
    GROUP = "group"


class Factuality(Term):
    """How the text presents an event; only `asserted` ones become instances of their event class."""

    ASSERTED = "asserted"
    NEGATED = "negated"
    PLANNED = "planned"
    POSSIBLE = "possible"
    DEMANDED = "demanded"
    HYPOTHETICAL = "hypothetical"


class Comparator(Term):
    """How the words bound a number."""

    EXACTLY = "exactly"
    ABOUT = "about"
    NEARLY = "nearly"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    MORE_THAN = "more_than"
    LESS_THAN = "less_than"


class Measure(Term):
    """What a figure counts."""

    KILLED = "killed"
    INJURED = "injured"
    DISPLACED = "displaced"
    ABDUCTED = "abducted"
    HELD = "held"
    RELEASED = "released"
    RETURNED = "returned"
    ATTENDED = "attended"
    TRAVELLED = "travelled"
    HOMES = "homes"
    PERCENT = "percent"
    MONEY = "money"
    VISITS = "visits"
    OTHER = "other"


class Role(Term):
    """What an argument is to its event."""

    AGENT = "agent"
    PATIENT = "patient"
    PARTICIPANT = "participant"
    PLACE = "place"
    TIME = "time"


class QuoteKind(Term):
    """Direct: all content between quotation marks; indirect: none; mixed: part of it."""

    DIRECT = "direct"
    INDIRECT = "indirect"
    MIXED = "mixed"


class Attitude(Term):
    """What the holder of a statement's content does with it, by the word that reports it."""

    SPEECH = "speech"
    JUDGEMENT = "judgement"
    BELIEF = "belief"
    INTENTION = "intention"
    EVIDENCE = "evidence"


class Scope(Term):
    """Of what a figure is the count: everything up to its date, one happening, or a part of another count."""

    TOTAL = "total"
    ONE_OFF = "one_off"
    PART = "part_of_total"


class TimexType(StrEnum):
    """TIMEX3 types (TimeML annotation guidelines 1.2.1)."""

    DATE = "DATE"
    TIME = "TIME"
    DURATION = "DURATION"
    SET = "SET"


class EventType(StrEnum):
    """Leaves of the event hierarchy; the value is the class's local name."""

    ATTACK = "Attack"
    MILITARY_OPERATION = "MilitaryOperation"
    KILLING = "Killing"
    INJURY = "Injury"
    ABDUCTION = "Abduction"
    RELEASE = "Release"
    ARREST = "Arrest"
    DISPLACEMENT = "Displacement"
    DESTRUCTION = "Destruction"
    WITHDRAWAL = "Withdrawal"
    CEASEFIRE = "Ceasefire"
    NEGOTIATION = "Negotiation"
    AGREEMENT = "Agreement"
    MEETING = "Meeting"
    VISIT = "Visit"
    STATEMENT = "StatementEvent"
    DEMAND = "Demand"
    THREAT = "Threat"
    ACCUSATION = "Accusation"
    REJECTION = "Rejection"
    VOTE = "Vote"
    ELECTION = "Election"
    LEGISLATION = "Legislation"
    APPOINTMENT = "Appointment"
    RESIGNATION = "Resignation"
    SANCTION = "Sanction"
    AID_DELIVERY = "AidDelivery"
    PROTEST = "Protest"
    GATHERING = "Gathering"
    TRIAL = "Trial"
    DISASTER = "Disaster"
    ACCIDENT = "Accident"
    OUTBREAK = "Outbreak"
    TRANSACTION = "Transaction"
    DISRUPTION = "Disruption"
    OTHER = "OtherEvent"

    @property
    def term(self) -> str:
        """Local name in the ontology."""
        return self.value
