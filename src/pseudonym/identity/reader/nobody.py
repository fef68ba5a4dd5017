"""Words for somebody whom nobody knows that the tables lack: `Ingen`, `Baby` and `A`, `لا يوجد`, `不明`.

The placeholders of names are part of the frozen tables (docs/spec.md, section 4.1), so one more would change every code
of every reporter. What is read here becomes one that they have before it is a name. In a script other than Latin a word
is compared as it is written: read as Latin letters, 不明 is Bu Ming, who is somebody. A field counts only as a whole,
and a word that may be a name only if both fields have nothing else.
"""

from __future__ import annotations

import re
from typing import Final

from pseudonym.identity.reader.nobody_words import ASIDE, RELATED, TWICE, folded, says_nobody
from pseudonym.memory import kept
from pseudonym.tables import TABLES

__all__ = ["UNKNOWN", "is_nobody", "is_nobody_together"]

UNKNOWN: Final = "ok\u00e4nd"
"""The placeholder of the tables that such words become."""

LONGEST: Final = 40
NAMES_CACHED: Final = 1 << 14


def _phrases(*lines: str) -> frozenset[str]:
    return frozenset(folded(phrase) for line in lines for phrase in line.split(","))


_NOBODY: Final = _phrases(
    "ospecificerad, ospecificerat, fingerad, fingerat, fingerade, fingerad identitet, fingerade personuppgifter",
    "ingenting, ingen person, ingen identitet, ingen legitimation, inget id, inga dokument",
    "ej fastställd, ej fastställt, ej klarlagd, ej klarlagt, ej utredd, ej utrett, saknar identitet",
    "saknar namn, saknar id, namn ej känt, namn ej uppgivet, namn ej angivet, namn okänt",
    "utan identitet, finns inget namn, framgår ej, framgår inte",
    "nobody, no one, noone, somebody, someone, no identity, no id, name not known, name not given, name withheld",
    "do not know, dont know, not identified, not determined, not disclosed, not specified, not recorded, not provided",
    "anonim, anonimo, anonima, anonimna, anonimno, anonymer, anonymt, anonymi, anonyymi, bezimienny, bezimienna",
    "k.A., o.A., ohne Angabe, ohne Namen, nicht identifiziert, nicht feststellbar, unbenannt, niemand, geen naam",
    "zonder naam, naamloos, niet bekend, senza nome, ignoto, ignota, nessuno, non noto, non nota, non identificato",
    "non identificata, sem nome, não informado, não consta, não identificado, não identificada, sin datos, no sabe",
    "no identificado, no identificada, non identifié, non identifiée, non communiqué, néant, aucun nom, pas de nom",
    "nepoznata osoba, nepoznato lice, bez imena, nepoznat identitet, fără nume, neidentificat, neidentificată",
    "e panjohur, i paidentifikuar, e paidentifikuar, pa emër, névtelen, bevárdis, nenoskaidrots, nenustatyta",
    # Kurdish, Somali and Vietnamese in Latin letters.
    "bê nav, bênav, navê wî tune, nayê zanîn, nenas, nenaskirî, namalom, namaloum, na malom",
    "magac la'aan, magac la’aan, magac laaan, magac ma laha, magac ma leh, ma jiro, ma jirto, ma yaqaan, lama oga",
    "lama aqoon, lama aqoonsan, qof aan la aqoon, qof aan la garanayn, gabadh aan la aqoon, ilmo aan la aqoon",
    "không rõ, không rõ tên, không biết, không có tên, không tên, không xác định, chưa rõ, chưa có tên, vô danh",
    # Arabic, Persian, Dari, Pashto, Urdu and Kurdish.
    "لا يوجد, لا يوجد اسم, لايوجد, غير معلوم, غير معلومة, غير محدد, غير محددة, غير متوفر, غير متوفرة, غير مذكور",
    "غير معرف, غير معرفة, لا اسم, لا اسم له, بلا اسم, مجهول الهوية, مجهولة الهوية, مجهول الاسم, مجهولة الاسم",
    "مجهول النسب, لا أحد, لم يذكر, لم يحدد, ليس معروفا, ليس لديه اسم, شخص مجهول, طفل مجهول, طفلة مجهولة",
    "ناشناس, ناشناخته, نامشخص, نامعلوم, نا معلوم, نا مشخص, بی نام, بدون نام, معلوم نیست, مشخص نیست, ندارد",
    "هویت نامعلوم, مجهول الهویه, اسم ندارد, نام ندارد, نامعلومه, نوم نلري, نه دی معلوم, بے نام",
    "نەناسراو, نەزانراو, بێ ناو, بێناو, نادیار, ناسنامە نەزانراو",
    # Tigrinya and Amharic.
    "ዘይተፈልጠ, ዘይተፈልጠት, ዘይተፈልጡ, ዘይፍለጥ, ዘይፍለጡ, ዘይትፍለጥ, ስም የብሉን, ሽም የብሉን, ስም የብላን, ሽም የብላን, ኣይፍለጥን, ኣይትፍለጥን",
    "ያልታወቀ, ያልታወቀች, ያልታወቁ, የማይታወቅ, የማትታወቅ, አይታወቅም, አልታወቀም, ስም የለም, ስም የለውም, ስም የላትም, ስም አልባ, ስመ አልባ",
    # Ukrainian, Russian, Bulgarian, Serbian and Macedonian.
    "немає, немає імені, ім'я невідоме, не відомо, не відомий, не відома, не вказано, невстановлено",
    "невстановлений, невстановлена, не встановлений, не встановлена, невстановлена особа, невідома особа, відсутнє",
    "відсутній, відсутня, без прізвища, безіменний, безіменна, анонім, нет, нет имени, не известно, не известен",
    "не известна, не указано, не указан, не указана, неустановлено, неустановленный, неустановленная, не установлено",
    "неустановленное лицо, неизвестное лицо, отсутствует, без фамилии, безымянный, безымянная, аноним, имя неизвестно",
    "неизвестен, неизвестна, непознат, непозната, непознато, без име, безименен, анонимен, без имена",
    # Chinese, Japanese and Korean.
    "不明, 不详, 不詳, 未知, 未详, 未詳, 无名, 無名, 无名氏, 無名氏, 佚名, 匿名",
    "不知, 不知道, 没有, 沒有, 无, 無, 暂无, 暫無, 没有名字, 沒有名字, 姓名不详, 姓名不詳, 姓名不明, 身份不明",
    "不明身份, 未提供, 未填写, 未填寫, 未命名, 未登记, 某, 某某, 名無し, 名前なし, 氏名不詳, 身元不明, わからない",
    "불명, 미상, 무명, 모름, 이름 없음, 이름없음, 신원미상, 신원 미상, 성명불상",
    # Thai, Hindi, Nepali, Bengali, Tamil, Greek, Hebrew, Armenian and Georgian.
    "ไม่ทราบ, ไม่ทราบชื่อ, ไม่มี, ไม่มีชื่อ, ไม่ระบุ, ไม่รู้จัก, นิรนาม, अज्ञात, अनजान, बेनाम, नामहीन, नाम नहीं",
    "অজ্ঞাত, অজানা, নামহীন, தெரியாத, தெரியவில்லை, அறியப்படாத, άγνωστος, άγνωστη, άγνωστο, ανώνυμος, χωρίς όνομα",
    "לא ידוע, לא ידועה, אלמוני, אלמונית, ללא שם, אין שם, անհայտ, անանուն, უცნობი, უცნობია, უსახელო",
)
"""Whole fields, which nobody has as a name."""

