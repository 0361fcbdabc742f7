"""The build hook of hatch: a wheel holds the query editor, charts and maps. Without npm it is built without: the pages
then show plain forms and what the server draws."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).resolve().parent / "scripts"))


class QueryEditorHook(BuildHookInterface):  # type: ignore[type-arg]
    """Puts `kg/web/static/vendor/` into the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fetches the editor before a wheel is put together; an editable install does it by `./run assets`."""
        import assets

        if version == "editable":
            return
        try:
            assets.copy(assets.fetch())
        except (assets.NoNpm, assets.Changed, subprocess.CalledProcessError) as error:
            self.app.display_warning(f"the wheel has no query editor, charts and maps: {error}")
            return
        build_data["artifacts"].append("kg/web/static/vendor/*")
