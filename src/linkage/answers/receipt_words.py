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

_KEY: Final = Words(
    "Call the registry. If the file is yours, seal it again with the key with which you are enrolled.",
    "Ring registret. Är filen er, försegla den på nytt med den nyckel som ni är inskrivna med.",
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
    "sealed.recipient": Words(
        "Ask the registry for a new invite, compare the fingerprints by telephone, and seal the file again with it.",
        "Be registret om en ny inbjudan, jämför fingeravtrycken per telefon och försegla filen på nytt med den.",
    ),
    "sender.enrolled_only": Words(
        "The registry takes signed files only: ask it for an invite, answer with pseudonym enrol, and seal the file.",
        "Registret tar bara emot undertecknade filer: be om en inbjudan, svara med pseudonym enrol och försegla filen.",
    ),
    "sender.key": _KEY,
    "sender.key_id": Words(
        "Tell the registry, which must set the key of the project first.",
        "Meddela registret, som först måste ange projektets nyckel.",
    ),
    "sender.replaced": Words(
        "Encode and seal again with your present key.", "Koda och försegla på nytt med er nuvarande nyckel."
    ),
    "sender.revoked": _KEY,
    "sender.suspended": Words(
        "The registry takes nothing from you for the time being; call it. The file need not be made again.",
        "Registret tar för närvarande inte emot något från er; ring dit. Filen behöver inte göras om.",
    ),
    "sender.unknown": Words(
        "Answer the invite of the registry with pseudonym enrol; once it has enrolled you, it can receive the file.",
        "Svara på registrets inbjudan med pseudonym enrol; när registret har skrivit in er kan det ta emot filen.",
    ),
    "sender.unsigned": Words(
        "If the file is yours, write it again with --to and --body-key, so that it is signed. If it is not, tell the "
        "registry at once.",
        "Är filen er, skriv den på nytt med --to och --body-key, så att den undertecknas. Är den inte er, meddela "
        "registret genast.",
    ),
    "submission.reporter": Words(
        "The registry decides whether you are to report for this period; contact it.",
        "Registret avgör om ni ska rapportera för perioden; kontakta registret.",
    ),
    "submission.reporter_near": Words(
        "Check the code of the reporter. If it is a slip, encode again with the right one; else contact the registry.",
        "Kontrollera uppgiftslämnarens kod. Är den felskriven, koda på nytt med rätt kod; annars kontakta registret.",
    ),
    "submission.replaces_most": Words(
        "Check that each record id still means the same person. If it does, tell the registry, which can accept the "
        "file.",
        "Kontrollera att varje post-id fortfarande avser samma person. Gör det det, meddela registret, som kan godta "
        "filen.",
    ),
    "submission.sequence_ahead": Words(
        "Check the clock of the computer, and encode again with --sequence and the number after your last one (see "
        "pseudonym show). If the number is right, tell the registry, which can accept the file.",
        "Kontrollera datorns klocka och koda på nytt med --sequence och numret efter ert senaste (se pseudonym show). "
        "Är numret rätt, meddela registret, som kan godta filen.",
    ),
    "submission.sequence_behind": Words(
        "If the file holds corrections, encode again with a higher --sequence than ever before. If it is only late, "
        "tell the registry, which can accept it.",
        "Innehåller filen rättelser, koda på nytt med ett högre --sequence än någonsin. Är den bara sen, meddela "
        "registret, som kan godta den.",
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
    "record_id.formula": "Ett post-id får inte börja med =, +, - eller @, som kalkylprogram tar för en formel.",
    "record_id.number_like": "Ett post-id får inte se ut som ett svenskt personnummer.",
    "report_id.form": "Ett anmälnings-id har 1 till 64 tecken, inga blanktecken i ändarna och inga styrtecken.",
    "report_id.formula": "Ett anmälnings-id får inte börja med =, +, - eller @, som kalkylprogram tar för en formel.",
    "report_id.number_like": "Ett anmälnings-id får inte se ut som ett svenskt personnummer.",
    "case_id.form": "Ett ärende-id har 1 till 64 tecken, inga blanktecken i ändarna och inga styrtecken.",
    "case_id.formula": "Ett ärende-id får inte börja med =, +, - eller @, som kalkylprogram tar för en formel.",
    "case_id.number_like": "Ett ärende-id får inte se ut som ett svenskt personnummer.",
    "role.unknown": "En roll är victim, accompanying_adult eller accompanying_child.",
    "status.unknown": "En status är suspected eller confirmed; om ärendet är avslutat anges i case_state.",
    "case_state.unknown": "Ett ärende är open eller closed.",
    "event_date.form": "Ett händelsedatum skrivs ÅÅÅÅ-MM-DD, ÅÅÅÅ-MM eller ÅÅÅÅ och ska finnas i kalendern.",
    "event_date.day": "Ett händelsedatum lämnas som ÅÅÅÅ-MM eller ÅÅÅÅ, om inte kodboken anger skäl för dagen.",
    "report_date.form": "Ett anmälningsdatum skrivs ÅÅÅÅ-MM-DD, ÅÅÅÅ-MM eller ÅÅÅÅ och ska finnas i kalendern.",
    "report_date.day": "Ett anmälningsdatum lämnas som ÅÅÅÅ-MM eller ÅÅÅÅ, om inte kodboken anger skäl för dagen.",
    "discovered_on.form": "Dagen för upptäckt skrivs ÅÅÅÅ-MM-DD, ÅÅÅÅ-MM eller ÅÅÅÅ och ska finnas i kalendern.",
    "discovered_on.day": "Dagen för upptäckt lämnas som ÅÅÅÅ-MM eller ÅÅÅÅ, om inte kodboken anger skäl för dagen.",
    "outcome_date.form": "Dagen för utgången skrivs ÅÅÅÅ-MM-DD, ÅÅÅÅ-MM eller ÅÅÅÅ och ska finnas i kalendern.",
    "outcome_date.day": "Dagen för utgången lämnas som ÅÅÅÅ-MM eller ÅÅÅÅ, om inte kodboken anger skäl för dagen.",
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
    "held": Words(
        "held back until the registry has decided; nothing was stored",
        "hålls kvar tills registret har beslutat; ingenting har lagrats",
    ),
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
    "signed": Words("You have signed the file.", "Ni har undertecknat filen."),
    "unsigned": Words(
        "The file was not signed: anybody could have made it. See whether it is yours.",
        "Filen var inte undertecknad: vem som helst kan ha gjort den. Se efter om den är er.",
    ),
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
