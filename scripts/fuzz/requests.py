"""Coverage-guided fuzzing of what reads requests: tokens, Accept headers, headers and parameters of saved queries.

As `readers.py`: `python scripts/fuzz/requests.py -max_total_time=600`.
"""

from __future__ import annotations

import sys
from contextlib import suppress

import atheris

with atheris.instrument_imports(include=["kg.query"]):
    from kg.errors import NewskgError
    from kg.query.formats import negotiate, prefers_html
    from kg.query.header import read_header
    from kg.query.saved import load_queries
    from kg.query.tokens import check_remote, tokenise

QUERIES = list(load_queries().values())


def one_input(data: bytes) -> None:
    """Each raises nothing but what the server maps to a refusal."""
    given = atheris.FuzzedDataProvider(data)
    number, text = given.ConsumeIntInRange(0, len(QUERIES) - 1), given.ConsumeUnicodeNoSurrogates(2000)
    assert all(text[token.start : token.end] == token.text for token in tokenise(text))
    prefers_html(text)
    query = QUERIES[number]
    for work in (
        lambda: check_remote(tokenise(text), "SERVICE", ()),
        lambda: negotiate(text, "bindings"),
        lambda: read_header("#+ " + text),
        lambda: query.bind({parameter.name: text for parameter in query.parameters[:1]}),
    ):
        with suppress(NewskgError):
            work()


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
