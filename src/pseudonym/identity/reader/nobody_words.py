"""Words of which people make phrases for somebody whom nobody knows: `Obekant äldre dam`, `Namn ej noterat`, 未知女孩.

No list has all phrases, so a text is read word by word. It says that nobody knows the person if each of its words is
known, and one of them says so, or one denies and another says what was not done. A word of a real name is unknown here,
and then the whole text is a name. Words of the tables count too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from pseudonym.tables import TABLES

__all__ = ["ASIDE", "RELATED", "TWICE", "folded", "says_nobody"]

_APOSTROPHES: Final = frozenset("'\u2019\u2018`\u00b4\u02bc\u02bb")


def folded(text: str) -> str:
    """Return the small letters and digits of a text without marks, its words parted by single spaces.

    >>> folded("N\u00e9o-natal (2)")
    'neo natal 2'
    """
    kept = []
    for character in unicodedata.normalize("NFKD", text.casefold()):
        kind = unicodedata.category(character)[0]
        if kind in "LN" or unicodedata.category(character) == "Mc":
            kept.append(character)
        elif kind in "PSZ" and character not in _APOSTROPHES:
            kept.append(" ")
    return " ".join("".join(kept).split())


def _words(*lines: str) -> frozenset[str]:
    return frozenset(folded(word) for line in lines for word in line.split())


_NOT_KNOWN: Final = _words(
    "avidentifierad avidentifierat avidentifierade anonymiserat anonymiserade pseudonymiserad pseudonymiserat",
    "borttagen borttaget borttagna maskerat maskerade maskad maskat gallrat gallrade obekant obekanta oviss ovisst",
    "osäker osäkert sekretesskyddad sekretesskyddat sekretesskyddade sekretessbelagt sekretessbelagda sekretesskydd",
    "sekretessmarkering sekretessmarkerat sekretessmarkerade kvarskrivning konfidentiell konfidentiellt hemliga",
    "dödfödd dödfött oläslig oläsligt svårläst otydlig otydligt namnlöst namnlösa fiktiv fiktivt fiktiva",
    "reservperson reservuppgift identitetslös oregistrerad oregistrerat odokumenterad odokumenterat anonymitet",
    "ouppgiven ouppgivet outredd outrett onämnd ospecificerad ospecificerat fingerad fingerat fingerade",
    "vårdnadshavare gärningsperson anonymized anonymised pseudonymized pseudonymised unnamed undocumented",
    "unreadable illegible unclear uncertain undetermined unaccompanied stillborn unkn ukn undeclared unidentifiable",
    "fortrolig fortroligt hemmeligt beskyttet nimettömän anonyymi anoniem anonieme vertraulich vertrouwelijk",
    "onbekende imprécis indéterminé indéterminée inconnus confidentiel confidentielle anonyme anónimo anônimo",
    "anônima desconhecida desconhecido desconocida desconocido sconosciuto sconosciuta sconosciuti necunoscut",
    "necunoscută neidentificat neidentificată anonimowy anonimowa nieznany nieznana nieznane neznámý neznámá",
    "neznámé neznáme neznaný neznan neznana neznano nezjištěno neuvedeno neuvedené nepoznat nepoznata nepoznato",
    "nepoznatog nevidoma nevidomyi nevidomyy nevidomo neizvestnaya neizvestnyy neizvestnyj neizvestno nezināms",
    "nezināma nežinomas nežinoma tundmatu teadmata nimetu ismeretlen névtelen bilinmeyen bilinmiyor belirtilmemiş",
    "belirsiz isimsiz kimliksiz meçhul panjohur paidentifikuar majhul majhula majhool majhoul majhoula namalum",
    "namaloom nashenas nashinas nenas nenasyar nenaskirî bênav niranam zeytefelte zeyteflte zeyfelet zeyfilet",
    "yaltaweke yaltaweqe yaltawoqe aytawekim aytaweqim qarsoon biprindžardo biprindžardi bipinzardo bipindžardo",
    "naprindžardo naprindžardi bianavesko našundo wumingshi مجهول مجهولة مجهوله المجهول المجهولة نامعلوم نامعلومه",
    "ناشناس ناشناخته نامشخص نەناسراو نەزانراو نادیار سري ዘይተፈልጠ ዘይተፈልጠት ዘይተፈልጡ ዘይፍለጥ ዘይፍለጡ ዘይትፍለጥ ያልታወቀ ያልታወቀች",
    "ያልታወቁ የማይታወቅ የማትታወቅ አይታወቅም невідомий невідома невідоме невідомо невідомі неизвестный неизвестная неизвестное",
    "неизвестно неизвестные аноним анонімно неизвестен неизвестна непознат непозната непознато безіменний безіменна",
    "безымянный безымянная άγνωστος άγνωστη άγνωστο ανώνυμος ανώνυμη अज्ञात अनजान অজ্ঞাত অজানা",
) | frozenset(TABLES["nameless"]).difference(*TABLES["as_names"].values())
"""Words that say it alone. Nobody is called so."""

_DENY: Final = _words(
    "ej inte icke ingen inget inga saknar saknas utan aldrig no not non without ikke uten uden ei nicht kein keine",
    "keinen ohne niet geen pas aucun aucune sans sin sem não nu nie ne bez beze nav nėra nincs yok nuk pa aan lama",
    "غير لا بدون بلا ليس لم بی ندارد نیست нет не немає без ни δεν χωρίς",
)
_NOT_DONE: Final = _words(
    "noterat noterad dokumenterat dokumenterad dokumenterade ifyllt ifylld besvarat besvarad svar aktuellt relevant",
    "lämnat lämnad läsa läsas läsbar läsbart uppge uppger uppgav uppgett uppgivet uppgiven angett angivet angiven",
    "information data registrerat registrerad identifierad identifierat identifierade styrkt styrkta fastställd",
    "fastställt klarlagd klarlagt utredd utrett klart känd känt kända namngiven namngivet känner okänd veta vet",
    "given provided stated recorded specified disclosed available applicable known determined registered oppgitt",
    "oplyst kjent kendt registrert registreret ilmoitettu tiedossa tiedetä tunneta bekannt angegeben verfügbar",
    "genannt feststellbar identifiziert bekend opgegeven vermeld beschikbaar connu connue précisé précisée déclaré",
    "déclarée disponible renseigné communiqué identifié sait consta sabe especificado especificada identificado",
    "informado informada conhecido identificada noto nota disponibile identificato știe cunoscut identificat znane",
    "znany znana podano wiadomo známo uvedeno zjištěno poznat poznato poznata zināms žinomas adat bilgi dihet aqoon",
    "garanayn garanayo yaqaan yaqaano znaet вказано відомо відомий відома встановлено известно известен известна",
    "указано установлено познат позната معروف معروفة معروفه محدد محددة مذكور متوفر معلوم أعرف اعرف أعلم اعلم يعرف",
    "معرف مشخص دانم میدانم γνωστό",
    # Without a name: the word denies with them too.
    "namn namnet name names navn naam nombre nome nume imię imienia jméno jména ime imena név nimi adı emër anav",
    "magac اسم نام имя имени ім'я імені",
)
ASIDE: Final = _words(
    "och eller en ett den det de av till för från med i på om att som är var kan kunde vill ville önskar vara blev",
    "har hade går heter kallas kallad uppges troligen möjligen kanske ännu tills vidare tillfälligt tillfällig",
    "senare nu efter namn namnet förnamn förnamnet efternamn efternamnet id identitet identiteten personuppgift",
    "uppgift uppgifter uppgiften personnummer ca cirka omkring ungefär mellan över under född födda år årig åring",
    "åringen månader veckor ålder åldern nr nummer två tre fyra första andra tredje ung unga yngre äldre vuxen",
    "vuxna gammal gamla liten lilla litet äldst äldsta yngst yngsta okända svensk svenska utländsk utländska",
    "somalisk afghansk syrisk irakisk iransk eritreansk etiopisk romsk rumänsk bulgarisk rysk polsk ukrainsk",
    "kinesisk vietnamesisk thailändsk turkisk arabisk kurdisk marockansk albansk nigeriansk somaliska syriska",
    "arabisktalande arabiska medborgare eu kropp foster bror lillebror lillasyster vän dotter son söner döttrar",
    "syskon make maka förälder föräldrar approx approximately about aged age old year years month months name names",
    "surname forename first last the a an of and or body person persons people yet to be don't does did who young",
    "older elderly small adult adults man men dam damen dame herre herren fru tant gubbe woman women boy girl boys",
    "girls child children baby minor mr mrs ms miss mister navn mann kvinne barn gutt jente kvinde mand dreng pige",
    "nimi mies nainen lapsi poika tyttö herr frau kind junge mädchen männlich weiblich naam vrouw jongen meisje nom",
    "prénom femme homme enfant garçon fille bébé bé trai gái mineur mineure accompagné isolé personne nombre",
    "apellido apellidos mujer hombre niño niña persona menor nome homem mulher criança menino menina pessoa donna",
    "uomo bambino bambina cognome nume prenume femeie bărbat copil fată băiat persoană se imię imienia nazwisko",
    "nazwiska kobieta mężczyzna dziecko dziewczynka chłopiec osoba żena žena muž dítě dieťa jména jméno dívka",
    "chlapec muškarac dijete dete djevojčica devojčica dječak dečak ime imena oseba lice bērns vaikas moteris vyras",
    "asmuo naine mees laps nő férfi gyermek gyerek lány fiú név személy kadın erkek çocuk kız oğlan kişi adı soyadı",
    "vajzë djalë fëmijë grua burrë emër e nav na bint tifl walad ibn dokhtar pesar zan mard keça keç kur nin naag",
    "gabar wiil cunug qof ilmo magac magaca la ma leh čhaj čhavo manuš anav divchyna zhinka cholovik dytyna",
    "zhenshchina muzhchina devochka malchik شخص طفل طفلة ولد بنت فتاة فتى رجل امرأة سيدة مولود مولودة جديد جديدة",
    "رضيع رضيعة الاسم اسم اسمه له الهوية هوية زن مرد دختر پسر کودک بچه نام هویت نمی نجلۍ هلک ښځه کچی کچ کوڕی کوڕ ژن",
    "پیاو منداڵ ناو ጓል ወዲ ሰብ ቆልዓ ሰበይቲ ሰብኣይ ሴት ወንድ ልጅ ሰው ህጻን ስም ሽም дівчина дівчинка хлопець хлопчик чоловік жінка",
    "дитина особа немовля новонароджена новонароджений ім'я імені прізвище даних девочка мальчик мужчина женщина",
    "ребенок ребёнок лицо имя имени фамилия данных девушка момче момиче жена мъж дете лице име κορίτσι αγόρι",
    "γυναίκα άνδρας παιδί όνομα",
) | frozenset(TABLES["persons"])
"""Words beside these, which say nothing alone."""

RELATED: Final = _words(
    "pojkvän flickvän fästman fästmö kompis kompisen vännen väninna granne grannen styvfar styvmor styvpappa",
    "styvmamma plastpappa plastmamma bonuspappa bonusmamma fosterfar fostermor familjehem morfar mormor farfar",
    "farmor faster moster morbror farbror kusin kusinen syssling make maken sambo sambon särbo hustru hustrun",
    "halvsyster halvbror storebror storasyster brodern syster systern sonen dotter dottern syskon syskonet tvilling",
    "trilling systerson systerdotter barnbarn svärmor svärfar svåger svägerska brud bruden brudgum brudgummen pappa",
    "pappan mamma mamman modern far fadern förälder föräldern vårdnadshavare vårdnadshavaren släkting släktingen",
    "anhörig anhöriga bekant bekanta medföljande medföljare gärningsman gärningsmannen gärningsperson förövare",
    "förövaren misstänkt misstänkta vittne vittnet målsägare målsägande målsäganden anmälare anmälaren anmäld",
    "uppgiftslämnare brottsoffer offer offret köpare köparen sexköpare hallick kund kunden chaufför chauffören",
    "arbetsgivare arbetsgivaren kollega rekryterare smugglare tiggare migrant invandrare medborgare hemlös",
    "prostituerad brukare brukaren klient klienten patient patienten elev eleven student deltagare sökande boende",
    "ensamkommande asylsökande flykting papperslös spädbarn nyfödd nyfött bebis ekb victim witness suspect client",
    "mother father sister brother daughter wife husband spouse partner boyfriend girlfriend friend neighbour",
    "neighbor uncle aunt cousin guardian parent relative fetus foetus infant newborn driver employer buyer",
    "trafficker perpetrator offender caller informant refugee applicant resident",
)
"""Words for somebody by what they are to others, which stand where there is no given name. Those that people are called
(*Bror*, *Mor*, *Vän*, which is *Van* without its dots) are left out."""

TWICE: Final = frozenset(
    folded(phrase)
    for line in (
        "tom, tomt, tomma, blank, empty, dold, dolt, hidden, removed, refused, refused to answer, declined, null",
        "nil, abc, declined to answer, protected, protected identity, same, samma, dito, ditto, som ovan, as above",
        "see above, asd, dummy, placeholder, test, tbd, tba, tbc, asdf, qwerty, missing, missing name, unsure",
        "salainen, aucun, aucune, wu ming, bu ming, wei zhi, bu zhi dao, bu xiang, buxiang, mai ru, mai sap",
        "mai sap chue, mai thrab chux, la adri, la yujad, la aerif, nizanim, khong ro, khong ten, khong biet",
        "vo danh, chua ro, sim yelem, reserv",
    )
    for phrase in line.split(",")
)
"""Fields that say it where given and family names are the same. Each of them may be a name with another."""

_PHRASES: Final = frozenset(
    folded(phrase)
    for line in (
        "se akt, se journal, se bilaga, se ovan, se nedan, se fritext, se anteckning, se anteckningar, se anmälan",
        "fritext, se rapport, se ärende, se bifogat, se annan, se text, kompletteras, kompletteras senare",
        "kommer senare, utreds, under utredning, tillfälligt namn, reservnummer, sekretess gäller, ej tillämpligt",
        "ej tillämplig, eu migrant, see file, see notes, see report, see attached, to be determined",
        "to be confirmed, to be announced, do not know, prefers not to say, prefer not to say, would not say",
        "wont say, will not say, no information, no data, non accompagné, ne sait pas, beze jména, nincs adat",
        "bilgi yok, nėra duomenų, nav zināms, nuk dihet, nu se știe, mineur isolé, ma garanayo, ma aqaan",
        "magac lama yaqaan, magaca lama yaqaan, ni vide, ስም የለሽ, نمیدانم, نمی دانم, bi prindžardo, bi prindžardi",
        "na prindžardo, na prindžardi, na džanel pe, nane anav, bi anavesko, bi anaveski, čhaj bi anavesko",
        "čhavo bi anavesko, khuyết danh, ẩn danh, dold identitet, declined to answer, mineur non accompagné",
        "bé gái không rõ, bé trai không rõ, chưa xác định, người lạ, không rõ tên, ghayr maaruf, haijulikani",
        "hajulikani, hindi kilala, di kilala, walang pangalan, sijulikani, jina halijulikani",
    )
    for phrase in line.split(",")
)

_UNSPACED: Final = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_SAY_IN_ONE: Final = _words(
    "不明 不详 不詳 未知 未详 未詳 无名 無名 无名氏 無名氏 佚名 匿名 不知道 不知 不清楚 没有名字 沒有名字 没有姓名",
    "未提供 未填写 未填寫 未命名 未登记 弃婴 棄嬰 保密 身元不明 氏名不詳 불명 미상 무명 ไม่ทราบ ไม่รู้จัก ไม่รู้ ไม่มี ไม่ระบุ",
    "ไม่ปรากฏ นิรนาม",
)
_BESIDE_IN_ONE: Final = _words(
    "女孩 男孩 女性 男性 女子 男子 女婴 男婴 女嬰 男嬰 婴儿 嬰兒 儿童 兒童 孩子 小孩 女人 男人 女士 先生 女生 男生",
    "少女 少年 人士 人员 人 女 男 姓名 名字 姓 名 身份 的 岁 歲 ชื่อ นามสกุล เด็กหญิง เด็กชาย เด็ก หญิง ชาย ผู้หญิง ผู้ชาย ทารก",
    "บุคคล คน 여성 남성 여아 남아 이름 신원",
)


_LONGEST_IN_ONE: Final = max(map(len, _SAY_IN_ONE | _BESIDE_IN_ONE))
_ALL: Final = _NOT_KNOWN | _DENY | _NOT_DONE | ASIDE | RELATED


def says_nobody(text: str) -> bool:
    """Return whether a field says in any words that nobody knows the person.

    Args:
        text: The field, as `folded` returns it.

    >>> says_nobody("obekant aldre dam"), says_nobody("namn ej noterat"), says_nobody("obekant lind")
    (True, True, False)
    """
    if text in _PHRASES:
        return True
    if _UNSPACED.search(text):
        return _says_in_one(text)
    words = text.split(" ")
    if not all(word in _ALL or _numbers(word) for word in words):
        return False
    return not _NOT_KNOWN.isdisjoint(words) or _denies(words)


def _denies(words: Sequence[str]) -> bool:
    """Return whether a word denies what another one says."""
    return not _DENY.isdisjoint(words) and not _NOT_DONE.isdisjoint(words)


def _numbers(word: str) -> bool:
    return len(word) == 1 or word.isdecimal()


def _says_in_one(text: str) -> bool:
    """Return whether a text without spaces can be divided into known words, one of which says it.

    All divisions are looked at together, so that the time grows with the length of the text, whatever it is.
    """
    # For each place what the words before it, by some division, may say: nothing, or that nobody knows the person.
    said: list[set[bool]] = [{False}, *(set() for _ in text)]
    for end in range(1, len(text) + 1):
        if text[end - 1] in " 0123456789":
            said[end] |= said[end - 1]
        for begin in range(max(end - _LONGEST_IN_ONE, 0), end):
            word = text[begin:end]
            if word in _SAY_IN_ONE and said[begin]:
                said[end].add(True)
            elif word in _BESIDE_IN_ONE:
                said[end] |= said[begin]
    return True in said[-1]
