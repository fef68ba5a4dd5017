"""Cases at the edges of what docs/spec.md allows, one step inside and one outside. No real person's number is here."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from tests.vectors.read_numbers import check_digit
from tests.vectors.reading import Record
from tests.vectors.texts import REFERENCE_DATE, with_check_digit, with_wrong_check_digit

__all__ = ["DATES", "FOREIGN_NUMBERS", "IDS", "MARKED", "NAMES", "NUMBERS", "RECORDS", "SEXES"]

Case = tuple[str, str, date] | tuple[str, str, date, str] | tuple[str, str, date, str, str]


def _damaged(text: str, rounds: int) -> str:
    for _ in range(rounds):
        text = text.encode().decode("latin-1")
    return text


NAMES: Final[tuple[tuple[str, ...], ...]] = (
    ("surrogate_vanishes", "An\ud800na"),
    ("surrogate_alone", "\udfff"),
    ("surrogate_between_mojibake_bytes", "\u00c3\ud800\u00a5sa"),
    ("mojibake_one_round", _damaged("\u00c5sa", 1)),
    ("mojibake_two_rounds", _damaged("\u00c5sa", 2)),
    ("mojibake_three_rounds_leave_one", _damaged("\u00c5sa", 3)),
    ("mojibake_value_above_ff_is_none", "\u00c3\u00a5\u0394"),
    ("mojibake_of_ascii_is_none", "Asa"),
    ("mojibake_overlong_is_none", "\u00c0\u0081"),
    ("mojibake_of_a_surrogate_is_none", "\u00ed\u00a0\u0080"),
    ("mojibake_hangul_first", _damaged("\uac00", 1)),
    ("mojibake_hangul_last", _damaged("\ud7a3", 1)),
    ("mojibake_after_hangul_is_none", _damaged("\ud7a4", 1)),
    ("mojibake_dropped_character", _damaged("a\u0301", 1)),
    ("mojibake_separator", _damaged("a\u2013b", 1)),
    ("hangul_first_syllable", "\uac00"),
    ("hangul_last_syllable", "\ud7a3"),
    ("hangul_without_final", "\uac00\ub098"),
    ("hangul_first_final", "\uac01"),
    ("sign_first", "a\u2190b"),
    ("before_the_signs", "a\u218fb"),
    ("sign_last", "a\u2bffb"),
    ("after_the_signs", "a\u2c00b"),
    ("picture_first", "a\U0001f000b"),
    ("picture_last", "a\U0001faffb"),
    ("after_the_pictures", "a\U0001fb00b"),
    ("tag_first", "a\U000e0000b"),
    ("tag_last", "a\U000e0fffb"),
    ("compose_from_the_left", "A\u0308\u030a"),
    ("compose_after_a_dropped_character", "A\u00ad\u0308sa"),
    ("dropped_second_character_stays_before_its_pair", "\u0308A"),
    ("eight_words_after_a_repeated_one", "Ada Bo Cia Bo Dan Eva Fia Gun Hans"),
    ("nine_words", "Ada Bo Cia Dan Eva Fia Gun Hans Ida"),
    ("register_cut_to_32", "\u00e6" * 17 + "b"),
    ("joined_over_particles", "Abd von der Rahman"),
    ("joined_keeps_no_register_form", "Abd al-\u00c5sa"),
    ("joining_word_last", "Rahman Abd"),
    ("single_letter_beyond_ascii_stays", "\u00c5 Karin"),
    ("single_letter_of_another_script", "\u738b Karin"),
    ("single_character_outside_the_tables", "\U00020bb7 Karin"),
    ("particles_and_initials_alone", "von A"),
    ("placeholder_of_two_words", "Uppgift saknas"),
    ("placeholder_with_hyphen", "Uppgift-saknas"),
    ("placeholder_upper_case", "OK\u00c4ND"),
    ("placeholder_with_another_word_is_none", "Uppgift saknas Karlsson"),
    ("name_of_address_repeats_all", "Karl Anders", "Anders Karl"),
    ("name_of_address_of_white_space", "Karl", " \u00a0"),
    ("byte_order_mark_alone", "\ufeff"),
    ("white_space_of_all_kinds", "A\u1680na\u2000Bo\u2028Cia\u202fDan\u205fEva\u3000Fia\x1cGun"),
)

DATES: Final = (
    ("surrogate_vanishes", "1980-\ud80001-31"),
    ("invisible_of_all_kinds", "\u00ad1\u200b9\u200f8\u202a0\u202e-\u20600\u20691\ufeff"),
    ("invisible_of_other_kinds", "\u034f1\u061c9\u115f8\u17b50\u180b-\u206f0\u31641\ufe00\uffa0\ufffb\U000e0fff"),
    ("replacement_character_is_seen", "1980\ufffd"),
    ("line_separator_at_the_end", "1980-01\u2028"),
    ("white_space_of_all_kinds", "\t\x1f \x85\u1680\u2000\u200a\u2029\u202f\u205f\u30001980"),
    ("zero_width_no_break_space_inside_white_space", " \ufeff 1980"),
    ("mongolian_vowel_separator_is_invisible", "\u180e1980"),
    ("first_dash", "1980\u201001"),
    ("last_dash", "1980\u201501"),
    ("after_the_dashes", "1980\u201601"),
    ("month_12", "1980-12"),
    ("day_31_of_a_month_of_30", "1980-04-31"),
    ("day_29_of_february_1900", "1900-02-29"),
    ("day_29_of_february_2000", "2000-02-29"),
    ("month_unknown_day_31", "1980-00-31"),
    ("first_year_alone", "1850"),
    ("year_before_the_first_alone", "1849"),
    ("last_year_alone", "2100"),
    ("margin_tilde_one", "2008~1"),
    ("margin_plus_minus_zero", "2008\u00b10"),
    ("margin_last_year", "2100~"),
    ("margin_after_the_last_year", "2101~"),
    ("placeholder_190001", "1900-01"),
    ("placeholder_190000", "190000"),
    ("placeholder_19000000", "1900-00-00"),
    ("placeholder_19000100", "1900-01-00"),
    ("placeholder_18991230", "18991230"),
    ("placeholder_18991231", "1899-12-31"),
    ("placeholder_18000101", "1800-01-01"),
    ("placeholder_11111111", "11111111"),
    ("placeholder_20991231", "2099-12-31"),
    ("no_placeholder_2099", "2099-12-30"),
    ("placeholder_9999", "9999"),
    ("placeholder_9999_and_a_month", "9999-1"),
    ("placeholder_with_hyphens_anywhere", "1-9-0-0"),
    ("placeholder_all_signs", "-./?_*0"),
    ("word_with_another_is_unreadable", "saknas helt"),
    ("word_with_a_space_inside", "sak nas"),
    ("word_with_signs", "(ok\u00e4nd)"),
    ("word_unknown", "Unknown"),
    ("word_okant_capital_a_umlaut", "OK\u00c4NT"),
    ("plus_sign_is_unreadable", "+"),
)

SEXES: Final = (
    ("surrogate_vanishes", "kvin\ud800na"),
    ("byte_order_mark", "\ufefff"),
    ("inner_space", "kvin na"),
    ("turkish_capital_i", "K\u0130"),
    ("full_width", "\uff46"),
    ("long_s", "\u017fex"),
)

FOREIGN_NUMBERS: Final = (
    ("surrogate_vanishes", "A\ud8001"),
    ("zeros_alone_are_none", "0-0"),
    ("three_equal_characters", "777"),
    ("four_equal_characters_are_none", "7-777"),
    ("letters_alone_are_none", "ABC"),
    ("a_letter_and_digits", "A0000"),
    ("arabic_digits", "\u0661\u0662"),
    ("superscript_is_a_digit", "A\u00b2"),
    ("roman_numeral_is_no_digit", "\u2167"),
    ("cut_before_the_digit_is_none", "A" * 32 + "1"),
    ("character_128_is_kept", "1\u0080"),
    ("long_s_is_no_letter", "\u017f1"),
    ("sharp_s_stays", "\u00df1"),
)


def _ranges() -> Iterator[Case]:
    """Yield numbers at both ends of the ranges in the table of types."""
    today = REFERENCE_DATE
    make = with_check_digit
    for name, digits in (("01", "800101987"), ("12", "801201987")):
        yield f"month_{name}", make(digits, "19"), today
    for day in ("01", "31", "60", "61", "91", "92"):
        yield f"day_{day}", make(f"8001{day}987", "19"), today
    for month in ("00", "12", "13"):
        yield f"samordningsnummer_month_{month}", make(f"80{month}61987", "19"), today
    for year in ("1899", "1900", "2099", "2100"):
        yield f"stockholm_{year}", f"99{year}12345{check_digit(year[2:] + '12345')}", today
    yield "stockholm_digit_after_99", f"98201512345{check_digit('1512345')}", today
    for two in ("05", "06", "89", "90"):
        for letter, value in (("K", 5), ("M", 7), ("X", 8)):
            yield f"vgr_{letter}_{two}", f"19800131{letter}{two}{check_digit(f'800131{value}{two}')}", today
            # Named, the letters X, K and M do not collide with those of interim numbers.
            yield f"vgr_{letter}_{two}_named", f"19800131{letter}{two}0", today, "reserve vgr"
    yield "vgr_february_30_named", f"19800230K45{check_digit('800230545')}", today, "reserve_vgr"
    for letter in "FUXPLA":
        yield f"varmland_{letter}", f"19800131S{letter}4A", today
    yield "varmland_last_is_a_digit", "19800131SF44", today
    yield "varmland_first_letter_t", "19800131TF4A", today
    for day in ("31", "32", "59", "60"):
        yield f"inera_{day}", make(f"8001{day}123", "19"), today
    for month in ("00", "01", "12", "13"):
        yield f"inera_month_{month}", make(f"80{month}45123", "19"), today
    yield "inera_serial_000", make("800145000", "19"), today
    for xx in ("20", "21", "22", "24", "97", "98", "99"):
        yield f"national_{xx}", f"{xx}800131AB12", today
    for yy, month, day in (("80", "19", "45"), ("80", "20", "45"), ("80", "99", "45"), ("80", "20", "39")):
        yield f"national_unknown_{month}_{day}", f"00{yy}{month}{day}AB12", today
    for day in ("40", "59", "60"):
        yield f"national_unknown_20_{day}", f"008020{day}AB12", today
    for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        yield f"national_letters_{letter}", f"22800131{letter}A12", today
        yield f"national_second_letter_{letter}", f"22800131A{letter}12", today
    yield "national_month_13", "22801331AB12", today
    yield "national_century_of_2000", "23000229AB12", today
    yield "skane_letter_first", "19800131A123", today, "reserve skane"
    yield "skane_letter_last", "19800131123A", today, "reserve skane"
    yield "skane_february_30_named", "19800230A123", today, "reserve skane"
    yield "interim_tf_lower_case_named", "19800131tf82", today, "TF-nummer"
    yield "interim_tf_with_letter", "19800131TFA2", today
    yield "interim_serial_00_0", "19800131T00" + check_digit("800131T00"), today


def _texts() -> Iterator[Case]:
    """Yield numbers at the edges of steps 1 to 7."""
    today, make, wrong = REFERENCE_DATE, with_check_digit, with_wrong_check_digit
    good = make("800131983", "19")
    yield "surrogate_vanishes", good[:4] + "\ud800" + good[4:], today
    yield "apostrophes_inside", good[:8] + "'" + good[8:], today
    yield "white_space_of_all_kinds", "\t\x1c\x85\u1680".join(good) + "\u2028", today
    yield "mongolian_vowel_separator_is_invisible", "\u180e" + good, today
    yield "all_dashes_are_one", f"{good[:8]}\u2015{good[8:]}", today
    yield "underscore", f"{good[:8]}_{good[8:]}", today
    yield "point", f"{good[:8]}.{good[8:]}", today
    yield "slash", f"{good[:8]}/{good[8:]}", today
    yield "colon_in_the_date_is_other", f"1980:01:31:{good[8:]}", today
    yield "underscores_in_the_date_are_other", f"1980_01_31_{good[8:]}", today
    yield "slashes_in_the_date", f"1980/01/31/{good[8:]}", today
    yield "points_in_the_date_no_mark", f"1980.01.31{good[8:]}", today
    yield "plus_in_the_date_is_other", f"1980+01+31-{good[8:]}", today
    yield "other_of_one_character", "7", today
    yield "other_with_plus", "7+1", today
    yield "comma_is_unreadable", "7,1", today
    yield "three_zeros_are_none", "000", today
    yield "four_equal_letters_and_a_digit", "AAAA1", today
    yield "three_equal_digits", "111", today
    yield "four_equal_digits_are_none", "1-111", today
    yield "serial_000_day_00_is_other", "198001000001", today
    yield "serial_000_day_59", "198001590001", today
    yield "serial_000_day_60_is_none", "198001600001", today
    yield "serial_000_day_91_is_none", "198001910001", today
    yield "serial_000_day_92_is_other", "198001920001", today
    yield "serial_000_month_00_is_none", "198000310001", today
    yield "serial_000_month_13_is_other", "198013310001", today
    yield "serial_000_year_1849_is_other", "184901310001", today
    yield "serial_000_year_1850_is_none", "185001310001", today
    yield "serial_000_year_2100_is_none", "210001310001", today
    yield "serial_000_year_2101_is_other", "210101310001", today
    yield "serial_000_ten_is_none", "800131-0001", today
    yield "serial_aaaa_is_none", "19800131AAAA", today
    yield "serial_aaab_is_other", "19800131AAAB", today
    yield "serial_000a_is_other", "19800131000A", today
    yield "serial_000_named_is_none", "198001310001", today, "personnummer"
    yield "serial_001", make("800131001", "19"), today
    for text in ("18500101", "18491231", "21001231", "21010101", "19800230", "19800431", "1980-02-29"):
        yield f"date_{text}", text, today
    yield "date_named_personnummer_is_none", "19800131", today, "personnummer"
    yield "date_named_other", "19800131", today, "other"
    yield "other_named_other_is_monotonous", "1111", today, "annat nummer"
    yield "no_digit_named_other", "ABC", today, "other"
    yield "unreadable_named_other", "A#1", today, "other"
    yield "level_of_other_is_dropped", "LMA-4711", today, "other", "styrkt"
    yield "level_of_interim_is_dropped", make("800131T80", "19"), today, "", "styrkt"
    yield "level_unknown_word", make("800191983", "19"), today, "", "mycket"
    yield "type_unknown_word", good, today, "passport"
    yield "type_prefix_lower_case", good, today, "urn:oid:1.2.752.129.2.1.3.3"
    yield "type_prefix_twice_is_unknown", good, today, "URN:OID:URN:OID:1.2.752.129.2.1.3.1"
    yield "type_with_signs", "1012345", today, "dossier/nummer_"
    yield "type_with_white_space", "1012345", today, " dossier \u00a0 number"
    yield "type_capital_umlaut", good[:8] + "T801", today, "TILLF\u00c4LLIGT NUMMER"
    yield "dossier_of_six_digits_is_other", "101234", today, "dossier"
    yield "dossier_with_a_letter_is_other", "A012345", today, "dossier"
    yield "dossier_with_zeros", "0012345", today, "dossier"
    yield "lma_of_ten_digits_is_other", "1012345678", today, "lma"
    yield "named_samordningsnummer_with_wrong_check_digit", wrong("800191983", "19"), today, "snr"
    yield "certain_personnummer_of_ten_is_likely", make("800131983"), today
    yield "interim_valid_is_likely", make("800131T80", "19"), today
    yield "plus_of_a_samordningsnummer_day_60", make("260060990", sign="+"), today


def _years() -> Iterator[Case]:
    """Yield short numbers by reference dates at the ends of their range."""
    make = with_check_digit
    yield "reference_year_1", make("800131983"), date(1, 1, 1)
    yield "reference_year_99", make("800131983"), date(99, 12, 31)
    yield "reference_year_99_this_century", make("800131983"), date(99, 1, 1)
    yield "reference_year_100_plus", make("000131983", sign="+"), date(100, 12, 31)
    yield "reference_year_50_plus_is_below_0", make("000131983", sign="+"), date(50, 12, 31)
    yield "reference_year_1950", make("500131983"), date(1950, 1, 31)
    yield "reference_year_1949", make("500131983"), date(1949, 12, 31)
    yield "reference_year_9999", make("990131983"), date(9999, 12, 31)
    yield "reference_day_29_of_february", make("040229983"), date(2004, 2, 29)
    yield "reference_day_28_of_february", make("040229983"), date(2004, 2, 28)


NUMBERS: Final[tuple[Case, ...]] = (*_ranges(), *_texts(), *_years())


def _records() -> Iterator[tuple[str, Record]]:
    names = {"given_names": "Noor Jamila", "family_names": "Ali Hassan"}
    number = with_check_digit("080715983", "20")
    eve, late = with_check_digit("261231988"), with_check_digit("240229988")
    yield "last_day_of_the_report_year", Record("e1", eve, report_date="2026", **names)
    yield "first_month_of_the_report_year", Record("e2", eve, report_date="2026-11", **names)
    yield "last_day_of_the_report_month", Record("e3", late, report_date="2024-02", **names)
    yield "report_date_before_event_date", Record("e4", eve, report_date="2025-12-31", event_date="2026-12-31", **names)
    yield "report_date_that_is_none", Record("e5", eve, report_date="2026-13", event_date="2026-12-31", **names)
    yield "report_date_in_white_space", Record("e6", eve, report_date="\u00a02026\t", **names)
    yield "report_date_of_year_1", Record("e7", eve, report_date="0001", **names)
    yield "report_date_of_year_9999", Record("e8", eve, report_date="9999-12-31", **names)
    families = tuple(["Ada", "Bo", "Cia", "Dan", "Eva", "Fia", "Gun", "Hans"])
    yield "nine_identities", Record("e9", number, None, "Noor", families, "1985-02-03")
    yield (
        "nine_identities_by_two_numbers",
        Record("e10", (number, with_check_digit("850131992", "19")), None, "Noor", families[:7], "1985-02-03"),
    )
    yield "a_ninth_value_is_left_out", Record("e11", None, None, "Noor", (None,) * 8 + ("Ada",), "1985-02-03")
    yield (
        "a_ninth_number_type_is_left_out",
        Record("e12", ("",) * 7 + ("1012345", "1012346"), number_type=("",) * 7 + ("dossier",) * 2, **names),
    )
    yield "name_of_address_blank", Record("e13", None, None, "Karl", "Ek", "1985-02-03", name_of_address="\ufeff ")
    yield (
        "name_of_address_and_blank_first_value",
        Record("e14", None, None, (" ", "Karl"), "Ek", "1985-02-03", name_of_address="Anders"),
    )
    yield "seven_tokens", Record("e15", None, None, "Bo", "Ek", "1980")
    yield "eight_tokens", Record("e16", None, None, "Bo", "Eka", "1980")
    yield "eight_tokens_one_in_common", Record("e17", None, None, "Boa", "Ria", "1980")
    yield "seven_tokens_one_in_common", Record("e31", None, None, "Boa", "Ra", "1980")
    yield "about_a_year_and_sex", Record("e32", birth_date="2008~", sex="woman", **names)
    yield "seven_tokens_and_a_default_date", Record("e18", None, None, "Bo", "Ek", "1980-01-01")
    yield "eight_tokens_with_the_serial", Record("e19", number, None, "Bo")
    yield "seven_tokens_beside_a_rich_identity", Record("e20", None, None, "Bo", ("Ek", "Karlsson"), "1980")
    yield "contradiction_within_the_margin_only", Record("e21", number, birth_date="2006~2", **names)
    yield "contradiction_by_the_day", Record("e22", number, birth_date="2008-07-16", **names)
    yield "contradiction_by_the_month", Record("e23", number, birth_date="2008-08", **names)
    yield (
        "birth_month_from_the_number_with_unknown_year_there",
        Record("e24", with_check_digit("800060992", "19"), birth_date="1980-02-03", **names),
    )
    yield (
        "same_number_with_two_levels",
        Record(
            "e25",
            (with_check_digit("850061991", "19"),) * 2,
            number_level=("osaker", "styrkt"),
            birth_date="1985",
            **names,
        ),
    )
    yield "other_and_local_numbers", Record("e26", ("4711", with_check_digit("900505T85", "19")), **names)
    yield "dossier", Record("e27", "10-123456", number_type="dossier", **names)
    yield "everything_unreadable_but_the_sex", Record("e28", "#1", "-", "1", "2", "x", "kvinna")
    yield "century_by_the_birth_date", Record("e33", with_check_digit("180215983"), birth_date="1918-02-15", **names)
    yield (
        "century_by_the_birth_date_of_a_later_report",
        Record("e34", with_check_digit("180215983"), birth_date="2018-02-15", report_date="2017", **names),
    )
    yield (
        "centuries_by_the_birth_dates_of_two_numbers",
        Record("e35", (with_check_digit("180215983"),) * 2, birth_date=("1918-02-15", "2018-02-15"), **names),
    )
    yield (
        "century_by_the_birth_date_at_another_position",
        Record("e36", with_check_digit("180215983"), birth_date=(None, "1985", "1918"), **names),
    )
    yield "names_in_doubt_beside_a_placeholder", Record("e37", None, None, "Ok\u00e4nd", "Man", "1985-02-03")
    yield "name_in_doubt_without_a_placeholder", Record("e38", None, None, None, "Man", "1985-02-03")
    yield "names_in_doubt_and_one_beyond", Record("e39", None, None, ("Ok\u00e4nd", "Noor"), "Man", "1985-02-03")
    yield "family_name_null", Record("e40", None, None, "Noor", "Null", "1985-02-03")
    yield "family_name_null_alone", Record("e41", None, None, None, "Null", "1985-02-03")
    yield "given_and_family_name_nn", Record("e42", None, None, "Nan", "Nn", "1985-02-03")
    yield "family_name_beyond_ascii_alone", Record("e43", None, None, None, "\u00d6k", "1985-02-03")
    yield "initial_beside_a_placeholder", Record("e44", None, None, "A", "Ok\u00e4nd", "1985-02-03")
    yield "initial_without_a_placeholder", Record("e45", None, None, "A", None, "1985-02-03")
    yield (
        "name_of_address_in_doubt",
        Record("e46", None, None, "Ok\u00e4nd", None, "1985-02-03", name_of_address="Son"),
    )
    yield (
        "name_of_address_alone_is_a_placeholder",
        Record("e47", None, None, None, "Man", "1985-02-03", name_of_address="Ok\u00e4nd"),
    )
    yield "names_that_are_a_placeholder_together", Record("e50", None, None, "Jane", "Doe", "1985-02-03")
    yield (
        "names_that_are_a_placeholder_at_one_position",
        Record("e51", None, None, ("Jane", "Noor"), ("Doe", "Ali"), "1985-02-03"),
    )
    yield "names_that_are_a_placeholder_turned_round", Record("e52", None, None, "Person", "Test", "1985-02-03")
    yield "family_name_of_a_real_person", Record("e53", None, None, "Pojke", "Berg", "1985-02-03")
    yield "family_name_barn", Record("e54", None, None, "Noor", "Barn", "1985-02-03")
    yield "family_name_barn_alone", Record("e55", None, None, None, "Barn", "1985-02-03")
    yield "unknown_in_words_beyond_ascii", Record("e56", None, None, "Man 40 \u00e5r", "Ok\u00e4nd", "1985-02-03")
    yield "unknown_with_a_valid_number", Record("e57", number, None, "Ok\u00e4nd", "Ok\u00e4nd")
    yield "unknown_with_an_invalid_number", Record("e58", "20080715-9811", None, "Ok\u00e4nd", "Ok\u00e4nd")
    yield "unknown_with_an_interim_number", Record("e59", "19800131-TF82", None, "Ok\u00e4nd", "Ok\u00e4nd")
    yield (
        "unknown_with_an_interim_number_without_a_date",
        Record("e60", "19800230-TF82", None, "Ok\u00e4nd", "Ok\u00e4nd"),
    )
    yield "unknown_with_a_foreign_number", Record("e61", None, "AB12345", "Ok\u00e4nd", "Ok\u00e4nd", "1985-02-03")
    yield "unknown_with_a_local_text", Record("e62", "4711", None, "Ok\u00e4nd", None, "1985-02-03")
    yield "null_is_no_statement", Record("e63", None, None, "NULL", "namn", "1985-02-03", "kvinna")
    yield "null_beside_a_statement", Record("e64", None, None, "NULL", "Ej k\u00e4nd", "1985-02-03", "kvinna")
    yield "unknown_with_two_birth_dates", Record("e65", None, None, "Barn till Noor", None, ("1985", "1986"))
    yield "given_name_al_and_a_family_name", Record("e66", None, None, "Al Henrik", "von Berg", "1985-02-03")
    yield ("name_in_doubt_beside_text_without_a_letter", Record("e48", None, None, "123", "Man", "1985-02-03"))
    yield (
        "type_by_the_system",
        Record("e49", "http://electronichealth.se/identifier/LMA-nummer|101234567", number_type="nummer", **names),
    )
    yield "surrogates_everywhere", Record("e29", "\ud800" + number, "\ud800A1", "\ud800No", "A\ud800li", "2008\ud800")
    yield (
        "combination_shared_by_three_identities",
        Record("e30", None, None, "Noor", ("Ali", "Ali Berg", "Ali Dal"), "1985-02-03", "kvinna"),
    )


RECORDS: Final = tuple(_records())


def _ids() -> Iterator[tuple[str, str, Record]]:
    number = with_check_digit("800131980", "19")
    known = Record(
        "x", number, "AB-12345", ("Karl Anders", "Carl"), ("\u00c5str\u00f6m", "von Berg"), "1980-01-31",
        name_of_address="Anders",
    )  # fmt: skip
    for name, text in (
        ("number_inside", f"case {number[2:8]}-{number[8:]} B"),
        ("number_in_arabic_digits", "x" + "".join(chr(0x660 + int(c)) for c in number[2:])),
        ("last_ten_characters", number[2:]),
        ("last_nine_characters", number[3:]),
        ("foreign_number_inside", "no ab 12345/7"),
        ("foreign_number_full_width", "\uff21\uff22\uff11\uff12\uff13\uff14\uff15"),
        ("birth_date", "19800131"),
        ("birth_date_inside", "a-1980-01-31-b"),
        ("birth_date_day_first", "7/31.01.1980"),
        ("birth_date_month_first", "01 31 1980"),
        ("birth_date_two_separators", "1980-01/31"),
        ("birth_date_between_digits", "1198001312"),
        ("birth_date_after_a_digit", "919800131"),
        ("birth_date_with_two_digits_of_the_year", "800131"),
        ("birth_date_spread_over_the_id", "1980a01b31"),
        ("year_and_month", "1980-01"),
        ("given_names", "Carl"),
        ("given_names_in_another_order", "anders-KARL"),
        ("one_of_two_given_names", "Karl"),
        ("family_name_folded", "astrom 17"),
        ("given_and_family_names", "Carl Astrom"),
        ("names_of_two_identities", "von Berg, Karl Anders"),
        ("family_name_without_its_particle", "Berg"),
        ("name_and_another_word", "Astrom case"),
        ("nothing_of_it", "case 2026/17"),
        ("words_of_all_names", "Karl Anders Carl Astrom"),
    ):  # fmt: skip
        yield name, text, known
    short = Record("x", "471", "1-2", birth_date="1980-01")
    yield "number_of_three_characters", "471", short
    yield "foreign_number_of_two_characters", "12", short
    yield "month_is_no_full_date", "1980-01", short
    yield "number_of_four_characters", "4712", Record("x", "4712")
    yield "number_of_five_characters", "no 47123", Record("x", "47123")
    yield "sharp_s_is_no_ss", "SS1234", Record("x", foreign_number="\u00df1234")
    yield "sharp_s_in_the_id_is_no_ss", "\u00df12345", Record("x", foreign_number="SS12345")
    yield "date_of_the_number", "31-01-1980", Record("x", number)
    yield "no_identity", "Karl", Record("x")


IDS: Final = tuple(_ids())


def _marked() -> Iterator[tuple[str, Record]]:
    good, wrong = with_check_digit("800131983", "19"), with_wrong_check_digit("800131983", "19")
    yield "nothing", Record("m1")
    yield "blank_in_all_ways", Record("m2", " ", "\u00a0", "\ufeff", "\u200b\t", "\ud800", "\u3000")
    yield "all_read", Record("m3", good, "A1", "Anna", "Berg", "1980", "f")
    yield "placeholders", Record("m4", "0000", "000", "Ok\u00e4nd", "N.N.", "1900-01-01", "unknown")
    yield "no_letter_no_digit", Record("m5", "saknas", "none", "123", "--", "-", "?")
    yield "unreadable", Record("m6", "#1", "#", "?", "?", "1980-02-30", "x")
    yield "number_of_another_form", Record("m7", "LMA-4711")
    yield "number_with_wrong_check_digit", Record("m8", wrong)
    yield "number_named_other", Record("m9", good, number_type="other")
    yield "interim_without_check_digit", Record("m10", "19800131-TF82")
    yield "interim_of_a_day_that_does_not_exist", Record("m11", "19800230-TF82")
    yield "number_and_an_unreadable_one", Record("m12", (good, "#1"))
    yield "number_marked_and_unreadable", Record("m13", (wrong, "#1", "0"))
    yield "a_ninth_value_counts_nowhere", Record("m14", ("",) * 8 + ("#1",), family_names=("",) * 8 + ("Berg",))
    yield "name_of_address_alone", Record("m15", name_of_address="Anna")
    yield "name_of_address_without_letter", Record("m16", name_of_address="123")
    yield "name_of_address_beside_a_placeholder", Record("m17", given_names="Ok\u00e4nd", name_of_address="Anna")
    yield "placeholder_9999_and_more", Record("m22", birth_date="9999-12-31")
    yield "number_and_another_birth_date", Record("m23", good, birth_date="1961-02-03")
    yield "number_and_birth_date_of_the_next_day", Record("m24", good, birth_date="1980-02-01")
    yield "number_and_one_birth_date_of_two", Record("m25", good, birth_date=("1961-02-03", "1980"))
    yield "second_number_and_another_birth_date", Record("m26", (good, "19800131-TF82"), birth_date="1961")
    yield "invalid_number_and_another_birth_date", Record("m27", ("", wrong), birth_date="1961")
    yield "interim_and_another_birth_date", Record("m28", "19800131-TF82", birth_date="1961-02-03")
    yield "number_and_no_birth_date", Record("m29", good, birth_date="1900-01-01")
    yield "date_with_fillers_as_number", Record("m30", "800131-****")
    yield "names_in_doubt", Record("m31", None, None, ("Son", "Ok\u00e4nd"), "Man")
    yield "number_with_a_system_that_is_not_listed", Record("m32", f"http://example.org/patient|{good}")
    yield "number_with_a_system_alone", Record("m33", "urn:oid:1.2.752.129.2.1.3.1|")
    yield "sex_that_is_unknown", Record("m34", sex="?")
    yield "dossier", Record("m18", "1012345", number_type="dossier")
    yield "type_that_is_not_listed", Record("m19", good, number_type="passport", number_level="very")
    yield "date_birth_as_number", Record("m20", "19800131")
    yield "blank_after_a_value", Record("m21", (good, None), None, ("Anna", ""), ("Berg", " "))


MARKED: Final = tuple(_marked())
