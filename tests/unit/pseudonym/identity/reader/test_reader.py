"""Files are read as reporters have them: what is inferred is shown, a broken row loses only itself."""

import csv
import os
import time
import tracemalloc
from pathlib import Path

import pytest

from pseudonym.errors import InputError
from pseudonym.identity.reader import InputFile, open_input
from pseudonym.identity.reader import lines as lines_module

HEADER = "record_id,given_names,family_names\n"


@pytest.fixture
def write(tmp_path):
    """Write a file and give its path."""

    def write(content: str | bytes, encoding: str = "utf-8") -> Path:
        path = tmp_path / "cases.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


def good(file: InputFile) -> list[tuple[int, dict[str, str]]]:
    return [(row.line, dict(row.values)) for row in file if not row.rejected]


def faults(file: InputFile) -> list[tuple[int, str | None, str]]:
    return [(fault.row, fault.field, fault.rule) for row in file for fault in row.faults]


def ids(file: InputFile) -> list[str]:
    return [row.values["record_id"] for row in file if not row.rejected]


def refusal(path: Path, **options) -> InputError:
    """Return the error with which a file is refused, whether at the look at it or while it is read."""
    with pytest.raises(InputError) as caught:
        for _ in open_input(path, **options):
            pass
    return caught.value


# Layout of the file.


def test_plain_file(write):
    file = open_input(write(HEADER + "1,Anna,Öberg\n2,Bo,\n"))
    assert good(file) == [
        (2, {"record_id": "1", "given_names": "Anna", "family_names": "Öberg"}),
        (3, {"record_id": "2", "given_names": "Bo"}),
    ]
    assert (faults(file), file.notices, file.unused_columns, file.header_only) == ([], (), (), False)
    assert file.fields == ("record_id", "given_names", "family_names")


def test_file_can_be_read_twice(write):
    file = open_input(write(HEADER + "1,Anna,Öberg\n"))
    assert good(file) == good(file) != []


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiter_is_told_from_the_header(write, delimiter):
    text = (HEADER + '1,Anna,"Berg; a,b\tc"\n').replace(",", delimiter).replace("a" + delimiter + "b", "a,b")
    file = open_input(write(text))
    assert file.source.delimiter == delimiter
    assert good(file)[0][1]["family_names"] == "Berg; a,b\tc"


def test_delimiter_is_the_one_that_shows_the_record_id(write):
    file = open_input(write("record_id;Name, first, and last, all in one\n1;Anna\n"))
    assert (file.source.delimiter, ids(file)) == (";", ["1"])


def test_delimiter_of_one_column(write):
    assert ids(open_input(write("record_id\n1\n2\n"))) == ["1", "2"]


def test_delimiter_by_option(write):
    assert ids(open_input(write("record_id|sex\n1|k\n"), delimiter="|")) == ["1"]


@pytest.mark.parametrize("delimiter", ["", ",,", '"', "\n"])
def test_an_impossible_delimiter_is_refused(write, delimiter):
    assert refusal(write(HEADER), delimiter=delimiter).rule == "input.delimiter"


def test_separator_line_of_spreadsheets(write):
    file = open_input(write("sep=;\nrecord_id;sex\n1;k\n"))
    assert good(file) == [(3, {"record_id": "1", "sex": "k"})]
    assert good(open_input(write("sep=|\nrecord_id|sex\n1|k\n"))) == [(3, {"record_id": "1", "sex": "k"})]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(write, end):
    text = 'record_id,sex\n1,k\n\n2,"m"\n3,x y\n'.replace("\n", end)
    assert good(open_input(write(text))) == [
        (2, {"record_id": "1", "sex": "k"}),
        (4, {"record_id": "2", "sex": "m"}),
        (5, {"record_id": "3", "sex": "x y"}),
    ]


def test_last_line_needs_no_end(write):
    assert ids(open_input(write(HEADER + "1,Anna,Berg\n2,Bo,Ek"))) == ["1", "2"]


