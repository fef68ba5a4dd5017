"""The codebook `case-registry` is what its script makes, and its definitions, lists and groupings are complete."""

import json
import re
import shutil

import pytest

from pseudonym.codebook import CellReader, codebook_names, load_codebook
from tests.paths import ROOT
from tools import make_codebook

BOOK = load_codebook("case-registry")
DOCUMENT = json.loads(make_codebook.SHIPPED.read_bytes())
ITEMS = {item["name"]: item for item in DOCUMENT["items"]}
GROUPINGS = {grouping["name"]: grouping for grouping in DOCUMENT["groupings"]}
MAP = json.loads((ROOT / "examples" / "codebook-map-1-to-2.json").read_bytes())

PLAIN_LISTS = ("countries", "municipalities")
"""Lists whose codes need no definition."""
PLAIN_CODES = {
    row.split(",", 1)[0]
    for name in PLAIN_LISTS
    for row in (make_codebook.CONTENT / f"{name}.csv").read_text(encoding="utf-8").splitlines()[1:]
}
AGES = re.compile(r"[0-9]+|[0-9]+-[0-9]*")
MAX_CODES, MAX_BYTES = 16, 256
"""How many codes a record may hold of an item with several, and how long they are when joined."""

REGIONS = {
    "SE": "sweden",
    "TR": "western_asia",
    "SO": "eastern_africa",
    "IQ": "western_asia",
    "TH": "south_eastern_asia",
}


def codes_of(item: str) -> list[str]:
    return [code["code"] for code in ITEMS[item]["codes"]]


def group_of(grouping: str) -> dict[str, str]:
    """Return the group of each code of a grouping."""
    return {code: group["group"] for group in GROUPINGS[grouping]["groups"] for code in group["codes"]}


def test_script_makes_the_committed_files():
    assert make_codebook.main(["--check"]) == 0


@pytest.mark.whole
@pytest.mark.parametrize("name", ["SHIPPED", "en", "sv"])
def test_check_option_tells_a_changed_file(name, tmp_path, monkeypatch):
    paths = {"SHIPPED": make_codebook.SHIPPED, **make_codebook.PAGES}
    copies = {key: shutil.copy(path, tmp_path / path.name) for key, path in paths.items()}
    monkeypatch.setattr(make_codebook, "SHIPPED", copies["SHIPPED"])
    monkeypatch.setattr(make_codebook, "PAGES", {key: copies[key] for key in make_codebook.PAGES})
    assert make_codebook.main(["--check"]) == 0
    text = copies[name].read_text(encoding="utf-8")
    copies[name].write_text(text.replace("lvu_2", "lvu_9"), encoding="utf-8")
    assert make_codebook.main(["--check"]) == 1
    assert make_codebook.main([]) == 0
    assert copies[name].read_text(encoding="utf-8") == text


@pytest.mark.parametrize("member", ["definition", "purpose", "basis"])
@pytest.mark.parametrize("item", sorted(ITEMS))
def test_items_are_described_in_both_languages(item, member):
    texts = ITEMS[item][member]
    assert sorted(texts) == ["en", "sv"]
    assert texts["sv"] != texts["en"]
    assert all(text == " ".join(text.split()) for text in texts.values())


@pytest.mark.parametrize("item", sorted(ITEMS))
def test_codes_are_defined_unless_they_are_countries_municipalities_or_ages(item):
    undefined = {code["code"] for code in ITEMS[item]["codes"] if code["definition"] is None}
    assert {code for code in undefined - PLAIN_CODES if not AGES.fullmatch(code)} == set()
    texts = [code["definition"] for code in ITEMS[item]["codes"] if code["definition"] is not None]
    assert all(text.endswith(".") for pair in texts for text in pair.values())


def test_definitions_of_an_item_differ():
    for item in ITEMS.values():
        texts = [code["definition"]["sv"] for code in item["codes"] if code["definition"] is not None]
        assert len(set(texts)) == len(texts)


