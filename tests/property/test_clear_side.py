"""Properties of everything that sees plaintext: errors never show it, and reading is stable whatever comes in.

Every failure is provoked with a value that no constant of the library contains; then all that an error can show is
searched for it: text, repr, arguments, attributes, the whole chain of exceptions and the formatted traceback.
"""

import csv
import io
import re
import tempfile
import traceback
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pseudonym.codebook import load_codebook, parse_codebook
from pseudonym.errors import FieldError, PseudonymError
from pseudonym.identity import dates, names, numbers, sex
from pseudonym.identity.reader import Row, open_input
from pseudonym.profile import load_profile
from tests.unit.pseudonym.workbooks import workbook

NEEDLES = st.from_regex(r"[qx][0-9]{6,10}[jvw]", fullmatch=True)
"""Values to look for: no constant of the library, no path and no line number looks like them."""

NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40)

FIELDS = ("record_id", "number", "given_names", "birth_date", "sex", "case_id")


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """Return an error and all that are chained to it, suppressed ones included."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def shown(error: BaseException) -> str:
    """Return all that an error could show to anyone."""
    parts = []
    for one in chain(error):
        parts += [str(one), repr(one), repr(one.args), repr(vars(one)), repr(getattr(one, "__notes__", None))]
        parts += traceback.format_exception(one)
    return "\n".join(parts)


def caught_from(call: Callable[[], object]) -> PseudonymError | None:
    """Return the error that a call raises, None if it raises none; any other exception is a failure of the test."""
    try:
        call()
    except PseudonymError as error:
        return error
    return None


def check_silent(error: PseudonymError, needle: str) -> None:
    text = shown(error)
    for form in (needle, needle.upper(), needle[1:-1], repr(needle.encode())[2:-1]):
        assert form not in text


# What differs between the examples of one failure is the value alone.
few = settings(max_examples=max(5, settings().max_examples // 10))
# Each example writes files.
fewer = settings(max_examples=max(10, settings().max_examples // 3))

READERS = {
    "birth_date": dates.read_birth_date,
    "sex": sex.read_sex,
    "number": lambda text: numbers.read_number(text, reference_date=date(2026, 3, 31)),
    "compact": lambda text: numbers.compact(text, reference_date=date(2026, 3, 31)),
    "validate": lambda text: numbers.validate(text, reference_date=date(2026, 3, 31)),
    "format": lambda text: numbers.format(text, reference_date=date(2026, 3, 31)),
    "foreign_number": lambda text: numbers.read_foreign_number("".join(c for c in text if not c.isdecimal())),
    "number_type": numbers.read_type_word,
    "number_level": numbers.read_level,
    "number named": lambda text: numbers.read_number(text, reference_date=date(2026, 3, 31), type=text),
    "number with a level": lambda text: numbers.read_number("1", reference_date=date(2026, 3, 31), level=text),
    **{
        f"{verb} of {type_}": partial(getattr(kind, verb), reference_date=date(2026, 3, 31))
        for type_, kind in numbers.KINDS.items()
        for verb in ("compact", "validate", "format", "parts")
    },
    "item": lambda text: load_codebook("case-registry").check(text, "unknown", date=None),
    "code": lambda text: load_codebook("case-registry").check("country", text, date=None),
    "label": lambda text: load_codebook("case-registry").label("country", text),
    "codebook": parse_codebook,
    "codebook_member": lambda text: parse_codebook(f'{{"{text}": "{text}"}}'),
    "codebook_value": lambda text: parse_codebook(
        f'{{"format": "{text}", "name": ["{text}"], "items": [{{"{text}": 1}}]}}'
    ),
    "codebook_file": lambda text: read_from_file(text, load_codebook),
    "profile_file": lambda text: read_from_file(text, load_profile),
}


def read_from_file(text: str, reader: Callable[[Path], object]) -> object:
    """Read a file that holds a text; the path, which the user has typed, may be shown."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "document.json"
        path.write_text(f'{{"name": "{text}"}}', encoding="utf-8")
        return reader(path)


@pytest.mark.parametrize("reader", READERS)
@few
@given(needle=NEEDLES, before=st.sampled_from(["", "Å, ", "19900101-"]))
def test_no_field_shows_its_value_in_an_error(reader, needle, before):
    with pytest.raises(PseudonymError) as caught:
        READERS[reader](f"{before}{needle},")
    check_silent(caught.value, needle)