def test_blank_lines_and_blank_rows_are_skipped(write):
    file = open_input(write("\n  \n" + HEADER + "\n1,Anna,Berg\n   \n,,\n , ,\t\n2,Bo,Ek\n\n\x1a"))
    assert [line for line, _ in good(file)] == [5, 9]
    assert faults(file) == []


def test_quoted_line_ends_and_quotes(write):
    file = open_input(write(HEADER + '1,"Anna\nMaria","Berg ""B"""\n2,Bo,Ek\n'))
    assert good(file) == [
        (2, {"record_id": "1", "given_names": "Anna\nMaria", "family_names": 'Berg "B"'}),
        (4, {"record_id": "2", "given_names": "Bo", "family_names": "Ek"}),
    ]


def test_spaces_around_fields_are_trimmed(write):
    file = open_input(write('record_id, given_names ,sex\n 1 , "Anna, Bo" ,\u00a0k \n'.replace('" ,', '",')))
    assert good(file) == [(2, {"record_id": "1", "given_names": "Anna, Bo", "sex": "k"})]


def test_formula_that_protects_digits_is_unwrapped(write):
    file = open_input(write('record_id;number\n="01";="0901282392"\n"=""02""";"=""0901282392"""\n'))
    assert [(row["record_id"], row["number"]) for _, row in good(file)] == [("01", "0901282392"), ("02", "0901282392")]


# Headers and columns.


@pytest.mark.parametrize("header", ["RECORD_ID,Sex", " record_id , SEX ", '"Record_Id","sex"', "\ufeffrecord_id,sex"])
def test_header_names_without_regard_to_case_and_space(write, header):
    assert good(open_input(write(header + "\n1,k\n"))) == [(2, {"record_id": "1", "sex": "k"})]


def test_mapped_columns(write):
    path = write("Ärende,Förnamn,sex,given_names\n1,Anna,k,Bo\n")
    file = open_input(path, columns={"record_id": "ärende ", "given_names": "förnamn"})
    assert good(file) == [(2, {"record_id": "1", "given_names": "Anna", "sex": "k"})]


def test_mapped_column_serves_its_new_field_only(write):
    file = open_input(write("record_id,number\n1,X12\n"), columns={"foreign_number": "number"})
    assert good(file) == [(2, {"record_id": "1", "foreign_number": "X12"})]


def test_one_column_may_serve_two_fields(write):
    file = open_input(write("record_id,name\n1,Anna\n"), columns={"given_names": "name", "family_names": "name"})
    assert good(file) == [(2, {"record_id": "1", "given_names": "Anna", "family_names": "Anna"})]


@pytest.mark.parametrize(
    ("columns", "field"),
    [({"given_names": "absent"}, "given_names"), ({"no_field": "sex"}, None), ({"record_id": "absent"}, "record_id")],
)
def test_mapping_that_does_not_fit(write, columns, field):
    error = refusal(write("record_id,sex\n1,k\n"), columns=columns)
    assert (error.rule, error.field) == ("input.column_mapping", field)
    assert ("--codebook" in (error.hint or "")) == (field is None)


def test_reserved_columns_and_items_of_the_codebook_are_read(write):
    path = write("record_id,role,country,note\n1,victim,SO,secret\n")
    assert good(open_input(path, items=("country",)))[0][1] == {"record_id": "1", "role": "victim", "country": "SO"}
    assert good(open_input(path))[0][1] == {"record_id": "1", "role": "victim"}


LABELS = {
    "state": ("Läge", "State"),
    "country": ("Land", "Country"),
    "origin": ("Land", "Origin"),
    "sex_reported": ("Kön", "x"),
}