_IN_GIVEN: Final = _phrases(
    "ingen, inget, none, baby, bebis, barn, spädbarn, nyfödd, person, individ, flicka, pojke, kvinna, kille, vuxen",
    "ungdom, offer, brottsoffer, målsägande, anhörig, syskon, klient, brukare, patient, elev, asylsökande, migrant",
    "child, girl, boy, woman, male, female, adult, minor, victim, client, student, kind, enfant, tjej, jongen",
    "meisje, bébé, nourrisson, новонароджена, новонароджений, немовля, مولود, مولودة, مولود جديد, رضيع, 女婴, 男婴",
    "ms, mr, mrs",
).union(RELATED)
"""Words in place of a given name. A few of them are names elsewhere, so they need a family name that is none."""

_IN_FAMILY: Final = _IN_GIVEN - {"person", "kind", "granne", "boy", *TABLES["as_names"]["family_names"]}
"""Words in place of a family name; the others are borne in Sweden."""

_OF_TABLES: Final = frozenset(TABLES["nameless"])

_ONE_LETTER: Final = re.compile("([a-z])\\1+")
"""A letter that is repeated, which is a name only beside one that is not."""


def is_nobody(text: str) -> bool:
    """Return whether a field says that nobody knows who it is, in words that the tables lack.

    Args:
        text: Given names or family names, trimmed.

    >>> is_nobody("Fingerad"), is_nobody("Ingen")
    (True, False)
    """
    if len(text) > LONGEST:
        return False
    words = folded(text)
    # A single word of the tables stays: it is a placeholder, or written as a name.
    return words in _NOBODY or (words not in _OF_TABLES and says_nobody(words))


def is_nobody_together(given: str, family: str) -> bool:
    """Return whether two fields, of which each may be a name, together are none: `Ingen` twice, `Person` and `A`.

    Args:
        given: The given names, trimmed.
        family: The family names, trimmed.

    >>> is_nobody_together("Ingen", "Ingen"), is_nobody_together("Baby", "Person"), is_nobody_together("A", "Person")
    (True, False, False)
    """
    if not given or not family or len(given) + len(family) > LONGEST:
        return False
    one = _in_place_of_name(given)
    if not one:
        return False
    other = folded(family)
    if one == other:
        return True
    if one in TWICE:
        return False
    if _ONE_LETTER.fullmatch(one):
        return _ONE_LETTER.fullmatch(other) is not None
    return all(word in _IN_FAMILY or _numbers(word) for word in other.split(" ")) or says_nobody(other)


@kept(NAMES_CACHED)
def _in_place_of_name(given: str) -> str:
    """Return given names, folded, that may stand where there is no name; nothing for all others."""
    text = folded(given)
    if text in TWICE or _ONE_LETTER.fullmatch(text):
        return text
    words = text.split(" ")
    unnamed = all(word in _IN_GIVEN or word in ASIDE or _numbers(word) for word in words)
    return text if unnamed and not _IN_GIVEN.isdisjoint(words) else ""


def _numbers(word: str) -> bool:
    """Return whether a word numbers persons who have no name: a letter or a number."""
    return len(word) == 1 or word.isdecimal()