def test_labels_of_an_item_differ():
    for item in ITEMS.values():
        for language in ("sv", "en"):
            assert len({code["label"][language] for code in item["codes"]}) == len(item["codes"])


@pytest.mark.parametrize("item", sorted(ITEMS))
def test_every_item_can_be_unknown(item):
    assert "unknown" in codes_of(item)


@pytest.mark.parametrize("item", sorted(name for name, item in ITEMS.items() if item["many"]))
def test_several_codes_fit_into_a_value(item):
    longest = sorted(map(len, codes_of(item)))[-MAX_CODES:]
    assert sum(longest) + len(longest) - 1 <= MAX_BYTES


@pytest.mark.parametrize("grouping", sorted(GROUPINGS))
def test_groupings_hold_every_code_of_their_item_once(grouping):
    grouped = [code for group in GROUPINGS[grouping]["groups"] for code in group["codes"]]
    assert sorted(grouped) == sorted(codes_of(GROUPINGS[grouping]["item"]))


@pytest.mark.parametrize(
    "items",
    [
        ("measures_earlier", "measures_present", "measures_planned"),
        ("age_at_event", "age_at_first_exploitation"),
    ],
)
def test_shared_lists_are_equal(items):
    first, *others = items
    assert all(ITEMS[other]["codes"] == ITEMS[first]["codes"] for other in others)


def test_country_items_share_their_countries():
    countries = {
        item: [code for code in ITEMS[item]["codes"] if len(code["code"]) == len("SE")]
        for item in ("country", "present_country", "origin", "citizenship", "birth_country")
    }
    assert all(listed == countries["country"] for listed in countries.values())


@pytest.mark.parametrize("item", ["country", "present_country", "origin", "citizenship", "birth_country"])
def test_every_country_has_one_region(item):
    regions = group_of(f"{item}_region")
    countries = [code for code in codes_of(item) if code.isupper()]
    assert {regions[code] for code in countries} == {
        group["group"]
        for group in GROUPINGS["country_region"]["groups"]
        if group["group"] not in {"several", "unknown"}
    }
    assert {code: regions[code] for code in REGIONS} == REGIONS


def test_counties_match_the_prefix_of_their_municipalities():
    county = group_of("county")
    municipalities = [code for code in codes_of("municipality") if code.isdigit()]
    assert len(municipalities) == 290
    assert all(county[code] == code[:2] for code in municipalities)
    assert len({county[code] for code in municipalities}) == 21


def test_each_county_is_in_one_police_region():
    police = group_of("police_region")
    pairs = {(code[:2], region) for code, region in police.items() if code.isdigit()}
    assert len(pairs) == 21
    assert len({region for _, region in pairs}) == 7


def test_children_and_adults_are_the_same_in_both_groupings_of_age():
    bands, children = group_of("age_band"), group_of("child_adult")
    assert {bands[code] for code, group in children.items() if group == "child"} == {
        "0-6",
        "7-12",
        "13-15",
        "16-17",
        "child",
    }


def test_codes_that_a_law_introduced_are_valid_from_that_day():
    days = {
        (item["name"], code["code"]): code["valid_from"]
        for item in DOCUMENT["items"]
        for code in item["codes"]
        if code["valid_from"] is not None and item["name"] != "municipality"
    }
    measures = ("measures_earlier", "measures_planned", "measures_present")
    bans = {(item, code): "2020-07-01" for item in measures for code in ("exit_ban", "temp_exit_ban")}
    assert days == {**bans, ("offence", "human_exploitation"): "2018-07-01"}


def test_the_map_from_version_1_leads_to_codes_of_version_2():
    assert MAP["to"] == {"name": DOCUMENT["name"], "version": DOCUMENT["version"]}
    targets = [target for item in MAP["items"] for target in item["codes"].values()]
    assert {
        code for target in targets for item, codes in target.items() for code in codes if code not in codes_of(item)
    } == set()