@pytest.mark.parametrize(
    ("header", "fields"),
    [
        ("record_id,Läge", {"state"}),
        ("record_id,LAGE", {"state"}),
        ("record_id,Country,Origin", {"country", "origin"}),
        # Two items have this label, and the word is that of a field of the identity.
        ("record_id,Land,kön", {"sex"}),
        # The name of an item goes before the label of another or the same.
        ("record_id,state,Läge", {"state"}),
    ],
)
def test_headers_may_be_labels_of_items(write, header, fields):
    file = open_input(write(f"{header}\n1,a,b\n" if header.count(",") > 1 else f"{header}\n1,a\n"), items=LABELS)
    assert set(file.fields) == {"record_id", *fields}
    assert file.columns.positions.get("state", 1) == 1
    assert "state" in open_input(write("record_id,x\n1,a\n"), items=LABELS, columns={"state": "x"}).fields


def test_two_columns_with_the_label_of_an_item_are_refused(write):
    assert refusal(write("record_id,Läge,läge\n1,a,b\n"), items=LABELS).rule == "input.duplicate_column"


def test_unused_columns_are_named(write):
    file = open_input(write("record_id,Note, sex ,Address,\n1,a,k,b,\n"))
    assert (file.unused_columns, file.columns.n_unused) == (("Note", "Address"), 3)


def test_unused_columns_are_not_named_where_they_might_be_a_person(write):
    file = open_input(write("17,Anna,Svensson\n18,Bo,Ek\n"), columns={"record_id": "17"})
    assert (file.unused_columns, file.columns.n_unused) == ((), 2)


def test_file_without_header_shows_nobody(write):
    error = refusal(write("17,Anna,Svensson\n18,Bo,Ek\n"))
    assert error.rule == "input.no_record_id_column"
    assert "Anna" not in f"{error} {error!r} {error.args} {vars(error)}"


def test_duplicate_column_of_a_field(write):
    error = refusal(write("record_id,sex,Sex\n1,k,m\n"))
    assert (error.rule, error.field) == ("input.duplicate_column", "sex")


def test_duplicate_column_that_is_not_read(write):
    assert ids(open_input(write("record_id,note,note\n1,a,b\n"))) == ["1"]


def test_header_over_several_lines(write):
    file = open_input(write('record_id,"Note\nof the desk",sex\n1,a,k\n'))
    assert good(file) == [(3, {"record_id": "1", "sex": "k"})]


def test_header_that_cannot_be_read(write):
    assert refusal(write('record_id,"note"x\n1,a\n')).rule == "input.header"


# Whole files.


@pytest.mark.parametrize("content", [b"", b"\n", b"\r\n \t\r\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n", b"\x1a", b",,\n"])
def test_empty_file(write, content):
    assert refusal(write(content)).rule == "input.empty"


@pytest.mark.parametrize("tail", ["", "\n\n", ",,\n"])
def test_header_only(write, tail):
    file = open_input(write(HEADER + tail))
    assert file.header_only
    assert list(file) == []


def test_one_broken_row_is_not_header_only(write):
    assert not open_input(write(HEADER + "1\n")).header_only


@pytest.mark.parametrize(
    "content",
    [
        b"PAR1abc",
        b"%PDF-1.7",
        b"\x1f\x8babc",
        b"\x00" * 100,
    ],
)
def test_not_text(write, content):
    assert refusal(write(content)).rule == "input.not_text"


def test_missing_file_and_folder(tmp_path):
    assert refusal(tmp_path / "none.csv").rule == "input.unreadable"
    assert refusal(Path("a\0b")).rule == "input.unreadable"
    assert refusal(tmp_path).rule == "input.not_a_file"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert refusal(tmp_path / "pipe").rule == "input.not_a_file"


def test_file_that_changes(write):
    file = open_input(write(HEADER + "1,Anna,Berg\n"))
    write("record_id,sex\n1,k\n")
    with pytest.raises(InputError) as caught:
        list(file)
    assert caught.value.rule == "input.changed"


