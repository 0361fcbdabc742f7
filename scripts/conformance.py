"""Runs the W3C SPARQL conformance kit against the real server on a scratch store: strict default graph, a token for
writing.

    python scripts/conformance.py [--kit FOLDER] [SUITE…]

The floors are what plain Oxigraph passes; protocol, graph store, service description, negotiation and authorisation
must pass whole.
Exit code: that of the kit (0 if every suite reached its floor).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from server import running  # noqa: E402

TOKEN = "conformance"
# Passes of plain Oxigraph 0.5; suites that are not named must pass whole.
FLOORS = {"sparql10-query": 268, "sparql10-syntax": 198, "sparql11-query": 224, "sparql11-results": 9}
SUITES = (
    "protocol",
    "gsp",
    "service-description",
    "conneg",
    "protocol-own",
    "gsp-own",
    "auth",
    "sparql10-query",
    "sparql10-syntax",
    "sparql11-query",
    "sparql11-results",
    "sparql11-syntax-query",
    "sparql11-update",
    "sparql11-syntax-update",
)


def kit() -> Path:
    """The folder of the kit: from the environment, else beside the repository."""
    return Path(os.environ.get("NEWSKG_CONFORMANCE") or ROOT.parent / "shared" / "conformance")


def main() -> int:
    """Runs the suites; the kit prints its table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suites", nargs="*", default=list(SUITES))
    parser.add_argument("--kit", type=Path, default=kit())
    parser.add_argument("--report", help="file for the kit's JSON report")
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder) / "store", TOKEN, default_graph="strict") as address,
    ):
        floors = Path(folder) / "floors.json"
        floors.write_text(json.dumps(FLOORS))
        command = [
            sys.executable,
            str(arguments.kit / "run_conformance.py"),
            "--query-url",
            address + "/sparql",
            "--update-url",
            address + "/update",
            "--gsp-url",
            address + "/data",
            "--token",
            TOKEN,
            "--suite",
            *arguments.suites,
            "--min",
            str(floors),
        ]
        return subprocess.run(
            command + (["--json", arguments.report] if arguments.report else []), check=False
        ).returncode


if __name__ == "__main__":
    sys.exit(main())