@example(text="0|")
@given(text=st.text(max_size=60))
def test_fields_raise_nothing_but_field_errors(text):
    for reader in ("birth_date", "sex", "number", "compact", "validate", "format", "foreign_number"):
        error = caught_from(lambda read=READERS[reader]: read(text))
        if error is not None:
            assert isinstance(error, FieldError)
            assert error.rule.startswith(("birth_date.", "sex.", "number.", "number_type.", "foreign_number."))
            assert error.__context__ is None
    error = caught_from(lambda: names.read_name(text))
    assert error is None or (error.rule in {"name.placeholder", "name.no_letter"} and error.__context__ is None)


SHEET = [("record_id", "sex")]

BREAKS = {
    "no_header": lambda n: f"{n},Anna\n2,Bo\n".encode(),
    "header_in_quotes": lambda n: f'record_id,"{n}"x\n1,2\n'.encode(),
    "duplicate_column": lambda n: f"record_id,sex,sex,{n}\n{n},k,m,{n}\n".encode(),
    "mixed_encodings": lambda n: f"record_id,sex\n{n},å\n{n},".encode() + b"\xe5" + n.encode() + b"\n",
    "cut_character": lambda n: f"record_id,sex\n{n}å,å".encode()[:-1],
    "utf_16_cut": lambda n: f"record_id,sex\n{n},å".encode("utf-16")[:-1],
    "zip": lambda n: b"PK\x03\x04" + n.encode(),
    "nul_in_header": lambda n: f"record_id\0,{n}\n{n},1\n".encode(),
    "blank": lambda n: b"  \n \n",
    "record_above_header": lambda n: f"{n},{n},{n}\nrecord_id,sex,number\n1,{n},{n}\n".encode(),
    "header_without_id": lambda n: f"{n}\n{n},sex,number\n1,{n},{n}\n".encode(),
    "two_headers": lambda n: f"record_id,sex,{n}\n{n},{n},{n}\nrecord_id,{n},number\n".encode(),
    "sheet_named_after_a_person": lambda n: workbook([(n,)], others=[(n, "hidden", [*SHEET, (n, n)])]),
    "two_sheets": lambda n: workbook([*SHEET, (n, n)], others=[(n, "visible", [*SHEET, (n, n)])]),
}


@pytest.mark.parametrize("fault", BREAKS)
@few
@given(needle=NEEDLES)
def test_no_refused_file_shows_its_content(fault, needle, tmp_path):
    path = tmp_path / "cases.csv"
    path.write_bytes(BREAKS[fault](needle))
    with pytest.raises(PseudonymError) as caught:
        list(open_input(path))
    check_silent(caught.value, needle)


@given(needle=NEEDLES, encoding=st.sampled_from(["utf-8", "ascii"]))
def test_no_file_that_changes_shows_its_content(needle, encoding, tmp_path):
    path = tmp_path / "cases.csv"
    path.write_text("record_id,sex\n1,k\n", encoding="utf-8")
    file = open_input(path, encoding=encoding)
    path.write_bytes(f"record_id,sex\n{needle},".encode() + b"\xe5\n")
    with pytest.raises(PseudonymError) as caught:
        list(file)
    assert caught.value.rule == "input.changed"
    check_silent(caught.value, needle)


@given(needle=NEEDLES, columns=st.sampled_from([{"sex": "{}"}, {"{}": "sex"}, {"record_id": "{}"}]))
def test_no_mapping_shows_its_names(needle, columns, tmp_path):
    path = tmp_path / "cases.csv"
    path.write_text("record_id,sex\n1,k\n", encoding="utf-8")
    mapping = {field.format(needle): name.format(needle) for field, name in columns.items()}
    with pytest.raises(PseudonymError) as caught:
        open_input(path, columns=mapping)
    check_silent(caught.value, needle)


@given(
    needle=NEEDLES,
    row=st.sampled_from(["{0}", "{0},{0},{0}", '"{0}"{0},{0}', '"{0},{0}', "{0},{0}\0", '"{0}\n{0},{0}', ",{0}"]),
)
def test_no_row_shows_its_values(needle, row, tmp_path):
    path = tmp_path / "cases.csv"
    path.write_text(f"record_id,sex\n{row.format(needle)}\n", encoding="utf-8")
    file = open_input(path)
    rows = list(file)
    assert any(one.faults for one in rows)
    assert needle not in repr([(one, one.faults) for one in rows]) + repr(file)


