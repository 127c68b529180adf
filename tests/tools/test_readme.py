"""What the README says of tools is what the catalogue has."""

import re

from readme_table import README, rewritten

from tools import catalogue


def test_the_table_of_tools_is_that_of_the_catalogue() -> None:
    text = README.read_text(encoding="utf-8")
    assert text == rewritten(text), "run: python -m tests.tools.readme_table"


def test_the_counts_in_the_text_are_true() -> None:
    known = catalogue.load()
    claims = re.findall(r"(\d+) operations", README.read_text(encoding="utf-8"))
    assert claims
    assert set(claims) <= {str(len(known)), *map(str, known.toolsets.values())}
