"""Each typing error makes a single change."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.population import spelling


def test_letters_are_folded_transliterated_and_garbled() -> None:
    assert spelling.fold("Åsa Öberg Yıldız Łukasz") == "Asa Oberg Yildiz Lukasz"
    assert spelling.travel_letters("Åsa Öberg é") == "Aasa Oeberg e"
    assert spelling.mojibake("Åsa") == "Ã\x85sa".replace("\x85", "")


def test_the_register_keeps_iso_8859_1_and_nothing_else() -> None:
    assert spelling.register_letters("Åsa é Şahin Đạt") == "Åsa é Sahin Dat"


def test_every_kind_of_typo_changes_one_letter() -> None:
    rng = np.random.default_rng(1)
    results = {spelling.typo("Lindgren", rng) for _ in range(300)}
    assert "Lindgren" not in results
    assert {len(result) for result in results} == {7, 8, 9}
    assert any(sorted(result) == sorted("Lindgren") and result != "Lindgren" for result in results)
    assert spelling.typo("A", rng) == "A"
    assert spelling.typo("", rng) == ""


def test_a_nickname_is_the_first_syllable_of_the_first_name_with_or_without_an_ending() -> None:
    rng = np.random.default_rng(1)
    assert {spelling.nickname("Fredrik Olof", rng) for _ in range(50)} == {"Fred", "Fredde", "Freddan", "Freddis"}
    assert {spelling.nickname(name, rng) for name in ("Bo", "Åsa") for _ in range(9)} == {"Bo", "Åsa"}
    assert spelling.nickname("", rng) == ""


def test_one_of_several_names_is_lost() -> None:
    rng = np.random.default_rng(1)
    assert {spelling.lose_part("Anna Eva", rng) for _ in range(20)} == {"Anna", "Eva"}
    assert spelling.lose_part("Anna", rng) == "Anna"


def test_a_hyphen_is_lost_in_two_ways() -> None:
    rng = np.random.default_rng(1)
    assert {spelling.lose_hyphen("Anna-Karin", rng, space=0.7) for _ in range(30)} == {"Anna Karin", "Annakarin"}


@pytest.mark.parametrize("number", ["201203049982", "20120304T123", "AB1234567"])
def test_a_slip_in_a_number_keeps_its_length_and_mostly_changes_it(number: str) -> None:
    rng = np.random.default_rng(1)
    slips = [spelling.number_slip(number, rng, exchanged=0.3) for _ in range(100)]
    assert {len(slip) for slip in slips} == {len(number)}
    assert sum(slip != number for slip in slips) > 80