def test_file_that_changes_to_other_bytes(write):
    file = open_input(write(HEADER + "1,Anna,Berg\n"))
    write(HEADER.encode() + b"1,Anna,\xd6berg\n")
    with pytest.raises(InputError) as caught:
        list(file)
    assert caught.value.rule == "input.changed"
    assert caught.value.__context__ is None


# Encodings.


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_encodings(write, encoding):
    file = open_input(write(HEADER + "1,Zoë,Öberg\n", encoding))
    assert good(file)[0][1] == {"record_id": "1", "given_names": "Zoë", "family_names": "Öberg"}
    assert file.notices == ()


def test_big_endian_utf_16(write):
    file = open_input(write(b"\xfe\xff" + (HEADER + "1,Zoë,Öberg\n").encode("utf-16-be")))
    assert good(file)[0][1]["family_names"] == "Öberg"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_utf_16_without_its_mark_is_told_by_its_zeros(write, encoding, end):
    file = open_input(write(HEADER.strip() + (end and f"{end}1,Zoë,Żółć{end}2,Мария,王{end}"), encoding))
    assert file.source.charset.name == encoding
    assert "UTF-16" in file.notices[0]
    if end:
        assert [row["family_names"] for _, row in good(file)] == ["Żółć", "王"]


@pytest.mark.parametrize("content", [b"a\0b\0c", b"record_id\0,sex\n1,k\n", "王王王王".encode("utf-16-le"), b"\0" * 64])
def test_scattered_zeros_are_not_taken_for_utf_16(write, content):
    assert refusal(write(content)).rule.startswith("input.")


def test_utf_16_that_is_cut_in_a_character(write):
    assert refusal(write((HEADER + "1,Anna,Berg").encode("utf-16-le")[:-1])).rule == "input.encoding"


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_latin_1_is_read_and_said(write, encoding):
    file = open_input(write(HEADER + "1,Zoë,Öberg\n", encoding))
    assert good(file)[0][1] == {"record_id": "1", "given_names": "Zoë", "family_names": "Öberg"}
    assert len(file.notices) == 1
    assert "cp1252" in file.notices[0]


def test_letters_that_only_cp1252_has(write):
    assert good(open_input(write(HEADER + "1,Saša,Žižek\n", "cp1252")))[0][1]["family_names"] == "Žižek"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("line", [2, 3, 500])
def test_mixed_encodings_are_refused_with_the_line(write, line, end):
    rows = [f"{n},Åsa,Ek".encode() for n in range(2, 600)]
    rows[line - 2] = "7,Åke,Ek".encode("latin-1")
    error = refusal(write(end.encode().join([HEADER.strip().encode(), *rows])))
    assert (error.rule, error.row) == ("input.encoding", line)


def test_lines_are_counted_across_chunks(write, monkeypatch):
    monkeypatch.setattr("pseudonym.identity.reader.encodings.CHUNK_BYTES", 7)
    for end in (b"\n", b"\r\n", b"\r"):
        for first in range(8):
            content = b"record_id,sex" + b" " * first + end + b"1,k" + end + "2,å".encode() + end + b"3,\xe5"
            error = refusal(write(content))
            assert (error.rule, error.row) == ("input.encoding", 4)


def test_file_cut_within_a_character(write):
    error = refusal(write((HEADER + "1,Åsa,Ek\n2,Åsa,Å").encode()[:-1]))
    assert (error.rule, error.row) == ("input.encoding", 3)


@pytest.mark.parametrize("name", ["Åsa", "Ärla", "Örjan", "Jörgen", "Håkan"])
def test_letters_of_dos_are_not_taken_for_quotation_marks(write, name):
    assert refusal(write(HEADER + f"1,{name},Ek\n", "cp850")).rule == "input.encoding"


@pytest.mark.parametrize("encoding", ["cp850", "mac-roman", "iso8859-2", "koi8-r"])
def test_encoding_by_option(write, encoding):
    name = "Шура" if encoding == "koi8-r" else "Jörg"
    file = open_input(write(HEADER + f"1,{name},Ek\n", encoding), encoding=encoding)
    assert good(file)[0][1]["given_names"] == name
    assert file.notices == ()


