"""Texts as people type them, one case each: names, dates, sexes, numbers, ids. No real person's number is in here.

Swedish numbers use the serials 980 to 999, which the Swedish Tax Agency keeps for tests, and their check digits are
computed. The name of a case says what it is about. Letters beyond ASCII are escapes, so that no editor composes them.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from tests.vectors.reading import check_digit

__all__ = [
    "DATES",
    "NAMES",
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
    ("only_ascii_letters_are_lower_cased", "OK\u00c4NT"),
    ("okant_decomposed", "oka\u0308nt"),
    ("unreadable_digit", "1"),
    ("unreadable_word", "girl"),
    ("kelvin_sign_is_not_k", "\u212a"),
)
