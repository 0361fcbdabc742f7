"""Dependencies: pinned by digest, installed without running their code, their licences listed."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")


def test_every_package_is_pinned_with_its_digests() -> None:
    entries = re.split(r"\n(?=[A-Za-z0-9])", LOCK[LOCK.index("==") - 100 :])
    packages = [entry for entry in entries if "==" in entry.splitlines()[0] and not entry.startswith("#")]
    assert len(packages) > 50
    for entry in packages:
        assert re.match(r"[A-Za-z0-9._-]+==[^\s;]+", entry), entry
        assert "--hash=sha256:" in entry, entry
    assert not re.search(r"^(?:-e|https?:|git\+|[^#\n]* @ )", LOCK, re.MULTILINE)  # nothing from anywhere else


def test_all_that_is_declared_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = project["dependencies"] + project["optional-dependencies"]["dev"]
    names = {re.match(r"[A-Za-z0-9._-]+", text)[0] for text in declared}  # type: ignore[index]
    locked = {re.sub(r"[-_.]+", "-", name).lower() for name in re.findall(r"^([A-Za-z0-9._-]+)==", LOCK, re.MULTILINE)}
    assert {re.sub(r"[-_.]+", "-", name).lower() for name in names} <= locked


def test_installing_runs_no_package_code() -> None:
    """Wheels only: a source package would run its own build. Ours is the one build hook there is."""
    command = next(line for line in (ROOT / "run").read_text().splitlines() if "requirements.lock >&2" in line)
    assert "--only-binary :all:" in command
    assert "--require-hashes" in command


def test_every_licence_is_listed() -> None:
    listed = dict(
        re.findall(r"^\| (\S+) \| (\S+) \|", (ROOT / "docs" / "licences.md").read_text(encoding="utf-8"), re.MULTILINE)
    )
    locked = dict(re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", LOCK, re.MULTILINE))
    assert {name: version for name, version in listed.items() if name != "package"} == locked, "run scripts/licences.py"
