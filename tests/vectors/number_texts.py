"""Numbers and ids as people type them, one case each. No real person's number is in here, as in `texts`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from tests.vectors.read_numbers import check_digit
from tests.vectors.texts import REFERENCE_DATE, with_check_digit, with_wrong_check_digit

__all__ = ["CENTURIES", "FOREIGN_NUMBERS", "NUMBERS", "RECORD_IDS"]

Case = tuple[str, str, date] | tuple[str, str, date, str] | tuple[str, str, date, str, str]
"""Name, text, reference date, and as the case may be the words for type and level."""


def _dated_cases() -> Iterator[Case]:
    make, wrong, today = with_check_digit, with_wrong_check_digit, REFERENCE_DATE
    yield "empty", "", today
    yield "white_space", " \t ", today
    yield "twelve_digits", make("800131980", "19"), today
    yield "ten_digits", make("800131980"), today
    yield "twelve_digits_hyphen", make("800131981", "19", "-"), today
    yield "ten_digits_hyphen", make("800131981", sign="-"), today
    yield "ten_digits_plus", make("800131982", sign="+"), today
    yield "twelve_digits_plus_means_nothing", make("200131982", "19", "+"), today
    yield "inner_spaces", " ".join(make("800131983", "19", "-")), today
    yield "surrounding_white_space", "\t" + make("800131983") + " \n", today
    yield "inner_tab", make("800131983")[:6] + "\t" + make("800131983")[6:], today
    yield "inner_no_break_space", make("800131983")[:6] + "\u00a0" + make("800131983")[6:], today
    yield "en_dash", make("800131983", sign="\u2013"), today
    yield "minus_sign", make("800131983", sign="\u2212"), today
    yield "invisible_characters", "\ufeff" + make("800131983", sign="\u200b-\u200e") + "\u2060", today
    yield "soft_hyphen_vanishes", make("800131983", sign="\u00ad"), today
    yield "ideographic_space", make("800131983", sign="\u3000") + "\u3000", today
    yield "hyphen_and_en_dash_are_other", make("800131983", sign="-\u2013"), today
    yield "fullwidth_hyphen_is_unreadable", make("800131983", sign="\uff0d"), today
    yield "serial_000_twelve_is_absent", make("800131000", "19"), today
    yield "serial_000_samordningsnummer_is_absent", make("800161000", "19"), today
    yield "check_digit_wrong", wrong("800131984", "19"), today
    yield "check_digit_wrong_ten", wrong("800131984"), today
    yield "check_digit_zero", next(n for s in range(980, 1000) if (n := make(f"800131{s}")).endswith("0")), today
    yield "day_31_of_april", make("800431985", "19"), today
    yield "day_31_of_april_ten", make("800431985"), today
    yield "leap_day", make("000229986", "20"), today
    yield "no_leap_day_in_1900", make("000229986", "19"), today
    yield "leap_day_ten", make("000229986"), today
    yield "leap_day_ten_before_2000", make("000229986"), date(1999, 12, 31)
    yield "no_leap_day_ten", make("810229986"), today
    yield "first_year", make("500101986", "18"), today
    yield "year_before_the_first_is_other", make("491231986", "18"), today
    yield "last_year", make("001231986", "21"), today
    yield "year_after_the_last_is_other", make("010101986", "21"), today
    yield "year_0000_is_other", make("000101986", "00"), today
    yield "before_the_first_year_by_plus_is_other", make("400131986", sign="+"), date(1939, 1, 1)
    yield "samordningsnummer_before_the_first_year_is_other", make("490060986", "18"), today
    yield "month_13_is_other", make("801331987", "19"), today
    yield "month_00_is_other", make("800031987", "19"), today
    yield "day_00_is_other", make("800100987", "19"), today
    yield "day_32_with_check_digit_is_of_inera", make("800132987", "19"), today
    yield "day_32_without_check_digit_is_other", wrong("800132987", "19"), today
    yield "day_32_ten_is_other", make("800132987"), today
    yield "day_59_with_check_digit_is_of_inera", make("800159987", "19"), today
    yield "day_92_is_other", make("800192987", "19"), today
    yield "born_on_the_reference_date", make("260331988"), today
    yield "born_the_day_after", make("260401988"), today
    yield "born_on_the_reference_date_plus", make("260331988", sign="+"), today
    yield "plus_from_the_year_of_the_hundredth_birthday", make("260401988", sign="+"), today
    yield "plus_on_the_last_day_of_that_year", make("261231988", sign="+"), date(2026, 1, 1)
    yield "plus_the_year_before_is_other", make("261231988", sign="+"), date(2025, 12, 31)
    yield "hyphen_the_year_before", make("261231988", sign="-"), date(2025, 12, 31)
    yield "turn_of_the_century_first_day", make("000101989"), date(2000, 1, 1)
    yield "turn_of_the_century_day_before", make("991231989"), date(2000, 1, 1)
    yield "turn_of_the_century_day_after", make("000102989"), date(2000, 1, 1)
    yield "turn_of_the_century_plus", make("000101989", sign="+"), date(2000, 1, 1)
    yield "samordningsnummer_day_61", make("800161990", "19"), today
    yield "samordningsnummer_day_91", make("800191990", "19"), today
    yield "samordningsnummer_ten", make("800191990"), today
    yield "samordningsnummer_plus", make("800191990", sign="+"), today
    yield "samordningsnummer_check_digit_wrong", wrong("800191991", "19"), today
    yield "samordningsnummer_february_31_has_no_date", make("800291991", "19"), today
    yield "samordningsnummer_month_13_is_other", make("801361991", "19"), today
    yield "samordningsnummer_nothing_known", make("800060992", "19"), today
    yield "samordningsnummer_nothing_known_ten", make("800060992"), today
    yield "samordningsnummer_day_unknown", make("800560992", "19"), today
    yield "samordningsnummer_month_unknown", make("800075992", "19"), today
    yield "samordningsnummer_nothing_known_this_year", make("260060993"), today
    yield "samordningsnummer_nothing_known_first_day_of_the_year", make("260060993"), date(2026, 1, 1)
    yield "samordningsnummer_day_unknown_this_month", make("260360993"), today
    yield "samordningsnummer_day_unknown_next_month", make("260460993"), today
    yield "samordningsnummer_born_on_the_reference_date", make("260391993"), today
    yield "samordningsnummer_born_the_day_after", make("260461993"), today
    for letter in "TRSUWXJKLMN":
        yield f"interim_{letter}", make(f"800131{letter}80", "19"), today
    yield "interim_ten_hyphen", make("800131T81", sign="-"), today
    yield "interim_ten_plus", make("800131T81", sign="+"), today
    yield "interim_lower_case", make("800131T81", "19").lower(), today
    yield "interim_without_check_digit_has_a_date", wrong("800131T82", "19"), today
    yield "interim_TF", "19800131-TF82", today
    yield "interim_TF_ten", "800131TF82", today
    yield "interim_TF_february_30", "19800230-TF82", today
    yield "interim_february_30", make("800230T82", "19"), today
    yield "interim_of_another_letter_is_other", make("800131A83", "19"), today
    yield "interim_letter_in_second_place_is_other", "8001319T83", today
    yield "interim_letter_in_check_digit_is_other", "800131983T", today
    yield "interim_day_61_is_other", make("800161T83", "19"), today
    yield "nine_digits", "800131980", today
    yield "eleven_digits", "98001319801", today
    yield "thirteen_digits", "1980013198012", today
    yield "hyphens_in_the_date", "1980-01-31-9803", today
    yield "points_in_the_date_ten", "80.01.31-9803", today
    yield "one_hyphen_in_the_date_is_other", "1980-0131-9803", today
    yield "two_signs_in_the_date_are_other", "1980-01/31-9803", today
    yield "colon", make("800131983", "19", ":"), today
    yield "apostrophe_before", "'" + make("800131983", "19"), today
    yield "two_hyphens_are_other", "800131--9803", today
    yield "hyphen_in_the_wrong_place_is_other", "80013-19803", today
    yield "other_with_all_signs", "ab-12+3.4/5_6", today
    yield "other_of_32_characters", "A" * 31 + "-7", today
    yield "other_of_33_characters_is_unreadable", "A" * 32 + "-7", today
    yield "other_letters", "Passport 77", today
    yield "other_signs_alone_are_unreadable", "-+./_", today
    yield "other_with_hash_is_unreadable", "#123", today
    yield "other_with_swedish_letter_is_unreadable", "\u00c512", today
    yield "arabic_digits", "\u0668\u0660\u0660\u0661\u0663\u0661\u0669\u0668\u0660\u0661", today
    yield "full_width_digits", "".join(chr(ord(c) + 0xFEE0) for c in make("800131980")), today
    yield "mathematical_digits", "".join(chr(ord(c) + 0x1D7CE - 0x30) for c in make("800131980")), today
    yield "circled_ten_is_unreadable", "800131\u2469", today


def _absent_cases() -> Iterator[Case]:
    today = REFERENCE_DATE
    for name, text in (
        *(("zero", "0"), ("zeros_like_a_number", "000000-0000"), ("nines", "9999999999"), ("four_nines", "9999")),
        *(("nines_like_a_number", "999999-9999"), ("word", "ok\u00e4nd"), ("word_saknas", "Saknas"), ("a_letter", "T")),
        *(("question_mark", "?"), ("serial_0000", "800131-0000"), ("serial_xxxx", "19800131-XXXX")),
        *(("serial_nnnn_lower_case", "19800131nnnn"), ("birth_date", "19800131"), ("birth_date_hyphens", "1980-01-31")),
    ):
        yield f"{name}_is_absent", text, today
    yield "three_nines_are_other", "999", today
    yield "date_that_does_not_exist_is_other", "19800230", today
    yield "six_digits_of_no_date_are_other", "800132", today


def _dates_alone() -> Iterator[Case]:
    """Yield dates, which are no numbers, and what is close to them."""
    today, make = REFERENCE_DATE, with_check_digit
    for text in (
        *(
            "800131",
            "80-01-31",
            "310180",
            "310132",
            "31.01.80",
            "01/31/80",
            "31-1-80",
            "31012011",
            "31-01-2011",
            "31/1-2011",
        ),
        *("1/31/2011", "800191", "19800191", "80-1-91", "19800100", "19800060", "19800000", "1980-00-00", "1980"),
        *("1980-01", "1980.0", "1980-1-31", "000229", "19800131-", "800131-", "800131-*", "800131****", "800131-????"),
        *("800131-....", "800131_####", "800131-0", "800131-000", "19800131.0", "800131-X", "800131XX", "800131-xxxx"),
        *("800131-NNN", "800131-T", "800131-TF", "800131-TXXX", "19800131-TFXX", "1980-01-31T00:00:00"),
        *("1980-01-31 00:00", "1980-01-31T23:59:59.999Z", "1980-01-31T00:00:00+01:00", "31.01.1980 12:30", "8001 31"),
        *("\u0661\u0669\u0668\u0660\u0660\u0661\u0663\u0661", "1980\u201301\u201331", "'800131"),
    ):
        yield f"date_alone_{text}", text, today
    for text in (
        *("800132", "801301", "320180", "32-01-59", "31-13-2011", "800192", "800060", "19800192", "19801300", "1849"),
        *("2101", "1980-13", "198001", "80-01", "19-80-01", "1980-0131", "800131-1", "800131-00000", "8001310"),
        *("800131-XY", "800131-XXXXX", "800131-TFXXXX", "800131-AB", "31011980XX", "31-01-1980-0", "1980-01-31T24"),
        *("1980-01-31T33:00", "1980-01-31T00:00:00X", "810229", "1900-02-29", "31-01-1849", "T800131", "1980X"),
    ):
        yield f"no_date_alone_{text}", text, today
    yield "date_alone_named_dossier", "31011980", today, "dossier"
    yield "date_alone_of_six_digits_named_dossier", "800131", today, "dossier"
    yield "date_alone_with_fillers_named_dossier", "800131-*", today, "dossier"
    yield "date_alone_named_lma", "19800131", today, "lma"
    yield "date_alone_named_interim", "800131-T", today, "interim"
    yield "stars_after_a_number_are_unreadable", make("800131983") + "*", today


def _systems() -> Iterator[Case]:
    """Yield numbers with their system, and systems as types."""
    today, make = REFERENCE_DATE, with_check_digit
    good, other = make("800131983", "19"), make("800191983", "19")
    address = "http://electronichealth.se/identifier/"
    yield "system_personnummer", f"{address}personnummer|{good}", today
    yield "system_samordningsnummer", f"{address}samordningsnummer|{other}", today
    yield "system_national_reserve", f"{address}nationelltReservnummer|22800131AB12", today
    yield "system_lma", f"{address}LMA-nummer|101234567", today
    yield "system_oid", f"urn:oid:1.2.752.129.2.1.3.1|{good}", today
    yield "system_bare_oid", f"1.2.752.129.2.1.3.3 | {other}", today
    yield "system_blank", f"|{good}", today
    yield "system_that_is_not_listed", f"http://example.org/patient|{good}", today
    yield "system_beside_a_type", f"{address}samordningsnummer|1012345", today, "dossier"
    yield "system_beside_a_type_of_no_meaning", f"{address}LMA-nummer|101234567", today, "nummer"
    yield "system_and_date_alone", f"{address}personnummer|19800131", today
    yield "system_without_a_number", f"{address}personnummer|", today
    yield "system_of_two_parts", f"a|{address}personnummer|{good}", today
    yield "system_after_the_number", f"{good}|1.2.752.129.2.1.3.1", today
    yield "system_that_is_not_listed_after_the_number", f"{good}|1.2.3", today
    yield "system_in_place_of_a_number", "1.2.752.129.2.1.3.1", today
    yield "system_in_place_of_a_number_as_urn", "URN:OID:1.2.752.129.2.1.3.1", today
    yield "digits_of_a_system_are_a_number", "127521292131", today
    yield "digits_of_a_system_after_a_system", "1.2.3|127521292131", today
    yield "word_for_a_type_after_the_number", f"{good}|personnummer", today
    yield "system_twice", "1.2.752.129.2.1.3.1|1.2.752.129.2.1.3.1", today
    for name, word in (
        ("secure_address", "https://electronichealth.se/identifier/nationelltReservnummer"),
        ("address_misspelt", address + "nationelltReservnumer"),
        ("address_with_slash", address + "nationelltReservnummer/"),
        ("address_in_capitals", (address + "nationelltReservnummer").upper()),
        ("oid_without_urn", "OID:1.2.752.74.9.1"),
        ("oid_bare", "1.2.752.74.9.1"),
    ):
        yield f"type_{name}", "22800131AB12", today, word
    yield "type_address_of_another_kind_is_unknown", "22800131AB12", today, address + "hsaid"
    yield "type_address_twice_is_unknown", "22800131AB12", today, address + address + "nrid"


def _reserve_cases() -> Iterator[Case]:
    make, wrong, today = with_check_digit, with_wrong_check_digit, REFERENCE_DATE
    stockholm = f"992015{(five := '12345')}{check_digit('15' + five)}"
    yield "stockholm", stockholm, today
    yield "stockholm_hyphen", f"{stockholm[:8]}-{stockholm[8:]}", today
    yield "stockholm_check_digit_wrong_is_other", stockholm[:-1] + str((int(stockholm[-1]) + 1) % 10), today
    yield "stockholm_check_digit_wrong_named", stockholm[:-1] + "0", today, "Reservnummer Stockholm"
    for letter, value in (("K", 5), ("M", 7), ("X", 8)):
        yield f"vgr_{letter}", f"19800131{letter}45{check_digit(f'800131{value}45')}", today
    yield "vgr_ten", f"800131-K45{check_digit('800131545')}", today
    yield "vgr_or_interim_is_other", "19800131K45" + str((int(check_digit("800131545")) + 1) % 10), today
    yield "vgr_05_is_interim", f"19800131K05{check_digit('800131505')}", today
    yield "interim_k", make("800131K45", "19"), today
    yield "interim_k_named", wrong("800131K45", "19"), today, "interimsnummer"
    yield "vgr_named_without_check_digit", wrong("800131K45", "19"), today, "reserve_vgr"
    yield "varmland", "19800131SF4A", today
    yield "varmland_february_30_is_other", "19800230SF4A", today
    yield "inera_named_without_check_digit", wrong("800145123", "19"), today, "1.2.752.129.2.1.3.2"
    yield "skane_form_is_other", "19800131A1B2", today
    yield "skane_named", "19800131-A1B2", today, "reservnummer sk\u00e5ne"
    yield "skane_named_ten", "800131A1B2", today, "Reservnummer Region Ska\u030ane"
    yield "skane_named_without_letter_is_read_by_its_form", make("800131983", "19"), today, "reserve_skane"
    yield "national_born_before_2000", "22800131AB12", today
    yield "national_born_after_2000", "23120229-AB12", today
    yield "national_second_round", "26120229AB12", today
    yield "national_no_leap_day", "23110229AB12", today
    yield "national_century_unclear_is_other", "24110228AB12", today
    yield "national_letter_o_is_other", "22800131AO12", today
    yield "national_unknown_date", "00802045AB12", today
    yield "national_unknown_date_named", "00802045AB12", today, "NRID"


def _named_cases() -> Iterator[Case]:
    make, today = with_check_digit, REFERENCE_DATE
    yield "dossier_without_a_name_is_other", "10123456", today
    yield "dossier_seven_digits", "1012345", today, "dossiernummer"
    yield "dossier_eight_digits_hyphen", "10-123456", today, "Dossier number"
    yield "dossier_like_a_date", "19800131", today, "dossier"
    yield "dossier_of_nine_digits_is_other", "101234567", today, "dossier"
    yield "lma_nine_digits", "101234567", today, "LMA-nummer"
    yield "lma_eight_digits", "10123456", today, "lma"
    yield "lma_seven_digits_is_other", "1012345", today, "lma"
    yield "named_personnummer", make("800131983"), today, "pnr"
    yield "named_personnummer_is_samordningsnummer", make("800191983", "19"), today, "Personal identity number"
    yield "named_by_oid", make("800131983"), today, "urn:oid:1.2.752.129.2.1.3.1"
    yield "named_other", make("800131983", "19"), today, "Annat"
    yield "named_reserve_number_of_no_region", make("800131983", "19"), today, "reservnummer"
    words = (("styrkt", "styrkt"), ("osaker", "Os\u00e4ker"), ("decomposed", "osa\u0308ker"), ("english", "probable"))
    for name, level in (*words, ("blank", "")):
        yield f"level_{name}", make("800191983", "19"), today, "", level
    yield "level_of_a_personnummer_is_dropped", make("800131983", "19"), today, "", "styrkt"


NUMBERS: Final = (
    *_dated_cases(),
    *_absent_cases(),
    *_dates_alone(),
    *_reserve_cases(),
    *_named_cases(),
    *_systems(),
)


def _centuries() -> Iterator[tuple[str, str, date, tuple[str, ...]]]:
    today, make = REFERENCE_DATE, with_check_digit
    young, plus, old = make("180215983", sign="-"), make("180215983", sign="+"), date(2016, 5, 1)
    yield "none", young, today, ()
    yield "full_date", young, today, ("1918-02-15",)
    yield "year_alone", young, today, ("1918",)
    yield "another_day", young, today, ("1918-03-16",)
    yield "another_year", young, today, ("1917-02-15",)
    yield "about_the_year", young, today, ("1917~",)
    yield "about_the_year_before", young, today, ("1920~",)
    yield "about_a_year_too_far", young, today, ("1915~",)
    yield "about_nine_years", young, today, ("1927~9",)
    yield "this_century", young, today, ("2018-02-15",)
    yield "after_the_reference_date", young, old, ("2018-02-15",)
    yield "first_that_agrees", young, today, ("1985", "1918-02-15", "2018")
    yield "own_first", young, today, ("2018", "1918")
    yield "placeholder_says_nothing", make("000101984"), today, ("1900-01-01",)
    yield "default_date", young, today, ("1918-01-01",)
    yield "twelve_characters", make("180215983", "20"), today, ("1918-02-15",)
    yield "plus", plus, today, ("1918-02-15",)
    yield "plus_in_an_older_report", plus, old, ("1918-02-15",)
    yield "plus_and_no_birth_date_in_an_older_report", plus, old, ()
    yield "plus_and_a_child", plus, today, ("2018-02-15",)
    yield "plus_and_fifty_years", make("760215983", sign="+"), today, ("1976-02-15",)
    yield "plus_and_forty_nine_years", make("770215983", sign="+"), today, ("1977-02-15",)
    yield "samordningsnummer", make("180275983"), today, ("1918-02-15",)
    yield "samordningsnummer_nothing_known", make("180060983"), today, ("1918",)
    yield "interim", make("180215T80"), today, ("1918-02-15",)
    yield "other_has_no_century", make("180015983"), today, ("1918",)
    yield "skane", "180215A1B2", today, ("1918-02-15",)


CENTURIES: Final = tuple(_centuries())
"""Name, number, reference date and the birth dates of the record, the one that belongs to the number first."""

FOREIGN_NUMBERS: Final = (
    ("empty", ""),
    ("digits", "12345678"),
    ("lower_case", "ab 12-cd"),
    ("signs_alone", " -/."),
    ("underscore", "a_b"),
    ("beyond_ascii_is_kept", "\u00e51\u00c5 2"),
    ("decomposed_differs", "a\u030a1"),
    ("no_break_space", "1\u00a02\u3000"),
    ("en_dash", "1\u20132"),
    ("zero_width_space", "1\u200b2"),
    ("other_dash_is_kept", "1\u2e3a2"),
    ("thirty_two_characters", "0123456789ABCDEF0123456789ABCDEF"),
    ("cut_to_32_characters", "0123456789-ABCDEF-0123456789-ABCDEFG"),
)

RECORD_IDS: Final = (
    ("short", "1", True),
    ("letters", "case 2026/17 B", True),
    ("swedish_letters", "\u00e4rende-\u00c5", True),
    ("other_script", "\u738b-1", True),
    ("sixty_four_characters", "x" * 64, True),
    ("sixty_four_characters_outside_the_basic_plane", "\U00020bb7" * 64, True),
    ("nine_digits", "800131980", True),
    ("eleven_digits", "98001319801", True),
    ("thirteen_digits", "1980013198012", True),
    ("ten_digits_month_13", "8013319801", True),
    ("ten_digits_day_32", "8001329801", True),
    ("ten_digits_day_59", "8001599801", True),
    ("ten_digits_day_92", "8001929801", True),
    ("twelve_digits_month_13", "198013319801", True),
    ("ten_characters_with_letter_in_eighth_place", "8001319T01", True),
    ("ten_characters_with_letter_in_first_place", "A001319801", True),
    ("number_inside_a_longer_text", "id 8001319801", True),
    ("empty", "", False),
    ("sixty_five_characters", "x" * 65, False),
    ("leading_space", " a", False),
    ("trailing_space", "a ", False),
    ("trailing_tab", "a\t", False),
    ("line_feed_inside", "a\nb", False),
    ("nul_inside", "a\u0000b", False),
    ("delete_inside", "a\u007fb", False),
    ("next_line_inside", "a\u0085b", False),
    ("surrogate", "a\ud800", False),
    ("zero_width_space_inside", "a\u200bb", False),
    ("zero_width_space_at_the_end", "17\u200b", False),
    ("byte_order_mark_first", "\ufeff17", False),
    ("soft_hyphen_inside", "a\u00adb", False),
    ("variation_selector", "17\ufe0f", False),
    ("mongolian_vowel_separator", "17\u180e", False),
    ("tag_character", "17\U000e0031", False),
    ("hangul_filler", "17\u3164", False),
    ("combining_mark_is_seen", "a\u0308", True),
    ("formula", "=1+1", False),
    ("formula_plus", "+1", False),
    ("formula_minus", "-1", False),
    ("formula_at", "@SUM(1)", False),
    ("formula_full_width", "\uff1d1", False),
    ("formula_minus_sign_is_none", "\u22121", True),
    ("formula_inside", "a=1", True),
    ("formula_after_an_apostrophe", "'=1", True),
    ("ten_digits", "8001319801", False),
    ("ten_digits_hyphen", "800131-9801", False),
    ("ten_digits_plus", "800131+9801", False),
    ("twelve_digits", "198001319801", False),
    ("twelve_digits_spaces_and_hyphens", "1980-01-31 98 01", False),
    ("ten_digits_points", "80.01.31.98.01", False),
    ("ten_digits_slashes_and_underscores", "80/01/31_9801", False),
    ("ten_digits_no_break_space", "800131\u00a09801", False),
    ("ten_digits_en_dash", "800131\u20139801", False),
    ("ten_digits_minus_sign", "800131\u22129801", False),
    ("ten_digits_comma", "800131,9801", False),
    ("ten_digits_colon", "800131:9801", False),
    ("ten_digits_zero_width_space", "800131\u200b9801", False),
    ("ten_digits_between_marks", "\u2022 800131*9801 \u2022", False),
    ("ten_digits_full_width", "\uff18\uff10\uff10\uff11\uff13\uff11\uff19\uff18\uff10\uff11", False),
    ("ten_digits_arabic", "\u0668\u0660\u0660\u0661\u0663\u0661\u0669\u0668\u0660\u0661", False),
    ("ten_digits_some_raised", "800131980\u00b9", False),
    ("letter_after_the_date_full_width", "800131\uff34801", False),
    ("ten_characters_tf", "800131TF80", False),
    ("ten_characters_two_letters", "800131AB80", True),
    ("number_after_a_letter", "A8001319801", True),
    ("number_after_a_swedish_letter", "\u00e48001319801", False),
    ("ten_digits_month_00", "8000009801", False),
    ("ten_digits_month_00_day_60", "8000609801", False),
    ("ten_digits_day_91", "8001919801", False),
    ("ten_digits_date_does_not_exist", "8002319801", False),
    ("ten_digits_any_check_digit", "8001319800", False),
    ("ten_characters_letter_after_the_date", "800131T801", False),
    ("twelve_characters_letter_after_the_date", "19800131-T801", False),
    ("letter_after_the_date_lower_case", "800131a801", False),
)
"""Name, text, whether the text may stand as record_id, report_id or case_id."""