def test_encoding_by_option_that_does_not_fit(write):
    path = write(HEADER + "1,Anna,Ek\n2,Åsa,Ek\n", "latin-1")
    for encoding in ("utf-8", "ascii"):
        error = refusal(path, encoding=encoding)
        assert (error.rule, error.row) == ("input.encoding", 3)


def test_encoding_by_option_takes_a_byte_order_mark(write):
    path = write('"record_id","given_names"\n1,Anna\n', "utf-8-sig")
    assert ids(open_input(path, encoding="UTF8")) == ids(open_input(path)) == ["1"]


@pytest.mark.parametrize("encoding", ["no-such", "hex", "rot13", "undefined", "a\0b"])
def test_an_unknown_encoding_is_refused(write, encoding):
    assert refusal(write(HEADER + "1,Anna,Ek\n"), encoding=encoding).rule == "input.unknown_encoding"


# Broken rows.


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ("9", "row.columns"),
        ("9,Anna", "row.columns"),
        ("9,Anna,Berg,extra", "row.columns"),
        ("9,Anna,Berg,,extra", "row.columns"),
        ("9,An\0na,Berg", "row.nul"),
        ('9,"Anna"x,Berg', "row.quoting"),
        (f"9,Anna,{'x' * 1_000_001}", "row.field_too_long"),
        (f'9,Anna,"{"x" * 600_000}\n{"y" * 600_000}"', "row.field_too_long"),
        ('9,"Anna,Berg', "row.unterminated"),
        ('9,"Anna,Berg\n8,"Bo",Ek', "row.quoting"),
    ],
)
def test_broken_row_costs_itself_only(write, row, rule):
    file = open_input(write(f"{HEADER}1,Anna,Berg\n{row}\n2,Bo,Ek\n3,Eva,Lind\n"))
    assert faults(file) == [(3, None, rule)]
    assert ids(file) == ["1", *(["8"] if "8" in row else []), "2", "3"]


def test_broken_row_has_no_values(write):
    assert [dict(row.values) for row in open_input(write(HEADER + "1,Anna\n")) if row.rejected] == [{}]


def test_longest_field_is_kept(write):
    text = "x" * lines_module.MAX_FIELD_CHARACTERS
    assert len(good(open_input(write(f"{HEADER}1,Anna,{text}\n")))[0][1]["family_names"]) == len(text)


def test_row_longer_than_a_field_may_be(write):
    file = open_input(write(f"{HEADER}1,{'x' * 700_000},{'y' * 700_000}\n"))
    assert ids(file) == ["1"]


def test_an_unclosed_quotation_mark_swallows_no_row(write):
    rows = "".join(f"{n},Anna,Berg\n" for n in range(2, 5_000))
    file = open_input(write(f'{HEADER}1,"Anna,Berg\n{rows}'))
    assert faults(file) == [(2, None, "row.unterminated")]
    assert len(ids(file)) == 4_998


def test_a_quotation_mark_closed_by_the_next_one_swallows_no_row(write):
    file = open_input(write(f'{HEADER}1,"Anna,Berg\n2,Bo,Ek\n3,Eva,"Lind\n4,Bo,Ek\n'))
    assert faults(file) == [(2, None, "row.quoting"), (4, None, "row.unterminated")]
    assert ids(file) == ["2", "4"]


@pytest.mark.parametrize("cut", ["9", "9,Anna", '9,Anna,"Be', '9,"Anna"'])
def test_file_cut_in_its_last_row(write, cut):
    file = open_input(write(f"{HEADER}1,Anna,Berg\n{cut}"))
    assert faults(file) == [(3, None, "row.unterminated")]
    assert ids(file) == ["1"]