@example(content=b"PK\x03\x04", head=b"")
@example(content=b"PK\x05\x06", head=b"")
@given(content=st.binary(max_size=300), head=st.sampled_from([b"", b"record_id,sex\n", b"\xff\xfe", b"\xef\xbb\xbf"]))
def test_any_bytes_are_read_or_refused(content, head, tmp_path):
    path = tmp_path / "cases.csv"
    path.write_bytes(head + content)
    rows: list[Row] = []
    error = caught_from(lambda: rows.extend(open_input(path)))
    if error is not None:
        assert error.rule.startswith("input.")
        assert all(isinstance(one, PseudonymError) for one in chain(error))
    lines = [row.line for row in rows]
    assert lines == sorted(set(lines))
    assert all(row.rejected or "record_id" in row.values for row in rows)


PLAIN = re.compile(r"[A-Za-z ,;.'\"\t\n-]*")
"""A text in which nothing looks like a letter that was lost or changed on the way."""

CELLS = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Cf", "Cn", "Co", "Nd"), include_characters="\t\n"), max_size=12
)
"""Without a lone CR, which Python's writer leaves unquoted and which no reader can then tell from a line end; and
without characters that nobody sees, which are marked;
without digits, as what may be a date or a number is read as one and comes back in another form."""


@fewer
@given(
    rows=st.lists(st.tuples(*[CELLS] * len(FIELDS)), max_size=8),
    delimiter=st.sampled_from(",;\t"),
    end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_what_csv_writes_is_read_back(rows, delimiter, end, encoding, quoting, tmp_path):
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator=end, quoting=quoting)
    numbered = [(f"id{place}", *row[1:]) for place, row in enumerate(rows)]
    writer.writerows([FIELDS, *numbered])
    path = tmp_path / "cases.csv"
    path.write_bytes(buffer.getvalue().encode(encoding))
    read = list(open_input(path))
    for row, written in zip(read, numbered, strict=True):
        expected = {name: tidy for name, cell in zip(FIELDS, written, strict=True) if (tidy := unwrapped(cell))}
        assert all(
            fault.rule.startswith(("damage.", "value.placeholder")) and fault.effect == "marked" for fault in row.faults
        )
        marked = {fault.field for fault in row.faults}
        assert not any(
            PLAIN.fullmatch(expected[fault.field]) for fault in row.faults if fault.rule != "value.placeholder"
        )
        # What is marked may have been mended, or be blank.
        assert row.values.keys() - marked == expected.keys() - marked
        assert all(row.values[name] == expected[name] for name in expected.keys() - marked)


def unwrapped(cell: str) -> str:
    cell = cell.strip()
    return cell[2:-1].strip() if cell.startswith('="') and cell.endswith('"') else cell


@given(text=NAMES)
def test_words_do_not_change_once_they_are_words(text):
    words = names.words(text)
    assert names.words(" ".join(words)) == words
    assert len(words) == len(set(words)) <= names.MAX_WORDS
    assert all(0 < len(word) <= 32 for word in words)


@given(text=st.text(st.characters(max_codepoint=0x06FF, exclude_categories=("Cs",)), max_size=40))
def test_words_are_the_same_composed_and_decomposed(text):
    composed, decomposed = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    known = names.spelling._REGISTER
    if all(ord(character) in known for character in decomposed):
        assert names.words(composed) == names.words(decomposed) == names.words(text)


@given(text=NAMES, first=st.none() | NAMES)
def test_levels_of_a_name_belong_together(text, first):
    try:
        name = names.read_name(text, first=first)
    except FieldError:
        return
    assert len(name.register.split(" ")) == len(name.words) <= names.MAX_WORDS
    assert 0 < len(name.sounds) <= len(name.words)
    assert name.grams
    assert len(set(name.grams)) == len(name.grams)
    assert names.read_name(text, first=first) == name


@given(text=NAMES)
def test_every_word_has_a_sound(text):
    for word in names.words(text):
        assert names.sound(word)
        assert not set(names.sound(word)[1:]) & set("aeiouyhj")
