"""From the JSON of a Wikidata item, as dumps and the API have it, to an entry.

Source of the format: the Wikibase JSON specification (`mainsnak`, `snaktype`, `rank`, `datavalue`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kg.authority.classes import Kind, kind_of
from kg.authority.entry import Entry

# Wikibase's precision of a time: 9 a year, 10 a month, 11 a day; below, the year itself is not known.
_YEAR, _MONTH, _DAY = 9, 10, 11
# GeoNames has some ten million places; longer numbers are slips of the keyboard, and no integer of a database.
DIGITS = 9
# Labels that hold in every language, since 2024.
MULTILINGUAL = "mul"


def entry_of(item: Mapping[str, Any], classes: Mapping[str, Kind], languages: Sequence[str], tag: str) -> Entry | None:
    """The entry of an item; None if it has no known class or no label in `languages`, whose first one is preferred."""
    claims = item.get("claims") or {}
    kind = kind_of((value["id"] for value in values(claims, "P31") if "id" in value), classes)
    if kind is None:
        return None
    labels, aliases = item.get("labels") or {}, item.get("aliases") or {}
    order = [*languages, MULTILINGUAL] if MULTILINGUAL not in languages else list(languages)
    known = [line for language in order if language in labels and (line := _line(labels[language]["value"]))]
    if not known:
        return None
    label = known[0]
    others = [*known[1:], *(a["value"] for language in order for a in aliases.get(language, ()))]
    descriptions = item.get("descriptions") or {}
    point = next((v for v in values(claims, "P625") if "latitude" in v and _on_earth(v)), None)
    country = next((v["id"] for name in ("P17", "P27") for v in values(claims, name) if "id" in v), "")
    geonames = next(
        (v for v in values(claims, "P1566") if isinstance(v, str) and v.isascii() and v.isdigit() and len(v) <= DIGITS),
        None,
    )
    return Entry(
        key=item["id"],
        qid=item["id"],
        type=kind.type,
        kind=kind.kind,
        label=label,
        aliases=tuple(dict.fromkeys(line for name in others if (line := _line(name)) and line != label)),
        description=next((_line(descriptions[lang]["value"]) for lang in languages if lang in descriptions), ""),
        lat=round(point["latitude"], 5) if point else None,
        lon=round(point["longitude"], 5) if point else None,
        country=country,
        geonames=int(geonames) if geonames else None,
        sitelinks=len(item.get("sitelinks") or ()),
        born=next(map(_date, values(claims, "P569")), ""),
        died=next(map(_date, values(claims, "P570")), ""),
        sources=(tag,),
    )


def values(claims: Mapping[str, Any], name: str) -> Iterator[Any]:
    """The values of a property, preferred ones first; deprecated, unknown and missing ones are left out."""
    statements = [s for s in claims.get(name, ()) if s.get("rank") != "deprecated"]
    for statement in sorted(statements, key=lambda s: s.get("rank") != "preferred"):
        snak = statement.get("mainsnak", {})
        if snak.get("snaktype") == "value" and "datavalue" in snak:
            yield snak["datavalue"]["value"]


def _date(value: Mapping[str, Any]) -> str:
    """A Wikibase time as far as it is known: `1949-10-21`, `1949-10`, `1949`, or empty. Years before 1 have a minus."""
    time, precision = value.get("time", ""), value.get("precision", 0)
    sign, text = time[:1], time[1:].partition("T")[0]
    year, _, rest = text.partition("-")
    if precision < _YEAR or not year.isdigit():
        return ""
    month, _, day = rest.partition("-")
    date = ("-" if sign == "-" else "") + f"{int(year):04d}"
    if precision >= _MONTH and month.strip("0"):
        date += f"-{month}"
        if precision >= _DAY and day.strip("0"):
            date += f"-{day}"
    return date


def _on_earth(value: Mapping[str, Any]) -> bool:
    return str(value.get("globe") or "Q2").endswith("Q2")


def _line(text: str) -> str:
    return " ".join(text.split())
