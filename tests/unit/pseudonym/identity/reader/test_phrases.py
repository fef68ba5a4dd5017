"""What bodies write in place of a word of the specification is read where it is certain, and left where it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from pseudonym.encode import Encoder
from pseudonym.identity.numbers import read_type_word
from pseudonym.identity.reader import open_input
from pseudonym.identity.reader.phrases import PHRASES, meaning_of_phrase
from pseudonym.identity.reader.wordings import WORDED, in_one_word, number_with_system, type_in_one_word
from pseudonym.keyed import LinkageKey
from pseudonym.profile import load_profile
from pseudonym.wire import read_submission

READ = {
    ("sex", "woman"): (
        "dam, Damer, FRU, fröken, Frk., mrs, hon, kvinnan, Kvinnorna, flickan, tjejen, fl., Kvi, kvinn., ♀, "
        "juridisk kvinna, "
        "Kvinnlig person, flicka 12 år, ung kvinna, minderårig flicka, K - Kvinna, K-kvinna, 2 = Kvinna, kön: kvinna, "
        "kvinna och flicka, Kvinna [K], girl child, adult female, weiblich, nainen"
    ),
    ("sex", "man"): (
        "herr, Herrar, hr, mr, han, mannen, Männen, pojken, Pojkarna, po, Po., killen, grabbarna, gossen, ♂, manskön, "
        "juridisk man, M - Man, 1 - Man, man (pojke), pojke 8 år, äldre man: 70 år, maskulin, masc."
    ),
    ("sex", "other"): "icke binär, non binär, icke-binär person, annan könsidentitet, divers",
    ("sex", "unknown"): "okänt kön, oklart, ej fastställt, vill ej uppge, prefer not to say, unk",
    ("role", "victim"): (
        "Målsäganden, mål.äg., målsäg., Målsäg, MÄ, målsägare, brottsoff., offren, Victims, victim of crime, "
        "child victim, "
        "den utsatta, våldsutsatt kvinna, utsatt pojke, offer (barn), Victim (V), den drabbade, aggrieved party"
    ),
    ("role", "accompanying_child"): (
        "medf. barn, medflj. barn, medföljande barnet, medföljande flickor, minderårig medföljande, "
        "medföljande son (barn), "
        "accomp. child, accompanying minors"
    ),
    ("role", "accompanying_adult"): (
        "medf. vuxen, medföljande mamma, Medföljande vårdnadshavare, medföljande vuxen (mor), accompanying adults"
    ),
    ("status", "suspected"): "misst., Misst, misstankar, misstanke om brott, misstänkt utsatt, Misstänkta fall, susp.",
    ("status", "confirmed"): "bekr., konst., bekräftat brott, Bekräftade fall, fastst., konfirmerad, substantiated",
    ("status", "closed"): "avskr., nedl., FU nedlagd, arkiverad, avslutad 2026-03-01",
    ("case_state", "open"): (
        "påg., pågående utredning, förundersökning pågår, utreds, inlett, inte avslutad, oavslutat, "
        "Öppna ärenden, opened"
    ),
    ("case_state", "closed"): "nedl., avskr., stängdes, förundersökning nedlagd, ärendet avslutades, resolved",
    ("number_level", "styrkt"): "styrkt ID, ID styrkt, styrkt identitet (pass)",
    ("number_level", "sannolik"): "sannolikt, sannolik ID, identiteten sannolikgjord",
    ("number_level", "osaker"): "osäkert, osäker id",
    ("number_type", "personnummer"): "persnr, pers.nr., Pers nr, svenskt pnr, personnumret, civic registration number",
    ("number_type", "samordningsnummer"): "samordn.nr, Samordn nr, samordningsnumret, coordination no.",
    ("number_type", "interim"): "TF-nr, T-nr, tf nr, interims-pnr, tillf. personnummer, temporärt personnummer",
    (
        "number_type",
        "reserve_stockholm",
    ): "SLL reservnummer, SLL-reservnr, reservnr Stockholms län, reserve no Stockholm",
    (
        "number_type",
        "reserve_vgr",
    ): "VGR-reservnummer, Västra Götalandsregionens reservnr, Vastra Gotaland reservnummer",
    ("number_type", "reserve_skane"): "Region Skåne reservnr, skånskt reservnummer",
    ("number_type", "reserve_varmland"): "Värmland reservnr",
    ("number_type", "reserve_inera"): "Ineras reservnummer",
    ("number_type", "national_reserve"): "nationellt reservnr, nat. reservnummer, nationellt reserv-id",
    ("number_type", "lma"): "LMA-nr, LMA-kortnummer",
    ("number_type", "dossier"): "Migrationsverkets dossiernummer, Dossiernr Migrationsverket",
}

# Short for two words, negated, about somebody else, or of several persons.
LEFT = {
    "sex": (
        "1, 2, 9, D, G, H, P, T, X, K2, M/K/F, K (man), kvinna/okänt, transkvinna, f.d. kvinna, icke man, ej kvinna, "
        "man eller kvinna, kvinna och barn, kvinna & barn, kvinna med barn, fem"
    ),
    "role": (
        "barn, vuxen, medföljande, medf., medföljande syskon, medföljande (M), V, 1, Po, misstänkt, vittne, MT, "
        "ej brottsoffer, "
        "mor till offret, barn till offret, offrets mor, medföljande till offret, medföljande barn och vuxen, "
        "målsägandebiträde"
    ),
    "status": "ej bekräftad, obekräftad, ingen misstanke, bekräftad misstanke, trolig, ja, avsl., klar, vilande, S",
    "case_state": "avsl., klar, vilande, ny, beslutad, utredning avslutad, ej aktiv, delvis avslutad, O",
    "number_level": "ej styrkt, inte styrkt, styrkt/osäker, 1",
    "number_type": "VGR, SLL, T, SSN, passnummer, personnummer mor, VGR/SLL reservnummer, tillfälligt reservnummer, id",
}


def cases(table: dict[tuple[str, str], str]) -> list[tuple[str, str, str]]:
    return [(field, text, meaning) for (field, meaning), texts in table.items() for text in texts.split(", ")]


def meaning_of(field: str, text: str) -> str | None:
    """Return what the specification reads in a cell, after it is one word."""
    if field == "number_type":
        return read_type_word(type_in_one_word(text))
    return WORDED[field](in_one_word(field, text))


@pytest.mark.parametrize(("field", "text", "meaning"), [case for case in cases(READ) if case[2] != "unknown"])
def test_what_is_certain_is_read(field: str, text: str, meaning: str) -> None:
    assert meaning_of(field, text) == meaning
    assert meaning_of(field, text.upper()) == meaning


@pytest.mark.parametrize("text", READ["sex", "unknown"].split(", "))
def test_words_for_an_unknown_sex_are_one(text: str) -> None:
    assert in_one_word("sex", text) == "unknown"


@pytest.mark.parametrize(
    ("field", "text"), [(field, text) for field, all_ in LEFT.items() for text in all_.split(", ")]
)
def test_what_is_not_certain_stays_as_it_is(field: str, text: str) -> None:
    if field == "number_type":
        assert type_in_one_word(text) == text
    else:
        assert in_one_word(field, text) == text
        assert WORDED[field](text) is None


def test_two_types_and_a_reserve_number_of_no_place_name_no_type() -> None:
    assert [type_in_one_word(text) for text in ("pnr/samnr", "reservnr", "reserv-ID")] == ["number"] * 3
    assert read_type_word("number") is None


def test_sentences_are_no_phrases() -> None:
    long = " ".join(["utsatt"] * 9)
    assert all(meaning_of_phrase(field, text) is None for field in PHRASES for text in (long, "", "/", "x" * 200))


def test_a_number_beside_such_a_word() -> None:
    assert number_with_system("pers.nr 20110713-9824") == "personnummer|20110713-9824"
    assert number_with_system("LMA-nr: 12345678") == "lma|12345678"
    assert number_with_system("Nr 20110713-9824") == "Nr 20110713-9824"


def test_such_words_are_no_faults_in_a_file_and_others_are(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    rows = [
        "record_id;given_names;birth_date;sex;role;status;number;number_type",
        "1;Rut;2011-07-13;dam;mål.äg.;misst.;20110713-9824;pers.nr",
        "2;Bo;2010-01-02;Po;medf. barn;bekr.;;",
        "3;Siv;2011-07-13;D;Po;ej bekräftad;20110713-9824;SSN",
    ]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    encoder = Encoder(LinkageKey.generate(project="test", epoch=1), reporter="police")
    report = encoder.write(tmp_path / "out.parquet", open_input(path), period="2026-03", on_fault="ignore")
    assert {(fault.row, fault.field, fault.rule) for fault in report.faults} == {
        (4, "sex", "sex.unknown"),
        (4, "role", "role.unknown"),
        (4, "status", "status.unknown"),
        (4, "number_type", "number_type.unknown"),
    }
    submission = read_submission(tmp_path / "out.parquet", profile=load_profile("case-registry"), codebook=None)
    sent = {case["record_id"]: (case["role"], case["status"]) for case in submission.cases.to_pylist()}
    assert sent == {"1": ("victim", "suspected"), "2": ("accompanying_child", "confirmed"), "3": (None, None)}
