"""Numbers of a check stand in tables: what belongs together in one, under its names."""

import re

import pytest

from optdyn.tables import LONGEST, number_tables


def cells(text: str) -> list[list[list[str]]]:
    """The rows of each table, heads first."""
    return [
        [re.findall(r"<t[hd]>(.*?)</t[hd]>", row) for row in re.findall(r"<tr>(.*?)</tr>", table)]
        for table in re.findall(r"<table.*?</table>", text)
    ]


@pytest.mark.parametrize(
    ("data", "tables"),
    [
        ({}, []),
        ({"a": 1, "b": "x < y"}, [[["a", "1"], ["b", "x &lt; y"]]]),
        ({"N": [1, 2], "bound": [0.5, 0.25]}, [[["N", "bound"], ["1", "0.5"], ["2", "0.25"]]]),
        ({"losses": [3.0, 4.0]}, [[["3", "4"]]]),
        ({"d: (near, far)": {"1": [0.1, 0.2]}}, [[["", "near", "far"], ["1", "0.1", "0.2"]]]),
        ({"cost": {"A": {"sums": 1}, "B": {"sums": 2}}}, [[["", "sums"], ["A", "1"], ["B", "2"]]]),
        ({"from and to": [[0, 1], [2, 3]]}, [[["0", "1"], ["2", "3"]]]),
        ({"κ = 4": {"N": list("1234567"), "gap": [0] * 7}}, [[["N", "gap"], *([n, "0"] for n in "1234567")]]),
        ({"limit": "-c_beta*(c + 2*mu**2)/8"}, [[["limit", "-c_β (c + 2 μ²)/8"]]]),
        ({"least": 1.5e-15}, [[["least", "1.5·10⁻¹⁵"]]]),
        ({"rates": {"slow": 0.5}}, [[["slow", "0.5"]]]),
        ({"odd": {"a": [1], "b": {"c": 2}}}, [[["a", "1"], ["b", "{&quot;c&quot;: 2}"]]]),
    ],
)
def test_what_belongs_together_is_one_table(data, tables):
    assert cells(number_tables(data)) == tables


def test_a_caption_is_the_name_without_its_columns():
    assert "<caption>d</caption>" in number_tables({"d: (near, far)": {"1": [0.1, 0.2]}})
    assert "<caption>rates (slow, fast, none)</caption>" in number_tables({"rates (slow, fast, none)": {"a": [1, 2]}})


def test_a_long_table_says_how_many_rows_are_left_out():
    text = number_tables({"pairs": [[k, k] for k in range(LONGEST + 5)]})
    assert len(cells(text)[0]) == LONGEST
    assert "and 5 more rows" in text
