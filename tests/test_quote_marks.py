"""Quotation marks: what stands between them, and what only looks like one."""

import pytest

from kg.nlp.quotes.marks import pair


def between(text: str) -> list[str]:
    blocks, at = [], 0
    for line in text.split("\n"):
        blocks.append((at, at + len(line)))
        at += len(line) + 1
    return [text[q.inner[0] : q.inner[1]] for q in pair(text, blocks)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('The mayor said "the bridge is safe" on Monday.', ["the bridge is safe"]),
        ("“The bridge is safe,” the mayor said.", ["The bridge is safe,"]),
        ("''One lane is open,'' she said. ''Two will follow.''", ["One lane is open,", "Two will follow."]),
        ("'One lane is open,' she said.", ["One lane is open,"]),
        ("‘One lane is open,’ she said.", ["One lane is open,"]),
        ("« Le pont est ouvert », a dit la maire.", [" Le pont est ouvert "]),
        ("„Die Brücke ist offen“, sagte sie.", ["Die Brücke ist offen"]),
        ('"First," he said. "Second."', ["First,", "Second."]),
    ],
)
def test_marks_of_every_form_pair(text: str, expected: list[str]) -> None:
    assert between(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("'The bridge is open. It is safe,” the mayor said.", ["The bridge is open. It is safe,"]),
        ("“The bridge is open,’ the mayor said.", ["The bridge is open,"]),
        ("“The bridge is open, the mayor said.", []),
    ],
)
def test_unbalanced_marks(text: str, expected: list[str]) -> None:
    assert between(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "It's the workers' day, and the '90s don't count.",
        "Give 'em time; the firms' plans won't change.",
        "The plank was 6' long.",
        'A 12" pipe burst.',
    ],
)
def test_apostrophes_and_inches_are_no_marks(text: str) -> None:
    assert between(text) == []


def test_apostrophes_inside_single_marks() -> None:
    assert between("'The workers' demands aren't met,' she said.") == ["The workers' demands aren't met,"]


def test_nested_quotations_give_the_outer_one() -> None:
    assert between("“He told me ‘never again’ and left,” she said.") == ["He told me ‘never again’ and left,"]


def test_a_quotation_runs_on_where_the_next_block_opens_with_a_mark() -> None:
    text = "“The water rose at night.\n“By noon it was gone,” she said."
    first, second = pair(text, [(0, 25), (26, len(text))])
    assert first.continues
    assert text[first.inner[0] : first.inner[1]] == "The water rose at night."
    assert not second.continues


def test_blocks_do_not_share_a_quotation() -> None:
    assert between('An odd " here\nand another " there') == []
