"""The store folder on this machine that stands for a server: where its articles are read, resolved and decided on."""

from __future__ import annotations

import re
from pathlib import Path

import platformdirs

from kg.remote.server import checked
from kg.settings import value


def work_folder(url: str) -> Path:
    """The folder of a server's address: the setting `work`, else one of its own in the user's data folder."""
    chosen = value("work")
    if chosen:
        return Path(chosen)
    name = re.sub(r"[^A-Za-z0-9.]+", "-", checked(url).partition("://")[2]).strip("-")
    return Path(platformdirs.user_data_dir("newskg", appauthor=False)) / "servers" / name
