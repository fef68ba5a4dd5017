"""`linkage link --engine spark`: options, and what a user sees."""

from __future__ import annotations

import pytest

from linkage import cli
from linkage.pipeline import Registry
from tests.sail import sail
from tests.unit.linkage.helpers import PROFILE, crowd, send


@pytest.fixture
def registry(tmp_path) -> str:
    made = Registry.create(tmp_path / "r", profile=PROFILE)
    for n, name in enumerate("ab"):
        made.receive(send(tmp_path / f"{name}.parquet", name, 1, crowd(name, range(n, n + 6))))
    return str(made.path)


@pytest.fixture
def run(capsys, monkeypatch):
    monkeypatch.delenv("SPARK_REMOTE", raising=False)

    def go(*arguments: object) -> tuple[int, str]:
        with pytest.raises(SystemExit) as caught:
            cli.main([str(argument) for argument in arguments])
        output = capsys.readouterr()
        return int(caught.value.code or 0), output.out + output.err

    return go


@pytest.mark.whole
@pytest.mark.parametrize("named", ["option", "variable"])
def test_a_cluster_links(registry, run, tmp_path, monkeypatch, named):
    words = ["--remote", sail()] if named == "option" else []
    monkeypatch.setenv("SPARK_REMOTE", sail() if named == "variable" else "")
    status, text = run("link", registry, "--engine", "spark", "--scratch", tmp_path / "scratch", *words)
    assert status == 0, text
    assert "Linked 12 records: 7 unique persons." in text


@pytest.mark.parametrize(
    "words",
    [
        ["--engine", "spark"],
        ["--engine", "spark", "--remote", "sc://127.0.0.1:1"],
        ["--engine", "spark", "--scratch", "folder"],
        ["--remote", "sc://127.0.0.1:1"],
        ["--scratch", "folder"],
        ["--master", "local[2]"],
        ["--engine", "flink"],
        ["--engine", "spark", "--master", "local[2]"],
        ["--engine", "spark", "--master", "sc://127.0.0.1:1", "--scratch", "folder"],
        ["--engine", "spark", "--remote", "local[2]", "--scratch", "folder"],
        ["--engine", "spark", "--remote", "sc://127.0.0.1:1", "--master", "local[2]", "--scratch", "folder"],
    ],
)
def test_options_that_do_not_go_together_are_wrong_usage(registry, run, words):
    assert run("link", registry, *words)[0] == 2


@pytest.mark.whole
def test_a_cluster_that_does_not_answer_has_a_status_and_no_address_in_its_message(registry, run, tmp_path):
    sail()
    address = "sc://127.0.0.1:1/;token=notshown"
    status, text = run("link", registry, "--engine", "spark", "--remote", address, "--scratch", tmp_path / "scratch")
    assert status == 6
    assert "No Spark Connect server answers" in text
    assert "notshown" not in text
    assert "Traceback" not in text
