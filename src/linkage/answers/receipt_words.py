"""What a receipt says in Swedish and English: headings, remedies, and rules."""

from __future__ import annotations

from typing import Final, NamedTuple

from pseudonym.faults import RULES

__all__ = ["LANGUAGES", "REMEDIES", "SWEDISH_RULES", "WORDS", "Words", "remedy", "rule_sentence"]

LANGUAGES: Final = ("en", "sv")


class Words(NamedTuple):
    """One text in both languages."""

    en: str
    sv: str


_DAMAGED: Final = Words(
    "Write the file again, check it with pseudonym check, and send it again.",
    "Skriv filen på nytt, kontrollera den med pseudonym check och skicka den igen.",
)
_HIGHER: Final = Words(
    "Encode again with a higher --sequence and send that file.",
    "Koda på nytt med ett högre --sequence och skicka den filen.",
)
_OTHER: Final = Words(
    "Ask the registry which key, epoch, profile and codebook are current, and encode again with them.",
    "Fråga registret vilken nyckel, epok, profil och kodbok som gäller och koda på nytt med dem.",
)

REMEDIES: Final[dict[str, Words]] = {
    "submission.before_complete": _HIGHER,
    "submission.before_withdrawal": Words(
        "Encode again without what you have withdrawn, with a higher --sequence, and send that file.",
        "Koda på nytt utan det som ni har återkallat, med ett högre --sequence, och skicka den filen.",
    ),
    "submission.codebook": _OTHER,
    "submission.codebook_ended": Words(
        "Encode again with the newest codebook, which the registry gives you, and send that file.",
        "Koda på nytt med den nyaste kodboken, som ni får av registret, och skicka den filen.",
    ),
    "submission.epoch": _OTHER,
    "submission.key_id": _OTHER,
    "submission.leaves_out": Words(
        "Check that the file is whole. If it is, tell the registry, which can accept it.",
        "Kontrollera att filen är hel. Är den det, meddela registret, som kan godta den.",
    ),
    "submission.profile": _OTHER,
    "submission.reporter": Words(
        "The registry decides whether you are to report for this period; contact it.",
        "Registret avgör om ni ska rapportera för perioden; kontakta registret.",
    ),
    "submission.sequence_jump": Words(
        "Encode again with --sequence and the number after your last one (see pseudonym show).",
        "Koda på nytt med --sequence och numret efter ert senaste (se pseudonym show).",
    ),
    "submission.sequence_used": _HIGHER,
    "submission.spec": Words(
        "Encode again with the version of pseudonym that the registry names.",
        "Koda på nytt med den version av pseudonym som registret anger.",
    ),
    "withdrawal.late": Words(
        "Write the withdrawal again with a higher --sequence and send that file.",
        "Skriv återkallelsen på nytt med ett högre --sequence och skicka den filen.",
    ),
}
"""What a reporter can do about a refusal; for every other rule the file is damaged."""

SWEDISH_RULES: Final[dict[str, str]] = {
    "record_id.missing": "Raden saknar post-id.",
    "record_id.duplicate": "En tidigare rad har samma post-id.",
    "record_id.form": "Ett post-id har 1 till 64 tecken, inga blanktecken i ändarna och inga styrtecken.",
    "record_id.number_like": "Ett post-id får inte se ut som ett svenskt personnummer.",
    "report_id.form": "Ett anmälnings-id har 1 till 64 tecken, inga blanktecken i ändarna och inga styrtecken.",
    "report_id.number_like": "Ett anmälnings-id får inte se ut som ett svenskt personnummer.",
    "case_id.form": "Ett ärende-id har 1 till 64 tecken, inga blanktecken i ändarna och inga styrtecken.",
    "case_id.number_like": "Ett ärende-id får inte se ut som ett svenskt personnummer.",
    "role.unknown": "En roll är victim, accompanying_adult eller accompanying_child.",
    "status.unknown": "En status är suspected eller confirmed; om ärendet är avslutat anges i case_state.",
    "case_state.unknown": "Ett ärende är open eller closed.",
    "event_date.form": "Ett händelsedatum skrivs ÅÅÅÅ-MM-DD, ÅÅÅÅ-MM eller ÅÅÅÅ och ska finnas i kalendern.",
    "report_date.form": "Ett anmälningsdatum skrivs ÅÅÅÅ-MM-DD, ÅÅÅÅ-MM eller ÅÅÅÅ och ska finnas i kalendern.",
    "discovered_on.form": "Dagen för upptäckt skrivs ÅÅÅÅ-MM-DD, ÅÅÅÅ-MM eller ÅÅÅÅ och ska finnas i kalendern.",
    "outcome_date.form": "Dagen för utgången skrivs ÅÅÅÅ-MM-DD, ÅÅÅÅ-MM eller ÅÅÅÅ och ska finnas i kalendern.",
    "payload.unknown_item": "Raden har en uppgift som inte finns i kodboken.",
    "payload.unknown_code": "Raden har ett värde som inte är en kod för uppgiften, eller inte på postens datum.",
    "payload.several": "Raden har flera koder för en uppgift som tar en, för många, eller i fel ordning.",
    "codes.counts": "Posten har inte så många koder som profilen anger.",
}
"""The rules that rows break at the registry; for any other the English sentence is shown."""

