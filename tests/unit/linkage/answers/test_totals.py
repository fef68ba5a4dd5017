"""Own totals beside what records give: which cells there are, and how often a record counts."""

from __future__ import annotations

import random

from linkage.answers import ComparedCell, OwnTotals, cell_name, compare_cells, totals_table

TOWN = "municipality"


def town(code: str | None) -> tuple[tuple[str, str | None], ...]:
    return ((TOWN, code),)


def test_cells_of_either_side_are_there() -> None:
    own = {(): 9, town("0180"): 5, town("0114"): 4}
    records = [("p1", {TOWN: "0180"}), ("p2", {TOWN: "1480"}), ("p3", {})]
    found = compare_cells(own, records)
    assert found == (
        ComparedCell((), 9, 3),
        ComparedCell(town("0114"), 4, 0),
        ComparedCell(town("0180"), 5, 1),
        ComparedCell(town("1480"), None, 1),
        ComparedCell(town(None), None, 1),
    )
    assert [cell.difference for cell in found] == [6, 4, 4, None, None]
    assert found[-1].to_dict() == {"cell": {TOWN: None}, "own_total": None, "records": 1, "difference": None}


def test_what_is_counted_counts_once_in_a_cell_and_in_each_of_several_codes() -> None:
    records = [("p1", {"purpose": "a b"}), ("p1", {"purpose": "b"}), ("p2", {"purpose": "b"})]
    found = compare_cells({(): 2, (("purpose", "a"),): 1}, records)
    assert [(cell_name(cell.codes), cell.records) for cell in found] == [("all", 2), ("purpose=a", 1), ("purpose=b", 2)]


def test_records_are_broken_down_only_as_the_totals_are() -> None:
    assert compare_cells({(): 2}, [("p1", {TOWN: "0180"})]) == (ComparedCell((), 2, 1),)
    both = compare_cells({((TOWN, "0180"), ("sex", "f")): 1}, [("p1", {TOWN: "0180", "sex": "m"})])
    assert [cell_name(cell.codes) for cell in both] == ["municipality=0180 sex=f", "municipality=0180 sex=m"]


def test_the_order_of_records_does_not_matter() -> None:
    records = [(f"p{n % 7}", {TOWN: ["0180", "0114", "1480"][n % 3], "sex": "fm"[n % 2]}) for n in range(40)]
    own = {(): 3, town("0180"): 2, ((TOWN, "0180"), ("sex", "f")): 1}
    found = compare_cells(own, records)
    random.Random(1).shuffle(records)
    assert compare_cells(own, records) == found


def test_names_of_cells() -> None:
    assert cell_name(()) == "all"
    assert cell_name(town(None), missing="(not given)") == "municipality=(not given)"


def test_totals_are_a_table_with_nulls_where_there_is_no_number() -> None:
    cells = (ComparedCell((), 9, 3), ComparedCell(town(None), None, 1))
    own = OwnTotals(
        reporter="police",
        period="2026-03",
        sequence=1,
        unit="person",
        role="victim",
        items=(TOWN,),
        cells=cells,
        n_records=3,
        unlinked=0,
    )
    head = {"reporter": "police", "period": "2026-03", "unit": "person", "role": "victim"}
    assert totals_table([own]).to_pylist() == [
        {**head, "cell": "all", "own_total": 9, "records": 3, "difference": 6},
        {**head, "cell": "municipality=", "own_total": None, "records": 1, "difference": None},
    ]
    assert totals_table([]).schema == totals_table([own]).schema
