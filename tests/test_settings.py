"""The table of settings is what the flags, the environment and the documentation say."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.cli import main
from kg.errors import UnknownName
from kg.settings import SETTINGS, value

DOCS = Path(__file__).parent.parent / "docs" / "settings.md"


def test_given_wins_over_environment_over_default() -> None:
    assert value("port", 1, {"NEWSKG_PORT": "2"}) == 1
    assert value("port", None, {"NEWSKG_PORT": "2"}) == 2
    assert value("port", None, {"NEWSKG_PORT": ""}) == 8000


def test_a_bad_environment_variable_is_named() -> None:
    with pytest.raises(UnknownName, match="NEWSKG_PORT must be a int, not 'x'"):
        value("port", None, {"NEWSKG_PORT": "x"})


def test_every_setting_is_documented_with_its_default() -> None:
    rows = {
        line.split("|")[1].strip(): line
        for line in DOCS.read_text(encoding="utf-8").splitlines()
        if line.startswith("| `")
    }
    assert set(rows) == {f"`{s.name}`" for s in SETTINGS}
    for setting in SETTINGS:
        assert setting.help in rows[f"`{setting.name}`"]
        assert setting.env in rows[f"`{setting.name}`"]
        assert f"`{setting.default}`" in rows[f"`{setting.name}`"] or setting.default == ""


def test_every_setting_is_a_flag_of_some_command() -> None:
    flags = {parameter.name for command in main.commands.values() for parameter in command.params}
    assert {s.name for s in SETTINGS} <= flags