def test_record_id_missing(write):
    file = open_input(write(HEADER + ",Anna,Berg\n  ,Bo,Ek\n1,Eva,Lind\n"))
    assert faults(file) == [(2, "record_id", "record_id.missing"), (3, "record_id", "record_id.missing")]
    assert ids(file) == ["1"]


def test_record_id_that_comes_twice_is_for_the_encoder_to_see(write):
    assert ids(open_input(write(HEADER + "1,Anna,Berg\n 1 ,Eva,Lind\n"))) == ["1", "1"]


# Size.


@pytest.mark.parametrize(
    "field",
    [
        pytest.param("x" * 5_000_000, id="plain"),
        pytest.param(f'"{"x" * 5_000_000}"', id="quoted"),
        pytest.param('"' + "x\n" * 2_500_000 + '"', id="lines", marks=pytest.mark.whole),
        pytest.param('"' + ("x" * 499 + "\n") * 10_000 + '"', id="long lines"),
        pytest.param('"' + '""' * 2_500_000 + '"', id="quotes"),
    ],
)
def test_field_of_five_megabytes(write, field):
    path = write(f"{HEADER}1,Anna,{field}\n2,Bo,Ek\n")
    start = time.process_time()
    file = open_input(path)
    assert faults(file) == [(2, None, "row.field_too_long")]
    assert ids(file) == ["2"]
    # Reading it in linear time takes a fraction of this; a quadratic way takes hours.
    assert time.process_time() - start < 20


def test_line_of_any_length_takes_bounded_memory(write, monkeypatch):
    monkeypatch.setattr(lines_module, "MAX_RECORD_CHARACTERS", 2 << 20)
    path = write(HEADER.encode() + b"1,Anna," + b"x" * (24 << 20) + b"\n2,Bo,Ek\n")
    tracemalloc.start()
    file = open_input(path)
    assert faults(file) == [(2, None, "row.field_too_long")]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 16 << 20
    assert ids(file) == ["2"]


@pytest.mark.whole
def test_open_quotation_marks_on_every_line_take_linear_time(write, monkeypatch):
    monkeypatch.setattr(lines_module, "FREE_REREADING", 1 << 20)
    monkeypatch.setattr(lines_module, "MAX_RECORD_CHARACTERS", 1 << 20)
    n_read = 0
    next_line = lines_module.LineFeed.__next__

    def count(feed):
        nonlocal n_read
        n_read += 1
        return next_line(feed)

    monkeypatch.setattr(lines_module.LineFeed, "__next__", count)
    n_rows = 20_000
    # Read from outside of a quotation this line ends inside of one, and read from inside it does so too.
    file = open_input(write(HEADER + 'x","\n' * n_rows))
    assert {rule for _, _, rule in faults(file)} == {"row.unterminated"}
    assert n_read < 40 * n_rows


@pytest.mark.whole
def test_memory_does_not_grow_with_the_rows(write):
    def peak(n_rows: int) -> int:
        file = open_input(write(HEADER + "".join(f"{n},Anna Karin Maria,Berg\n" for n in range(n_rows))))
        tracemalloc.start()
        assert sum(1 for _ in file) == n_rows
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    # A row that were kept would take over a hundred bytes.
    assert peak(12_000) - peak(4_000) < 100_000


def test_python_csv_reads_the_same(write, tmp_path):
    rows = [[str(n), f'An"na{n}' if n % 3 else "An\nna", "Be,rg" if n % 2 else ""] for n in range(200)]
    path = tmp_path / "written.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADER.strip().split(","), *rows])
    read = [[row.values.get(name, "") for name in HEADER.strip().split(",")] for row in open_input(path)]
    assert read == rows


def test_rows_and_files_show_nothing(write):
    file = open_input(write(HEADER + "1,Anna,Berg\n2,Bo\n"))
    for row in file:
        assert "Anna" not in f"{row!r} {row}"
    assert "Anna" not in f"{file!r}"
