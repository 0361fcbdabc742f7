"""What the pages take from npm: pinned, copied in full, with its licences; nothing of it in the repository."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from server import ROOT

sys.path.insert(0, str(ROOT / "scripts"))
import assets

LOCK = json.loads((ROOT / "frontend" / "package-lock.json").read_text(encoding="utf-8"))["packages"]
WANTED = json.loads((ROOT / "frontend" / "package.json").read_text(encoding="utf-8"))["dependencies"]


def test_every_package_is_pinned_by_its_digest() -> None:
    for name, version in WANTED.items():
        assert LOCK[f"node_modules/{name}"]["version"] == version
    for path, package in LOCK.items():
        assert not path or package["integrity"].startswith("sha512-"), path
        assert "resolved" not in package, path  # a registry's address is the installer's business


def test_what_is_copied_comes_from_packages_of_the_lock() -> None:
    for name in assets.BUILT:
        package = "/".join(name.split("/")[: 2 if name.startswith("@") else 1])
        assert f"node_modules/{package}" in LOCK
    assert len({Path(name).name for name in assets.BUILT}) == len(assets.BUILT)


def test_assets_are_not_in_the_repository() -> None:
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    assert {"node_modules/", "kg/web/static/vendor/"} <= set(ignored)


def test_a_changed_package_is_not_copied_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "VENDOR", tmp_path / "vendor")
    monkeypatch.setattr(assets, "BUILT", ("vega-interpreter/build/vega-interpreter.js",))
    source = tmp_path / "vega-interpreter" / "build" / "vega-interpreter.js"
    source.parent.mkdir(parents=True)
    source.write_text("import { other } from 'vega-util';\n", encoding="utf-8")
    with pytest.raises(assets.Changed, match="BARE_IMPORT"):
        assets.copy(tmp_path)


@pytest.mark.skipif(not assets.VENDOR.exists(), reason="no assets of npm in kg/web/static/vendor: ./run assets")
def test_all_is_there_with_its_licences() -> None:
    for name in assets.BUILT:
        text = (assets.VENDOR / Path(name).name).read_text(encoding="utf-8")
        assert text
        assert "sourceMappingURL=" not in text[-200:]
    licences = (assets.VENDOR / "LICENSES.txt").read_text(encoding="utf-8")
    for name, version in WANTED.items():
        assert f"{name} {version}: " in licences
