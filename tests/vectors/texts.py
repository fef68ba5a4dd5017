"""Texts as people type them, one case each: names, dates, sexes, numbers, ids. No real person's number is in here.

Swedish numbers use the serials 980 to 999, which the Swedish Tax Agency keeps for tests, and their check digits are
computed. The name of a case says what it is about. Letters beyond ASCII are escapes, so that no editor composes them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from tests.vectors.reading import check_digit

__all__ = [
    "DATES",
    "FOREIGN_NUMBERS",
    "NAMES",
    "NUMBERS",
    "RECORD_IDS",
    "REFERENCE_DATE",
    "SEXES",
    "with_check_digit",
    "with_wrong_check_digit",
]

REFERENCE_DATE: Final = date(2026, 3, 31)


def with_check_digit(nine: str, century: str = "", sign: str = "") -> str:
    """Return a number from `YYMMDDNNN`, with the check digit that belongs to it."""
    return f"{century}{nine[:6]}{sign}{nine[6:]}{check_digit(nine)}"


def with_wrong_check_digit(nine: str, century: str = "") -> str:
    right = with_check_digit(nine, century)
    return right[:-1] + str((int(right[-1]) + 1) % 10)


NAMES: Final = (
    ("empty", ""),
    ("one_word", "Anna"),
    ("two_words", "Anna Maria"),
    ("upper_case", "ANNA MARIA"),
    ("swedish_composed", "\u00c5sa \u00d6rjan \u00c4rla"),
    ("swedish_decomposed", "A\u030asa O\u0308rjan A\u0308rla"),
    ("combining_mark_alone", "\u0301"),
    ("hyphen", "Anna-Karin"),
    ("apostrophe", "O'Brien"),
    ("typographic_apostrophe", "O\u2019Brien"),
    ("tab_and_line_feed", "Anna\tMaria\nLisa"),
    ("no_break_space", "Anna\u00a0Maria"),
    ("zero_width_space", "An\u200bna"),
    ("byte_order_mark", "\ufeffAnna"),
    ("nul", "An\u0000na"),
    ("digits_vanish", "Anna2"),
    ("digits_alone", "123"),
    ("punctuation_alone", "-- ., --"),
    ("underscore", "Anna_Maria"),
    ("repeated_word", "Anna Maria anna"),
    ("repeated_after_replacement", "\u00c5sa Asa \u00e1sa"),
    ("ten_words", "Ada Bo Cia Dan Eva Fia Gun Hans Ida Jan"),
    ("nine_words_one_repeated", "Ada Bo Ada Cia Dan Eva Fia Gun Hans Ida"),
    ("word_of_32_characters", "abcdefghijklmnopqrstuvwxyzabcdef"),
    ("word_of_33_characters", "abcdefghijklmnopqrstuvwxyzabcdefg"),
    ("words_equal_in_32_characters", "abcdefghijklmnopqrstuvwxyzabcdefx abcdefghijklmnopqrstuvwxyzabcdefy"),
    ("cut_inside_a_replacement", "abcdefghijklmnopqrstuvwxyzabcde\u00e6x"),
    ("name_of_200_characters", "Maria " * 10 + "x" * 140),
    ("name_of_200_letters", "abcdefghij" * 20),
    ("sharp_s_and_ligatures", "Wei\u00df \u00c6gir \ufb01n"),
    ("eth_and_thorn", "\u00d0\u00f3ra \u00deor"),
    ("stroked_letters", "\u0141ukasz \u00d8rsted \u0110oko"),
    ("turkish", "\u0130smail I\u015f\u0131k \u011eul"),
    ("vietnamese_composed", "Nguy\u1ec5n"),
    ("vietnamese_decomposed", "Nguye\u0302\u0303n"),
    ("polish_czech", "Krzysztof Dvo\u0159\u00e1k"),
    ("cyrillic", "\u041d\u0430\u0442\u0430\u043b\u044c\u044f \u0429\u0435\u0440\u0431\u0430\u043a\u043e\u0432\u0430"),
    ("cyrillic_decomposed", "\u0410\u043b\u0435\u043a\u0441\u0435\u0438\u0306"),
    ("cyrillic_composed", "\u0410\u043b\u0435\u043a\u0441\u0435\u0439"),
    ("greek", "\u0393\u03b9\u03ce\u03c1\u03b3\u03bf\u03c2"),
    ("arabic", "\u0641\u0627\u0637\u0645\u0629 \u0627\u0644\u0632\u0647\u0631\u0627\u0621"),
    ("arabic_with_vowel_marks", "\u0645\u064f\u062d\u064e\u0645\u064e\u0651\u062f"),
    ("persian", "\u067e\u0631\u06cc\u0633\u0627"),
    ("hebrew", "\u05e9\u05e8\u05d4"),
    ("ethiopic", "\u1230\u120b\u121d"),
    ("georgian", "\u10dc\u10d8\u10dc\u10dd"),
    ("armenian", "\u0531\u0576\u0578\u0582\u0577"),
    ("devanagari", "\u0905\u0928\u093f\u0924\u093e"),
    ("thai", "\u0e2a\u0e21\u0e0a\u0e32\u0e22"),
    ("chinese", "\u738b \u5c0f\u660e"),
    ("hangul_composed", "\uae40"),
    ("full_width_latin", "\uff21\uff4e\uff4e\uff41"),
    ("outside_the_basic_plane", "\U00020bb7\u91ce"),
    ("cut_counts_code_points", "\U00020bb7" * 31 + "\u91ce\u738b"),
    ("private_use", "\ue000\ue001"),
    ("sound_philip", "Philip Filip Filippa"),
    ("sound_th_and_ck", "Thorbjorn Torbjorn Beck Bech"),
    ("sound_c_before_vowels", "Cecilia Carl Cynthia Isac Cc"),
    ("sound_w_z_x_q", "Wachtmeister Zackarias Xerxes Quist Aqvist"),
    ("sound_sch", "Schmidt Smith"),
    ("sound_doubled", "Anna Ana Hannah Lillemor"),
    ("sound_vowels_alone", "Io Ea Aja Hy Y H"),
    ("sound_first_vowel_kept", "Erik Eerik Ehrik"),
    ("sound_runs_before_vowels_vanish", "Nina Ninan Nnin"),
    ("sound_other_script", "\u738b\u738b\u5c0f"),
)

DATES: Final = (
    ("empty", ""),
    ("full", "1980-01-31"),
    ("full_without_hyphens", "19800131"),
    ("year_and_month", "1980-01"),
    ("year", "1980"),
    ("surrounding_space", " 1980-01-31\t"),
    ("surrounding_no_break_space", "\u00a01980-01-31\u3000"),
    ("byte_order_mark", "\ufeff1980-01-31"),
    ("invisible_before_white_space", "\u200b 1980-01-31"),
    ("zero_width_space_inside", "1980-\u200b01-31"),
    ("en_dashes", "1980\u201301\u201331"),
    ("minus_signs", "1980\u221201\u221231"),
    ("white_space_alone", " \u00a0\t"),
    ("inner_space", "1980- 01-31"),
    ("one_digit_month", "1980-1-31"),
    ("month_without_hyphen", "198001"),
    ("one_hyphen_of_two", "1980-0131"),
    ("the_other_hyphen", "198001-31"),
    ("slashes", "1980/01/31"),
    ("day_first", "31-01-1980"),
    ("with_time", "1980-01-31T00:00"),
    ("month_zero", "1980-00"),
    ("month_13", "1980-13"),
    ("day_zero", "1980-01-00"),
    ("february_30", "1980-02-30"),
    ("leap_day", "2000-02-29"),
    ("no_leap_day", "1900-02-29"),
    ("first_year", "1850-01-01"),
    ("before_the_first_year", "1849-12-31"),
    ("last_year", "2100-12-31"),
    ("after_the_last_year", "2101"),
    ("two_digit_year", "80-01-31"),
    ("arabic_digits", "\u0661\u0669\u0668\u0660"),
    ("full_width_digits", "\uff11\uff19\uff18\uff10"),
    ("line_feed_inside", "1980\n-01"),
    ("day_unknown_without_hyphens", "19800100"),
    ("month_and_day_unknown", "1980-00-00"),
    ("month_and_day_unknown_without_hyphens", "19800000"),
    ("month_unknown", "1980-00-31"),
    ("month_unknown_day_32", "1980-00-32"),
    ("day_unknown_month_13", "1980-13-00"),
    ("about", "2008~"),
    ("about_with_margin", "2008~3"),
    ("about_with_plus_minus", "2008\u00b13"),
    ("about_within_no_year", "2008~0"),
    ("about_within_nine_years", " 2008\u00b19"),
    ("about_within_ten_years", "2008~10"),
    ("plus_minus_alone", "2008\u00b1"),
    ("about_a_month", "2008-05~"),
    ("about_with_space", "2008 ~"),
    ("about_a_year_before_the_first", "1849~"),
    ("about_a_year_that_is_none", "0000~"),
    ("placeholder_1900", "1900-01-01"),
    ("placeholder_1900_without_hyphens", "19000101"),
    ("placeholder_1900_year", "1900"),
    ("about_1900", "1900~"),
    ("no_placeholder_1900", "1900-01-02"),
    ("placeholder_1753", "1753-01-01"),
    ("placeholder_year_1", "0001-01-01"),
    ("placeholder_zeros", "0000-00-00"),
    ("placeholder_nines", "9999-12-31"),
    ("placeholder_hyphen", "-"),
    ("placeholder_zero", "0"),
    ("placeholder_question_mark", "?"),
    ("placeholder_word", "Ok\u00e4nt"),
    ("placeholder_word_decomposed", "oka\u0308nd"),
    ("placeholder_word_saknas", "SAKNAS"),
)

SEXES: Final = (
    *((f"word_{word}", word) for word in ("woman", "female", "kvinna", "f", "k", "man", "male", "m")),
    *((f"word_{word}", word) for word in ("other", "annat", "o", "unknown", "u")),
    ("word_okant", "ok\u00e4nt"),
    ("empty", ""),
    ("white_space", " \t"),
    ("surrounding_space", " Kvinna "),
    ("upper_case", "FEMALE"),
    ("surrounding_no_break_space", "\u00a0man\u00a0"),
    ("soft_hyphen", "kvin\u00adna"),
    ("word_okand", "ok\u00e4nd"),
    ("upper_case_okant", "OK\u00c4NT"),
    ("upper_case_of_another_letter", "\u00d6"),
    ("okant_decomposed", "oka\u0308nt"),
    ("unreadable_digit", "1"),
    ("unreadable_word", "girl"),
    ("kelvin_sign_is_not_k", "\u212a"),
)


def _number_cases() -> Iterator[tuple[str, str, date]]:
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
    yield "serial_000_twelve", make("800131000", "19"), today
    yield "serial_000_samordningsnummer", make("800161000", "19"), today
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
    yield "before_the_first_year_by_plus_is_other", make("400131986", sign="+"), date(1949, 1, 1)
    yield "samordningsnummer_before_the_first_year_is_other", make("490060986", "18"), today
    yield "month_13_is_other", make("801331987", "19"), today
    yield "month_00_is_other", make("800031987", "19"), today
    yield "day_00_is_other", make("800100987", "19"), today
    yield "day_32_is_other", make("800132987", "19"), today
    yield "day_59_is_other", make("800159987", "19"), today
    yield "day_92_is_other", make("800192987", "19"), today
    yield "born_on_the_reference_date", make("260331988"), today
    yield "born_the_day_after", make("260401988"), today
    yield "born_on_the_reference_date_plus", make("260331988", sign="+"), today
    yield "born_the_day_after_plus", make("260401988", sign="+"), today
    yield "turn_of_the_century_first_day", make("000101989"), date(2000, 1, 1)
    yield "turn_of_the_century_day_before", make("991231989"), date(2000, 1, 1)
    yield "turn_of_the_century_day_after", make("000102989"), date(2000, 1, 1)
    yield "turn_of_the_century_plus", make("000101989", sign="+"), date(2000, 1, 1)
    yield "samordningsnummer_day_61", make("800161990", "19"), today
    yield "samordningsnummer_day_91", make("800191990", "19"), today
    yield "samordningsnummer_ten", make("800191990"), today
    yield "samordningsnummer_plus", make("800191990", sign="+"), today
    yield "samordningsnummer_check_digit_wrong", wrong("800191991", "19"), today
    yield "samordningsnummer_february_31", make("800291991", "19"), today
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
    yield "interim_check_digit_wrong", wrong("800131T82", "19"), today
    yield "interim_february_30", make("800230T82", "19"), today
    yield "interim_of_another_letter_is_other", make("800131A83", "19"), today
    yield "interim_letter_in_second_place_is_other", "8001319T83", today
    yield "interim_letter_in_check_digit_is_other", "800131983T", today
    yield "interim_day_61_is_other", make("800161T83", "19"), today
    yield "nine_digits", "800131980", today
    yield "eleven_digits", "98001319801", today
    yield "thirteen_digits", "1980013198012", today
    yield "hyphens_in_the_date_are_other", "1980-01-31-9803", today
    yield "two_hyphens_are_other", "800131--9803", today
    yield "hyphen_in_the_wrong_place_is_other", "80013-19803", today
    yield "other_with_all_signs", "ab-12+3.4/5_6", today
    yield "other_of_32_characters", "A" * 31 + "-7", today
    yield "other_of_33_characters_is_unreadable", "A" * 32 + "-7", today
    yield "other_letters", "Passport 77", today
    yield "other_signs_alone_are_unreadable", "-+./_", today
    yield "other_with_hash_is_unreadable", "#123", today
    yield "other_with_swedish_letter_is_unreadable", "\u00c512", today
    yield "arabic_digits_are_unreadable", "\u0668\u0660\u0660\u0661\u0663\u0661\u0669\u0668\u0660\u0661", today
    yield "full_width_digits_are_unreadable", "".join(chr(ord(c) + 0xFEE0) for c in make("800131980")), today


NUMBERS: Final = tuple(_number_cases())

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
    ("ten_digits_comma", "800131,9801", True),
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