WORDS: Final[dict[str, Words]] = {
    "origin": Words(
        "Reporter: {reporter}. Period: {period}. Sequence number: {sequence}.",
        "Uppgiftslämnare: {reporter}. Period: {period}. Löpnummer: {sequence}.",
    ),
    "no period": Words("none", "ingen"),
    "received": Words("Received {at} (UTC): {outcome}.", "Mottagen {at} (UTC): {outcome}."),
    "stored": Words("stored", "lagrad"),
    "unchanged": Words("nothing new; counted as reported", "inget nytt; räknas som inlämnad"),
    "withdrawn": Words("withdrawal carried out", "återkallelsen är utförd"),
    "superseded": Words("stored; a newer version is there", "lagrad; en nyare version finns"),
    "refused": Words("refused; nothing was stored", "avvisad; ingenting lagrades"),
    "records": Words("Records in the file: {n}", "Poster i filen: {n}"),
    "cells": Words("Totals in the file, numbers: {n}", "Mängdstatistik i filen, antal uppgifter: {n}"),
    "erased totals": Words(
        "Erased totals files: {withdrawn_totals}.", "Raderade filer med mängdstatistik: {withdrawn_totals}."
    ),
    "named": Words("Records that the withdrawal names: {n}", "Poster som återkallelsen anger: {n}"),
    "new": Words("new: {n}", "nya: {n}"),
    "changed": Words("replacing an older version: {n}", "ersätter en äldre version: {n}"),
    "same": Words("unchanged: {n}", "oförändrade: {n}"),
    "late": Words(
        "older than the version that the registry holds, kept as history: {n}",
        "äldre än den version som registret har, sparade som historik: {n}",
    ),
    "not used": Words("not used, because they break a rule: {n}", "inte använda, eftersom de bryter mot en regel: {n}"),
    "erased": Words(
        "Erased (records, older versions, refused rows): {withdrawn}, {withdrawn_versions}, {withdrawn_rows}.",
        "Raderat (poster, äldre versioner, avvisade rader): {withdrawn}, {withdrawn_versions}, {withdrawn_rows}.",
    ),
    "unknown": Words(
        "Named, but not in the registry (records, cases): {unknown_records}, {unknown_cases}. Check the ids.",
        "Angivna, men finns inte i registret (poster, ärenden): {unknown_records}, {unknown_cases}. Kontrollera id.",
    ),
    "rows": Words(
        "Rows that were not used. Correct them and send them again, with a higher sequence number:",
        "Rader som inte användes. Rätta dem och skicka dem igen, med ett högre löpnummer:",
    ),
    "without id": Words(
        "{n} without an id that may be shown: see the rejects file", "{n} utan ett id som får visas: se avvisade rader"
    ),
    "more": Words("and {n} more, listed in the JSON file", "och {n} till, som står i JSON-filen"),
    "quality": Words("Identity fields, number of records:", "Identitetsfält, antal poster:"),
    "field": Words("field", "fält"),
    "missing": Words("missing", "saknas"),
    "unreadable": Words("unreadable", "oläsbara"),
    "marked": Words("marked", "markerade"),
    "no quality": Words(
        "No figures on identity fields: a file with fewer than 20 records carries none, because they would tell what a "
        "single record lacks.",
        "Inga uppgifter om identitetsfält: en fil med färre än 20 poster har inga, eftersom de skulle visa vad en "
        "enskild post saknar.",
    ),
    "why": Words("Why: {message} ({rule})", "Orsak: {message} ({rule})"),
    "do": Words("What to do: {remedy}", "Åtgärd: {remedy}"),
    "is missing": Words("Missing:", "Saknas:"),
    "nothing": Words("Nothing is missing.", "Ingenting saknas."),
    "silent": Words("{period}: nothing has come.", "{period}: ingenting har kommit."),
    "silent due": Words(
        "{period}: nothing has come; it was due on {due}.", "{period}: ingenting har kommit; sista dag var {due}."
    ),
    "came late": Words("{period}: came after {due}, its last day.", "{period}: kom efter {due}, sista dagen."),
    "before": Words(
        "The file before number {n} has not been received. Send it again.",
        "Filen före löpnummer {n} har inte tagits emot. Skicka den igen.",
    ),
    "key": Words("Linkage key {key_id}, epoch {epoch}.", "Länkningsnyckel {key_id}, epok {epoch}."),
    "profile": Words("Profile {profile} ({profile_digest}).", "Profil {profile} ({profile_digest})."),
    "codebook": Words("Codebook {codebook}.", "Kodbok {codebook}."),
    "only": Words(
        "This receipt concerns only what you have sent.\nIt says nothing about other reporters, persons or links.",
        "Kvittot gäller bara det som ni har skickat.\nDet säger inget om andra uppgiftslämnare, personer eller länkar.",
    ),
}
"""Every text of a receipt; braces are filled in."""


def remedy(rule: str, language: str = "en") -> str:
    """Return what a reporter can do about a refusal."""
    text: str = getattr(REMEDIES.get(rule, _DAMAGED), language)
    return text


def rule_sentence(rule: str, language: str = "en") -> str:
    """Return the sentence of a rule that a row broke; in English if there is none in the language."""
    return SWEDISH_RULES.get(rule, RULES[rule]) if language == "sv" else RULES[rule]
