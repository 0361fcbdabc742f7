"""The `#+` header of a saved query (grlc's decorators): the part of YAML that such headers use.

Keys with values, lists (`[a, b]` or lines with `- `), maps by indentation, and text folded after `>`. Anchors, tags
and the like are not
YAML that a header needs; a line that cannot be read is an error, not a guess.
"""

from __future__ import annotations

from typing import Any

from kg.errors import QueryError

Line = tuple[int, str]


def read_header(text: str) -> dict[str, Any]:
    """The header of a query: the lines at its head that begin with `#+`. `QueryError` names the line that cannot be
    read."""
    lines: list[Line] = []
    for line in text.splitlines():
        if line.startswith("#+"):
            content = line[2:].rstrip()
            if content.strip():
                lines.append((len(content) - len(content.lstrip()), content.strip()))
        elif line.strip():
            break
    if not lines:
        return {}
    found, rest = _block(lines, lines[0][0])
    if rest or not isinstance(found, dict):
        raise QueryError(
            f"header line {(rest or lines)[0][1]!r} is not `key: value` at the right indentation: correct it"
        )
    return found


def _block(lines: list[Line], indent: int) -> tuple[Any, list[Line]]:
    """A map or a list whose lines stand at this indentation, and the lines after it."""
    if lines[0][1].startswith("- "):
        items = []
        while lines and lines[0][0] == indent and lines[0][1].startswith("- "):
            content = lines[0][1][2:].strip()
            inner = indent + lines[0][1].index(content)
            if _key(content):
                item, lines = _block([(inner, content), *lines[1:]], inner)
            else:
                item, lines = _scalar(content), lines[1:]
            items.append(item)
        return items, lines
    found: dict[str, Any] = {}
    while lines and lines[0][0] == indent and not lines[0][1].startswith("- "):
        content = lines[0][1]
        key = _key(content)
        if not key:
            raise QueryError(f"header line {content!r} is not `key: value`: correct it")
        value, lines = content[len(key) + 1 :].strip(), lines[1:]
        deeper = bool(lines) and (lines[0][0] > indent or (lines[0][0] == indent and lines[0][1].startswith("- ")))
        if value in (">", "|"):
            folded = []
            while lines and lines[0][0] > indent:
                folded.append(lines[0][1])
                lines = lines[1:]
            found[key] = " ".join(folded)
        elif value or not deeper:
            found[key] = _scalar(value)
        else:
            found[key], lines = _block(lines, lines[0][0])
    return found, lines


def _key(content: str) -> str:
    key, colon, rest = content.partition(":")
    return (
        key if colon and (not rest or rest.startswith(" ")) and key.replace("-", "").replace("_", "").isalnum() else ""
    )


def _scalar(text: str) -> Any:
    if text.startswith("[") and text.endswith("]"):
        return [_scalar(part.strip()) for part in text[1:-1].split(",") if part.strip()]
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    return text