def test_items_named_on_the_page_of_the_international_minimum_exist():
    page = (ROOT / "docs" / "reference" / "international-minimum.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z_]+)`", page))
    assert named
    assert named <= set(ITEMS)


def test_it_ships() -> None:
    assert "case-registry" in codebook_names()
    assert load_codebook("case-registry").name == "case-registry"


def test_all_municipalities() -> None:
    codes = BOOK.by_name["municipality"].by_code
    numbers = [code for code in codes if code.isdecimal()]
    assert len(numbers) == 290
    assert all(len(code) == 4 for code in numbers)
    assert [codes[code].label.sv for code in ("0180", "1480", "2584")] == ["Stockholm", "Göteborg", "Kiruna"]


def test_it_sends_months_and_bands_only_and_unknown_ages_apart() -> None:
    assert (BOOK.finer, BOOK.days) == ((), frozenset())
    for item in BOOK.items:
        assert item.single_years == ()
    assert {"child", "adult", "unknown"} <= set(BOOK.by_name["age_at_event"].by_code)


def test_countries() -> None:
    assert len([code for code in BOOK.by_name["country"].by_code if len(code) == 2]) == 244
    assert (BOOK.label("country", "SO"), BOOK.label("country", "DE", "en")) == ("Somalia", "Germany")


@pytest.mark.parametrize("item", sorted(ITEMS))
def test_every_label_and_synonym_is_read_as_its_code(item):
    cells = CellReader(BOOK)
    texts = [(code["code"], text) for code in ITEMS[item]["codes"] for text in (code["code"], *code["label"].values())]
    synonyms = [one for one in DOCUMENT["synonyms"] if item in one["items"]]
    texts += [(code, text) for one in synonyms for code, given in one["codes"].items() for text in given]
    wrong = [
        (code, form)
        for code, text in texts
        for form in (text, text.upper(), text.lower(), f" {text} ")
        if cells.read(item, [form], date="2026").value != code
    ]
    assert wrong == []


def test_municipalities_are_read_with_their_endings():
    cells = CellReader(BOOK)
    names = [(code["code"], code["label"]["sv"]) for code in ITEMS["municipality"]["codes"] if code["code"].isdigit()]
    wrong = [
        (code, form)
        for code, name in names
        for form in (f"{name} kommun", f"{name}s kommun", f"{name} stad", f"{name}s STAD", f"{code} {name}")
        if cells.read("municipality", [form], date="2026").value != code
    ]
    assert wrong == []


def test_countries_have_codes_of_three_letters():
    (countries,) = [one["codes"] for one in DOCUMENT["synonyms"] if "country" in one["items"] and "SY" in one["codes"]]
    three = {code: texts[0] for code, texts in countries.items() if len(code) == len("SE")}
    # Kosovo has none in ISO 3166-1.
    assert {code for code in codes_of("country") if code.isupper()} - three.keys() == {"XK"}
    assert all(re.fullmatch("[A-Z]{3}", text) for text in three.values())
    assert len(set(three.values())) == len(three)
    assert [three[code] for code in ("SE", "SY", "DE", "SO", "IQ")] == ["SWE", "SYR", "DEU", "SOM", "IRQ"]


def test_ages_cover_every_age_once():
    for name in ("age_at_event", "age_at_first_exploitation"):
        found = [
            next(code for years, code in BOOK.by_name[name].ages if years.include(age, age + 1)) for age in range(131)
        ]
        assert found[:18] == ["0-6"] * 7 + ["7-12"] * 6 + ["13-15"] * 3 + ["16-17"] * 2
        assert [found[age] for age in (18, 20, 21, 24, 25, 29, 30, 39, 40, 49, 50, 64, 65, 130)] == [
            *("18-20", "18-20", "21-24", "21-24", "25-29", "25-29", "30-39", "30-39", "40-49", "40-49"),
            *("50-64", "50-64", "65-", "65-"),
        ]
