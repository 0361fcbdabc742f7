"""SPARQL cut into tokens, so that keywords are found outside strings, IRIs and comments (SPARQL 1.1, section 19.8)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kg.errors import NotAllowed, QueryError

_TOKEN = re.compile(
    r"""
    (?P<space>[ \t\r\n]+|\#[^\r\n]*)
  | (?P<iri><(?:[^<>"{}|^`\\\x00-\x20]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*>)
  | (?P<string>\"{3}(?:\"{0,2}(?:[^\"\\]|\\.))*\"{3} | '{3}(?:'{0,2}(?:[^'\\]|\\.))*'{3}
              | \"(?:[^\"\\\r\n]|\\.)*\" | '(?:[^'\\\r\n]|\\.)*')
  | (?P<variable>[?$]\w+)
  | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
  | (?P<name>(?:[^\W\d_](?:[\w.\-]*[\w\-])?|_)?:(?:[\w:.\-]|%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%])*)
  | (?P<word>[^\W\d]\w*)
  | (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
  | (?P<sign>\^\^|&&|\|\||[<>!]=|.)
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A token: its class, its text, where it begins, and how many braces are open around it."""

    kind: str
    text: str
    start: int
    depth: int

    @property
    def end(self) -> int:
        """Offset after the token."""
        return self.start + len(self.text)

    @property
    def keyword(self) -> str:
        """The word in capitals; empty if it is not a word."""
        return self.text.upper() if self.kind == "word" else ""


def tokenise(text: str) -> list[Token]:
    """The tokens of a query or update without white space and comments. Never fails: what is no token comes as single
    signs."""
    found, depth, position = [], 0, 0
    while match := _TOKEN.match(text, position):
        kind = match.lastgroup or "sign"
        if match[0] == "}" and kind == "sign":
            depth -= 1
        if kind != "space":
            found.append(Token(kind, match[0], position, depth))
        if match[0] == "{" and kind == "sign":
            depth += 1
        position = match.end()
    return found


# The engine's parser and evaluator recurse: some 800 levels of EXISTS or of functions fill the 8 MiB of a stack.
MAX_LEVELS = 200
# Looking takes a second for some megabytes. What is longer is left to the engine, whose end is refused as well.
LOOKED_AT = 1 << 20
_LEVEL = re.compile(
    r"""
    \([^(){}\[\]<>"'\#\\]*\) | [({\[] | [)}\]]
  | <[^<>"{}|^`\\\x00-\x20]*> | \\. | \#[^\r\n]*
  | \"{3}[^"\\]*(?:(?:\\.|"{1,2}(?!"))[^"\\]*)*\"{3} | '{3}[^'\\]*(?:(?:\\.|'{1,2}(?!'))[^'\\]*)*'{3}
  | "[^"\\\r\n]*(?:\\.[^"\\\r\n]*)*" | '[^'\\\r\n]*(?:\\.[^'\\\r\n]*)*'
    """,
    re.VERBOSE | re.DOTALL,
)


def check_nesting(text: str) -> None:
    """Refuses what is nested more than `MAX_LEVELS` deep in braces, brackets and parentheses, with `QueryError`."""
    if len(text) > LOOKED_AT or sum(map(text.count, "({[")) <= MAX_LEVELS:
        return
    levels = 0
    for match in _LEVEL.finditer(text):
        sign = match[0]
        if sign in ("(", "{", "["):
            levels += 1
            if levels > MAX_LEVELS:
                raise QueryError(f"braces and brackets are nested more than {MAX_LEVELS} levels deep: write it flatter")
        elif sign in (")", "}", "]"):
            levels -= 1


# No token is one of the keywords that are looked for if none of these stands anywhere in the text.
_NOTABLE = ("service", "load", "from", "now", "rand", "uuid")


def notable(text: str) -> list[Token]:
    """The tokens of a query for the functions below; none where nothing stands in it that they look for."""
    small = text.lower()  # looking for each word is many times as fast as one expression for all
    return tokenise(text) if any(word in small for word in _NOTABLE) else []


def has_from(tokens: list[Token]) -> bool:
    """True if a query names its dataset itself."""
    return any(token.keyword == "FROM" for token in tokens)


def changes_by_itself(tokens: list[Token]) -> bool:
    """True if a query can answer differently on the same data."""
    return any(token.keyword in ("NOW", "RAND", "UUID", "STRUUID") for token in tokens)


# `?a<?b)SERVICE#>` reads as an IRI by the grammar's tokens, while the engine's parser takes `<` as less-than.
_HIDDEN = re.compile(r"\).*(?:service|load)\s*#", re.IGNORECASE | re.DOTALL)


def check_remote(tokens: list[Token], keyword: str, allowed: tuple[str, ...]) -> None:
    """Refuses SERVICE (or LOAD) of an address that does not begin with an allowed prefix, with `NotAllowed`.

    This is the early, clear answer; the guarantee is that worker processes cannot open sockets.
    """
    for index, token in enumerate(tokens):
        if token.kind == "iri" and _HIDDEN.search(token.text):
            raise NotAllowed(f"{keyword} is not allowed here: this server fetches nothing from other servers")
        if token.keyword != keyword:
            continue
        rest = [item for item in tokens[index + 1 : index + 3] if item.keyword != "SILENT"]
        address = rest[0].text[1:-1] if rest and rest[0].kind == "iri" else ""
        if not allowed:
            raise NotAllowed(f"{keyword} is not allowed here: this server fetches nothing from other servers")
        if "\\" in address or not address.startswith(allowed):
            raise NotAllowed(
                f"{keyword} is allowed only for addresses, written out in full, that begin with {' or '.join(allowed)}"
            )


def silent_load(tokens: list[Token]) -> bool:
    """True if all LOADs of an update are SILENT: then it is right that each does nothing."""
    loads = [index for index, token in enumerate(tokens) if token.keyword == "LOAD"]
    return all(tokens[index + 1 : index + 2] and tokens[index + 1].keyword == "SILENT" for index in loads)


def add_using(text: str, clauses: str) -> str:
    """An update with `USING …` clauses put before each WHERE, for the protocol's `using-graph-uri` (SPARQL 1.1
    Protocol, 2.2.3).

    `QueryError` if the update names its dataset itself.
    """
    tokens = tokenise(text)
    if any(token.keyword in ("USING", "WITH") for token in tokens if token.depth == 0):
        raise QueryError(
            "using-graph-uri cannot be given together with USING or WITH in the update: leave one of them out"
        )
    out, position = [], 0
    for index, token in enumerate(tokens):
        if token.keyword != "WHERE" or token.depth:
            continue
        out.append(text[position : token.start])
        position = token.start
        if index and tokens[index - 1].keyword == "DELETE":  # DELETE WHERE { p } is DELETE { p } WHERE { p }
            close = next((item for item in tokens[index + 1 :] if item.text == "}" and item.depth == 0), None)
            if close is not None:
                out.append(text[token.end : close.end] + " ")
        out.append(clauses + " ")
    return "".join(out) + text[position:]


_ERROR = re.compile(r"error at (\d+):(\d+): expected (?:one of )?(.*)", re.DOTALL)
# More alternatives than this help nobody.
SHOWN_ALTERNATIVES = 12


def syntax_message(text: str, error: SyntaxError) -> str:
    """The engine's message with the place in the text, and without its classes of characters."""
    if missing := _undeclared(tokenise(text)):
        return f"prefix {missing} is not declared: add PREFIX {missing} <…>"
    found = _ERROR.fullmatch(str(error))
    if not found:
        return str(error)
    line, column = int(found[1]), int(found[2])
    lines = text.split("\n")
    near = lines[line - 1][max(column - 1, 0) :][:40].strip() if line <= len(lines) else ""
    words = re.findall(r'"[^"\\\s]{1,4}"|\b[A-Z]{2,}\b', re.sub(r"\[[^\]]*\](?:\s*\|\s*\[[^\]]*\])*", "", found[3]))
    expected = f"; expected {' or '.join(words[:SHOWN_ALTERNATIVES])}" if words else ""
    return f"line {line}, column {column}, {f'at {near!r}' if near else 'at the end'}{expected}"


def _undeclared(tokens: list[Token]) -> str:
    """The first prefix that is used and not declared before; empty if there is none."""
    declared = {"_:"}
    for before, token in zip([None, *tokens], tokens, strict=False):
        prefix = token.text.partition(":")[0] + ":"
        if token.kind != "name":
            continue
        if before is not None and before.keyword == "PREFIX":
            declared.add(prefix)
        elif prefix not in declared:
            return prefix
    return ""
