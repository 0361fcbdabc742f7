"""Wikidata's Action API and its query service: candidates by name, what is known of them, and of which of our types they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from kg.errors import OnlineError
from kg.online.client import Again, Client, Garbled, Spent, Stopped
from kg.tables import table

# Most items a call may name without the rights of a bot.
BATCH = 50
# Classes asked about at once: the service would take hundreds, but a timeout then costs more.
CLASSES = 50
# Candidates of a name: the first page, as a person would look at it.
LIMIT = 10
# The query service ends a query after 60 seconds.
QUERY_TIMEOUT = 65.0
# Errors of the API that mean "later", and the seconds it wants at least.
LATER, LEAST = {"maxlag", "ratelimited", "readonly"}, 5.0
# One bad member of a batch of 50 fails six times in a row while it is halved; more is the service itself.
FAILURES = 7
ITEM = re.compile(r"Q[1-9]\d{0,11}")
LANGUAGES = ("en", "mul")
TYPE, COUNTRIES = "P31", ("P17", "P27")
# Statements that tie an item to the company it keeps: office, party, employer, body, seat, region, owner, head, capital.
RELATIONS = (
    "P17",
    "P27",
    "P39",
    "P102",
    "P108",
    "P463",
    "P159",
    "P131",
    "P127",
    "P749",
    "P361",
    "P36",
    "P6",
    "P35",
    "P488",
    "P1001",
)
COORDINATES, GEONAMES, EARTH = "P625", "P1566", "Q2"
BORN, DIED = "P569", "P570"
YEAR = re.compile(r"([+-]\d{1,6})-")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Item:
    """What is compared of an item. `links` is the number of wikis with a page on it, `related` the items it states."""

    id: str
    label: str = ""
    aliases: tuple[str, ...] = ()
    description: str = ""
    classes: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    related: frozenset[str] = frozenset()
    geonames: tuple[str, ...] = ()
    lat: float | None = None
    lon: float | None = None
    born: int | None = None
    died: int | None = None
    links: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """Candidates of a name, the best known first. `more` says that there are others beyond those given."""

    ids: tuple[str, ...] = ()
    more: bool = False


class Wikidata:
    """One Wikibase with its query service; an empty address of the latter means that it is not asked."""

    def __init__(self, client: Client, api: str, query_service: str) -> None:
        self._client, self.api, self._query_service = client, api, query_service
        rows = table("wikidata_roots.tsv")
        self._roots = {
            item: {row["type"] for row in rows if row["item"] == item} for item in {row["item"] for row in rows}
        }
        self._kinds: dict[str, frozenset[str] | None] = {}
        self._failed = 0
        self.classes_unknown = False
        """Whether the query service was given up in this run."""

    def search(self, name: str) -> Found:
        """Items whose label or other name begins so (wbsearchentities)."""
        params = {
            "action": "wbsearchentities",
            "search": name,
            "language": "en",
            "uselang": "en",
            "type": "item",
            "limit": str(LIMIT),
        }
        answer = self._ask(params, "search")
        hits = answer["search"] if isinstance(answer["search"], list) else []
        ids = dict.fromkeys(str(hit.get("id")) for hit in hits if isinstance(hit, dict))
        return Found(tuple(i for i in ids if ITEM.fullmatch(i)), "search-continue" in answer)

    def search_statement(self, property: str, value: str) -> Found:
        """Items that state this value, an identifier of another file (CirrusSearch, haswbstatement)."""
        query = {
            "action": "query",
            "list": "search",
            "srsearch": f"haswbstatement:{property}={value}",
            "srnamespace": "0",
            "srlimit": "5",
        }
        hits = _map(self._ask(query, "query")["query"]).get("search")
        hits = hits if isinstance(hits, list) else []
        return Found(tuple(i for i in (str(h.get("title")) for h in hits if isinstance(h, dict)) if ITEM.fullmatch(i)))

    def items(self, ids: Iterable[str]) -> dict[str, Item | None]:
        """What is known of items, by the id asked for; None for one that does not exist (any more). A redirect gives its target."""
        wanted = [i for i in dict.fromkeys(ids) if ITEM.fullmatch(i)]
        found: dict[str, Item | None] = {}
        missing = []
        for i in wanted:
            known = self._client.cache.get(self._key(i)) if self._client.cache else None
            if isinstance(known, dict):
                found[i] = _item(known)
            else:
                missing.append(i)
        for batch in batches(missing, BATCH):
            for i, data in self._halving(batch, self._fetch):
                if self._client.cache:
                    self._client.cache.put(self._key(i), data)
                found[i] = _item(data)
        return found

    def kinds(self, classes: Iterable[str]) -> dict[str, frozenset[str] | None]:
        """Our types (or `none`) that instances of each class have; empty for a class of something else, None where not known."""
        wanted = [c for c in dict.fromkeys(classes) if c not in self._kinds and ITEM.fullmatch(c)]
        unknown = []
        for c in wanted:
            known = self._client.cache.get(self._key(c, "class")) if self._client.cache else None
            if isinstance(known, list):
                self._kinds[c] = self._types(known)
            else:
                unknown.append(c)
        if self._query_service and not self.classes_unknown:
            try:
                for batch in batches(unknown, CLASSES):
                    for c, roots in self._halving(batch, self._ancestors):
                        if self._client.cache:
                            self._client.cache.put(self._key(c, "class"), roots)
                        self._kinds[c] = self._types(roots)
            except Spent:
                raise
            except Stopped:
                self.classes_unknown = True
        return {c: self._kinds.get(c, frozenset(self._roots[c]) if c in self._roots else None) for c in classes}

    def _types(self, roots: list[Any]) -> frozenset[str]:
        return frozenset(t for root in roots for t in self._roots.get(root, ()))

    def _key(self, item: str, what: str = "item") -> str:
        return f"{what} {item} {self.api if what == 'item' else self._query_service}"

    def _ask(self, params: dict[str, str], part: str, *, keep: bool = True) -> dict[str, Any]:
        """The answer to a call, which has this part."""

        def whole(answer: dict[str, Any], seconds: float | None) -> None:
            check(answer, seconds)
            if not isinstance(answer.get(part), (dict, list)):  # else it would be kept
                raise Garbled(f"{self.api} sent an answer without {part!r}")

        fixed = {"format": "json", "formatversion": "2", "maxlag": "5"}
        return self._client.get(self.api, params | fixed, whole, keep=keep)

    def _fetch(self, ids: list[str]) -> dict[str, Any]:
        params = {
            "action": "wbgetentities",
            "ids": "|".join(ids),
            "redirects": "yes",
            "languages": "|".join(LANGUAGES),
            "props": "info|labels|descriptions|aliases|claims|sitelinks",
        }
        entities = _map(self._ask(params, "entities", keep=False)["entities"])
        by_id: dict[Any, Any] = {}
        for key, data in entities.items():
            if isinstance(data, dict):
                redirects = data.get("redirects")
                for name in (key, data.get("id"), redirects.get("from") if isinstance(redirects, dict) else None):
                    by_id.setdefault(name, data)
        if lacking := [i for i in ids if i not in by_id]:
            raise Garbled(f"{self.api} left out {lacking[0]}")
        return {i: by_id[i] for i in ids}

    def _ancestors(self, classes: list[str]) -> dict[str, list[str]]:
        """The roots above each class, by one query."""
        values, roots = (" ".join(f"wd:{i}" for i in ids) for ids in (classes, sorted(self._roots)))
        query = (
            "PREFIX wd: <http://www.wikidata.org/entity/> PREFIX wdt: <http://www.wikidata.org/prop/direct/> "
            "SELECT DISTINCT ?class ?root WHERE { "
            f"VALUES ?class {{ {values} }} VALUES ?root {{ {roots} }} ?class wdt:P279* ?root }}"
        )
        answer = self._client.post(self._query_service, {"query": query}, keep=False, timeout=QUERY_TIMEOUT)
        found: dict[str, list[str]] = {c: [c] if c in self._roots else [] for c in classes}
        try:
            for row in answer["results"]["bindings"]:
                c, root = (str(row[name]["value"]).rpartition("/")[2] for name in ("class", "root"))
                if c in found and root in self._roots and root not in found[c]:
                    found[c].append(root)
        except (KeyError, TypeError):
            raise Garbled(f"{self._query_service} sent no bindings") from None
        return found

    def _halving(self, batch: list[str], ask: Callable[[list[str]], dict[str, T]]) -> Iterator[tuple[str, T]]:
        """Asks for a batch; where the answer cannot be read, for its halves, down to single ones, which are left out.

        `Stopped` where a batch and then its members fail, one after the other.
        """
        try:
            answer = ask(batch)
        except Stopped:
            raise
        except OnlineError as error:
            self._failed += 1
            if self._failed >= FAILURES:
                self._failed = 0
                raise Stopped(str(error)) from None
            if len(batch) > 1:
                middle = len(batch) // 2
                yield from self._halving(batch[:middle], ask)
                yield from self._halving(batch[middle:], ask)
        else:
            self._failed = 0
            yield from answer.items()


def check(answer: dict[str, Any], seconds: float | None) -> None:
    """Errors of the Action API come with HTTP 200. Raises `Again` for those that pass, `OnlineError` for the others."""
    error = answer.get("error")
    if error is None:
        return
    code, info = (str(error.get(key, "")) if isinstance(error, dict) else "" for key in ("code", "info"))
    if code in LATER:
        raise Again(f"is lagging or busy ({code})", max(seconds or 0.0, LEAST))
    if code.startswith("internal_api_error"):
        raise Again(f"failed ({code})", attempts=3)
    raise OnlineError(f"Wikidata refuses the request ({code}: {info[:200]})")


def batches(things: Iterable[T], size: int) -> Iterator[list[T]]:
    """The things in lists of at most `size`."""
    rest = iter(things)
    while batch := list(islice(rest, size)):
        yield batch


def plain(value: Any) -> str:
    """A label or description as one clean line; empty where it is no text."""
    text = value if isinstance(value, str) else ""
    text = text.encode("utf-8", "replace").decode("utf-8")
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:300]


def _map(value: Any) -> dict[str, Any]:
    """A map; an empty one may come as a list."""
    return value if isinstance(value, dict) else {}


def _item(data: dict[str, Any]) -> Item | None:
    """An entity of the API; None if it is missing, deleted or no item."""
    identifier = str(data.get("id", ""))
    if "missing" in data or not ITEM.fullmatch(identifier):
        return None
    claims = _map(data.get("claims"))

    def items(*properties: str) -> tuple[str, ...]:
        ids = (str(_map(v).get("id", "")) for p in properties for v in _values(claims.get(p)))
        return tuple(i for i in dict.fromkeys(ids) if ITEM.fullmatch(i))

    def text(part: str) -> str:
        values = _map(data.get(part))
        return next((t for lang in LANGUAGES if (t := plain(_map(values.get(lang)).get("value")))), "")

    def years(property: str) -> list[int]:
        times = (str(_map(v).get("time", "")) for v in _values(claims.get(property)))
        return [int(found[1]) for found in map(YEAR.match, times) if found]

    named = [a for lang in LANGUAGES for a in (_map(data.get("aliases")).get(lang) or ())]
    place = next((_map(v) for v in _values(claims.get(COORDINATES))), {})
    lat, lon = place.get("latitude"), place.get("longitude")
    numbers = isinstance(lat, (int, float)) and isinstance(lon, (int, float)) and abs(lat) <= 90 and abs(lon) <= 180
    on_earth = numbers and str(place.get("globe", EARTH)).rpartition("/")[2] == EARTH
    return Item(
        id=identifier,
        label=text("labels"),
        aliases=tuple(a for a in dict.fromkeys(plain(_map(n).get("value")) for n in named) if a),
        description=text("descriptions"),
        classes=items(TYPE),
        countries=items(*COUNTRIES),
        related=frozenset(items(*RELATIONS)),
        geonames=tuple(v for v in _values(claims.get(GEONAMES)) if isinstance(v, str)),
        lat=float(lat) if on_earth else None,  # type: ignore[arg-type]
        lon=float(lon) if on_earth else None,  # type: ignore[arg-type]
        born=min(years(BORN), default=None),
        died=max(years(DIED), default=None),
        links=len(_map(data.get("sitelinks"))),
    )


def _values(statements: Any) -> list[Any]:
    """The values of a property: of the preferred statements if there are any, never of deprecated ones, none where unknown."""
    ranked: dict[str, list[Any]] = {"preferred": [], "normal": []}
    for statement in statements if isinstance(statements, list) else ():
        snak = _map(_map(statement).get("mainsnak"))
        if snak.get("snaktype") == "value" and _map(statement).get("rank", "normal") in ranked:
            ranked[_map(statement).get("rank", "normal")].append(_map(snak.get("datavalue")).get("value"))
    return ranked["preferred"] or ranked["normal"]
