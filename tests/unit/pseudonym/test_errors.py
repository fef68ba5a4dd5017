"""What an error says in one sentence, which file it names, and that it reaches another process whole."""

import pickle
from pathlib import Path

import pytest

from pseudonym import load_codebook, load_profile
from pseudonym.encode import Encoder, Record
from pseudonym.errors import InputError, KeyFileError, OutputError, PseudonymError, concerning, names_its_file
from pseudonym.identity.reader import open_input
from pseudonym.keyed import LinkageKey
from pseudonym.wire import read_any_header


def test_an_error_says_where_what_why_and_what_to_do():
    error = InputError(
        "date.two_digit_year",
        "The year has two digits.",
        hint="Write it with four.",
        field="birth_date",
        row=17,
        path=Path("cases.xlsx"),
    )
    assert str(error) == (
        "cases.xlsx, row 17, birth_date: The year has two digits (date.two_digit_year). Write it with four."
    )
    assert repr(error) == "InputError(rule='date.two_digit_year')"


@pytest.mark.parametrize(
    ("context", "said"),
    [
        ({}, "It is empty (a.b)."),
        ({"hint": "Fill it."}, "It is empty (a.b). Fill it."),
        ({"path": Path("x/y")}, "x/y: It is empty (a.b)."),
        ({"row": 0}, "row 0: It is empty (a.b)."),
        ({"field": "sex", "row": 2}, "row 2, sex: It is empty (a.b)."),
    ],
)
def test_what_an_error_does_not_know_it_leaves_out(context, said):
    assert str(PseudonymError("a.b", "It is empty.", **context)) == said.replace("x/y", str(Path("x/y")))


def test_an_error_can_be_sent_to_another_process():
    error = InputError("a.b", "It is empty.", hint="Fill it.", field="sex", row=3, path=Path("cases.csv"))
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is InputError
    assert vars(again) == vars(error)
    assert str(again) == str(error)


def test_the_innermost_file_is_named():
    with pytest.raises(InputError) as caught, concerning("outer"), concerning(Path("inner")):
        raise InputError("a.b", "It is empty.")
    assert caught.value.path == Path("inner")
    with pytest.raises(ValueError, match="other"), concerning("outer"):
        raise ValueError("other")


def test_a_function_names_the_file_that_it_was_given():
    @names_its_file
    def read(path, *, deep):
        """Read."""
        raise InputError("a.b", f"It is {deep}.")

    with pytest.raises(InputError) as caught:
        read("cases.csv", deep="empty")
    assert (caught.value.path, caught.value.message, read.__doc__) == (Path("cases.csv"), "It is empty.", "Read.")


def _written_over(path):
    path.write_text("mine", encoding="utf-8")
    Encoder(LinkageKey.generate(), reporter="police").write(path, [Record("1", given_names="Eva")], sequence=1)


def _saved_over(path):
    path.write_text("mine", encoding="utf-8")
    LinkageKey.generate().save(path)


@pytest.mark.parametrize(
    ("use", "rule"),
    [
        (open_input, "input.unreadable"),
        (LinkageKey.load, "key.unreadable"),
        (load_codebook, "codebook.unknown"),
        (load_profile, "profile.unknown"),
        (read_any_header, "submission.unreadable"),
        (_written_over, "output.exists"),
        (_saved_over, "key.exists"),
    ],
)
def test_an_error_names_the_file_concerned(tmp_path, use, rule):
    path = tmp_path / "named"
    with pytest.raises(PseudonymError) as caught:
        use(path)
    assert (caught.value.rule, caught.value.path) == (rule, path)
    assert str(caught.value).startswith(f"{path}: ")


def test_an_error_found_while_rows_are_read_names_the_file(tmp_path):
    path = tmp_path / "cases.csv"
    path.write_text("record_id,given_names\n1,Eva\n", encoding="utf-8")
    rows = open_input(path)
    path.write_text("record_id,given_names\n1,Eva\n2,Bo\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        list(rows)
    assert (caught.value.rule, caught.value.path) == ("input.changed", path)


@pytest.mark.parametrize("text", ["PSEUDONYM-SECRET-LINKAGE-KEY-1.a.1.GEZDGNBV", "./LINKAGE-SECRET-REGISTRY-KEY-1.GEZ"])
def test_a_key_in_place_of_a_path_is_not_shown(text):
    with pytest.raises(KeyFileError) as caught:
        LinkageKey.load(text)
    assert (caught.value.rule, caught.value.path) == ("key.text", None)
    assert "GEZ" not in str(caught.value)


def test_an_output_in_a_missing_folder_is_named_beside_a_constant_message(tmp_path):
    with pytest.raises(OutputError) as caught:
        Encoder(LinkageKey.generate(), reporter="police").write_nothing(tmp_path / "no" / "such", sequence=1)
    assert (caught.value.rule, caught.value.path) == ("output.unwritable", tmp_path / "no" / "such")
    assert "such" not in caught.value.message
