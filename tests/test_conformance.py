"""The W3C conformance kit against the real server, where the kit is present (see `scripts/conformance.py`)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
KIT = Path(os.environ.get("NEWSKG_CONFORMANCE") or ROOT.parent / "shared" / "conformance")
PROTOCOL = ("protocol", "gsp", "gsp-direct", "service-description", "conneg", "protocol-own", "gsp-own", "auth")
LANGUAGE = (
    "sparql10-query",
    "sparql10-syntax",
    "sparql11-query",
    "sparql11-results",
    "sparql11-syntax-query",
    "sparql11-update",
    "sparql11-syntax-update",
)


@pytest.mark.skipif(not (KIT / "run_conformance.py").is_file(), reason="the conformance kit is not here")
@pytest.mark.parametrize("suites", [PROTOCOL, LANGUAGE], ids=["protocol", "language"])
def test_the_kit_passes(suites: tuple[str, ...]) -> None:
    found = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "conformance.py"), "--kit", str(KIT), *suites],
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert found.returncode == 0, found.stdout + found.stderr
