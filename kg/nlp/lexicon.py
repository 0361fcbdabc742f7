"""The word lists of the entity layers, each a table in `kg/data/`."""

from __future__ import annotations

import re
import tomllib
from functools import cache

from kg.link.authority import DATA
from kg.ready import ready_made
from kg.tables import table
from kg.vocabulary import EntityType


def rows(name: str) -> list[dict[str, str]]:
    """The rows of `kg/data/NAME.tsv`."""
    return table(f"{name}.tsv")


@cache
def name_parts() -> dict[str, dict[str, list[str]]]:
    """Words inside names and right after them (`kg/data/name_parts.toml`)."""
    return tomllib.loads((DATA / "name_parts.toml").read_text("utf-8"))


def one_of(words: list[str]) -> str:
    """A pattern that matches any of the words, the longest first."""
    return "(?:" + "|".join(map(re.escape, sorted(words, key=len, reverse=True))) + ")"


@cache
def titles() -> frozenset[str]:
    """Words that stand before a person's name and are no part of it."""
    return frozenset(r["title"] for r in rows("titles"))


@cache
def personal_titles() -> frozenset[str]:
    """The titles whose next capitalised word is a person's name: `Mr`, `Sheikh`."""
    return frozenset(r["title"] for r in rows("titles") if r["person"])


@cache
def fields() -> frozenset[str]:
    """The titles that may also begin the name of a body: `Foreign Minister`, but `Foreign Ministry`."""
    return frozenset(r["title"] for r in rows("titles") if r["field"])


@cache
def not_names() -> frozenset[str]:
    """Capitalised words that alone are no name of ours."""
    return frozenset(r["word"] for r in rows("not_names"))


@cache
def offices() -> frozenset[str]:
    """Titles that are offices, not fields of one."""
    return titles() - fields()


@cache
def double_heads() -> frozenset[str]:
    """The last words of heads of two words."""
    return frozenset(words[-1] for head in heads() if len(words := head.split()) > 1)


@cache
def no_person_words() -> frozenset[str]:
    """Words that are no part of a person's name."""
    return frozenset((*heads(), *other_heads(), *titles(), *not_names()))


@cache
def no_place_words() -> frozenset[str]:
    """Words that are mostly part of other names than those of places."""
    return frozenset((*heads(), *titles(), *not_names(), *given_names(), *surnames()))


def given_names() -> frozenset[str]:
    """Given names that many people bear."""
    return _person_names()[0]


def surnames() -> frozenset[str]:
    """Surnames that many people bear."""
    return _person_names()[1]


@cache
def _person_names() -> tuple[frozenset[str], frozenset[str]]:
    def read() -> tuple[frozenset[str], frozenset[str]]:
        found = rows("person_names")
        return frozenset(r["word"] for r in found if r["given"]), frozenset(r["word"] for r in found if r["surname"])

    return ready_made("person_names", read)


@cache
def person_nouns() -> dict[str, str]:
    """Nouns for a person, with `m`, `f` or nothing."""
    return {r["noun"]: r["gender"] for r in rows("person_nouns")}


@cache
def body_nouns() -> frozenset[str]:
    """Nouns for a kind of body (`agency`, `court`)."""
    return frozenset(r["noun"] for r in rows("body_nouns"))


@cache
def place_nouns() -> frozenset[str]:
    """Nouns for a kind of place, which stand after its name or before `of` (`Acme district`, `town of Acme`)."""
    return frozenset(r["noun"] for r in rows("place_nouns"))


@cache
def country_nouns() -> frozenset[str]:
    """Nouns for the organs and the land of a state, before which a country's adjective names the country."""
    return frozenset(r["noun"] for r in rows("country_nouns"))


@cache
def heads() -> dict[str, tuple[EntityType, bool]]:
    """Last words of names (`University`, `River`): their type, and whether `of …` may follow."""
    return {r["head"]: (EntityType(r["type"]), bool(r["of"])) for r in rows("heads")}


@cache
def name_cues() -> dict[tuple[str, str], tuple[EntityType, bool]]:
    """Words beside a name that tell its type, by side (`before`, `after`, `of`: `founder of Acme`): type, and whether
    one is enough."""
    return {(r["side"], r["word"]): (EntityType(r["type"]), r["weight"] == "strong") for r in rows("name_cues")}


@cache
def place_openers() -> frozenset[str]:
    """First words of names of places in the languages that news is full of: `Wadi`, `Puerto`."""
    return frozenset((DATA / "place_openers.txt").read_text(encoding="utf-8").split())


@cache
def other_heads() -> frozenset[str]:
    """Last words of names of what is neither person, organisation, place nor group: laws, prizes, events, works."""
    return frozenset((DATA / "other_heads.txt").read_text(encoding="utf-8").split())


@cache
def acronyms() -> frozenset[str]:
    """Acronyms of three letters or more that name no organisation."""
    return frozenset((DATA / "common_acronyms.txt").read_text(encoding="utf-8").split())
