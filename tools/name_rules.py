"""The hand-written rules of `tables.json`: sounds, particles, Arabic words.

A rule is `from`, `to` and two contexts. `left` names the characters that may stand before `from`, `right` those that
may follow it; `^` is the beginning of the word, `$` its end, and a leading `!` turns a context into its complement. The
rules of a pass are tried in order at each position, from left to right, and the first that fits is used. Capital
letters in sound forms are signs of this table, never letters of a name.

The rules were chosen on one half of the groups of spellings that `python -m benchmarks.quality names` measures, and
the figures in docs/reference/names.md are those of the other half.
"""

from __future__ import annotations

__all__ = ["ARABIC_WORDS", "ARTICLE_PASS", "JOINING", "PARTICLES", "SCRIPT_PASSES", "SOUND"]

Rule = dict[str, str]

VOWELS = "aeiouy"
CONSONANTS = "bcdfghjklmnpqrstvwxz"


def rule(source: str, to: str, left: str | None = None, right: str | None = None) -> Rule:
    """Return one rule as the table holds it."""
    made = {"from": source, "to": to}
    if left is not None:
        made["left"] = left
    if right is not None:
        made["right"] = right
    return made


def anywhere(to: str, *sources: str) -> list[Rule]:
    """Return rules without a context."""
    return [rule(source, to) for source in sources]


def start(to: str, *sources: str) -> list[Rule]:
    """Return rules for the beginning of a word."""
    return [rule(source, to, "^") for source in sources]


def end(to: str, *sources: str) -> list[Rule]:
    """Return rules for the end of a word."""
    return [rule(source, to, None, "$") for source in sources]


def whole(to: str, *sources: str) -> list[Rule]:
    """Return rules for a whole word."""
    return [rule(source, to, "^", "$") for source in sources]


NAMES_PASS = [
    # Mohammed: abbreviations that are registered as names, and the Turkish, Albanian, Somali and Russian forms.
    *whole("muhamad", "md", "mhd", "mohd", "muhd", "mohamd", "mehmet", "mehmed", "muhamet", "mahamed", "magomed"),
    *start("muham", "maxam", "maham"),
    # Mahmoud is another name, and only its vowel distinguishes it; likewise Hussein and Hassan.
    *start("mahmU", "mahmu", "mahmo", "mohamu", "mohamou", "mehmu"),
    *start("hUs", "huss", "hoss", "xuss", "xus"),
    *start("hUse", "huse", "hose"),
    *start("hUsa", "husa", "hosa"),
    # Elements of Swedish surnames that differ in a vowel only: Lindgren and Lundgren, Bergström and Borgström.
    *anywhere("lUnd", "lund"),
    *anywhere("sUnd", "sund"),
    *anywhere("bOrg", "borg"),
    *anywhere("bjErk", "bjork"),
    *start("jOns", "jons", "johns"),
    # The commonest given names that only a vowel distinguishes: Kerstin and Kristina, Jan and Jenny, Karin and Carina.
    *start("kErst", "kerst", "cerst", "kjerst", "kirst"),
    *start("jEnn", "jenn"),
    *whole("kArin", "karin", "carin", "karen"),
    *start("linnEa", "linnea"),
    *whole("petrA", "petra"),
    *whole("erikA", "erika", "erica"),
    *start("mikAl", "mikaela", "michaela", "mihaela"),
    *whole("emIl", "emil"),
    *whole("viktOr", "viktor", "victor", "wiktor"),
    *end("sEn", "sen"),
    *end("iIs", "ias", "yas", "jas"),
    # Polish w within a name is a v; elsewhere after a vowel w is mostly a vowel itself.
    *anywhere("ovsk", "owsk"),
    *anywhere("evsk", "ewsk"),
    *anywhere("evts", "ewts"),
    *anywhere("evch", "ewch"),
    # Somali: c is the ayn, x the h of Mohammed and Hassan.
    *whole("ali", "cali"),
    *whole("umar", "cumar"),
    *whole("isa", "ciise"),
    *whole("aisha", "caasha", "aysha", "ayse", "aicha", "aisja"),
    *start("abd", "cabd"),
    *start("osm", "cism", "othm", "uthm", "ousm"),
    *start("ahm", "axm"),
    *start("has", "xass", "xas"),
    *start("hal", "xal"),
    *end("rah", "rax"),
    # Letters of Arabic that Persian and Turkish spell with a z: Ramadan and Ramazan, Reda and Reza.
    *start("ramad", "ramaz"),
    *start("kadim", "kazim", "kazem"),
    *start("kad", "kadh"),
    *start("fadl", "fazl"),
    *start("sabit", "thabit"),
    *start("haris", "harith"),
    *whole("reda", "reza", "riza", "raza", "rida", "redha", "ridha"),
    # Servants of God: Abd al-Rahman is already joined here, and is written as one word in a dozen ways.
    *start("abdulah", "abdullah", "abdallah", "abdellah", "abdollah", "abdulla", "abdalla", "abdella", "abdillah"),
    *[rule(f"abd{vowel}l", "abd", "^", "!$") for vowel in "aeou"],
    *[rule(f"al{sign}", sign, "^") for sign in ("sh", "kh", "gh", "q", "dh", "z", "h", "j")],
    *[rule(f"el{sign}", sign, "^") for sign in ("sh", "kh", "gh", "q", "dh")],
    *start("bak", "abubak", "aboubak", "abubek", "ebubek", "abobak"),
    *start("", "vander", "vanden"),
    *start("cru", "delacru"),
    # Eastern Europe: Yelena, Jelena and Elena, Shevchenko and Sjevtjenko, Petrović in five alphabets.
    *start("jem", "cem", "xhem", "dzem"),
    *start("kebr", "ghebr", "gebr"),
    *start("ibrah", "ibrag"),
    *start("johan", "iohan", "yohan", "joann", "ioann"),
    *start("mika", "mikha", "miha", "micha"),
    *start("elen", "jelen", "yelen", "olen"),
    *start("aleks", "oleks"),
    *start("ekat", "jekat", "yekat"),
    *start("evg", "yevg", "jevg", "eug", "evh", "yevh", "jevh"),
    # The same letter is an h in Ukrainian and a g in Russian.
    *start("serg", "serh"),
    *start("bogd", "bohd"),
    *start("grigor", "hryhor", "hrihor"),
    *start("galin", "halyn"),
    *whole("igor", "ihor"),
    *whole("oleg", "oleh"),
    *whole("olga", "olha"),
    *end("vis", "vich", "vic", "vitj", "wicz", "vitch", "wic", "wich", "vici", "vitz", "witz", "vits"),
    *anywhere("senko", "tschenko", "tchenko", "tjenko", "chenko", "cenko"),
]

LETTERS_PASS = [
    # Swedish ch is a k, French ch after an a is sh in names from North Africa.
    *anywhere("rika", "richa"),
    *anywhere("joak", "joach", "joac"),
    *anywhere("sak", "zach"),
    *anywhere("akil", "achil"),
    *anywhere("rake", "rache"),
    rule("ch", "s", "a", "iae"),
    *anywhere("s", "tsch", "tsh", "tch", "sch", "sh", "skj", "sj"),
    *start("s", "stj"),
    *start("j", "zh", "dj"),
    *anywhere("s", "zh"),
    *anywhere("f", "ph"),
    *anywhere("t", "th"),
    *anywhere("j", "dzh", "dzj"),
    *anywhere("d", "dh"),
    *anywhere("g", "gh"),
    *anywhere("b", "bh"),
    *anywhere("r", "rh"),
    *anywhere("h", "kh"),
    rule("g", "j", "^", "eiy"),
    *anywhere("k", "ck", "ch"),
    *anywhere("s", "cz"),
    *anywhere("kvist", "quist"),
    *anywhere("kv", "qv"),
    *anywhere("k", "q"),
    rule("c", "s", None, "eiyj"),
    *anywhere("k", "c"),
    *anywhere("s", "tz", "zs", "dz"),
    rule("ts", "s", None, VOWELS),
    rule("ts", "s", "nlrie"),
    *anywhere("s", "z"),
    *anywhere("v", "ff", "fv", "wh"),
    rule("w", "v", "^"),
    rule("w", "u", VOWELS, CONSONANTS),
    rule("woo", "u", VOWELS),
    rule("wou", "u", VOWELS),
    rule("wu", "u", VOWELS),
    *anywhere("i", "ewi"),
    *anywhere("v", "w"),
    *end("t", "dt"),
    *[rule("u", "v", "^", "aeio")],
    *anywhere("ks", "x"),
]

GLIDE_PASS = [
    # Johannes, Yohannes and Iohannes; Julia, Yuliia and Iuliia.
    *[rule(sign, "j", "^", "aou") for sign in "yi"],
    rule("y", "j", "^", "e"),
    *start("i", "iy", "yi"),
]

CLASS_PASS = [
    # Between vowels an h is heard: it distinguishes Johan from Jan.
    rule("h", "H", VOWELS, VOWELS),
    rule("h", "H", "a", "mdbs"),
    rule("h", "H", "e", "d"),
    *anywhere("t", "d"),
    *anywhere("v", "f"),
    *anywhere("p", "b"),
    rule("g", "k", "!^"),
    *start("a", "e", "i", "y"),
    *start("o", "u"),
]

SOUND = {
    "passes": [NAMES_PASS, LETTERS_PASS, GLIDE_PASS, CLASS_PASS],
    "vanish": "aeiouyhj",
    # A long form can lose its fine distinctions, a short one cannot.
    "long": {"from": 4, "pass": [rule("m", "n", "!^"), rule("s", "", "!^", "$")]},
    "short": {"to": 2, "vowels": {"a": "", "e": "", "i": "", "o": "U", "u": "U", "y": ""}},
}
"""The passes of rules that make the sound form of a word."""

PARTICLES = (
    *("al", "el", "ul", "ad", "ed", "ud", "ar", "as", "az", "ash"),
    *("bin", "ibn", "bint", "ben", "abu", "abou", "abo", "um", "umm", "oum"),
    *("af", "von", "van", "der", "den", "de", "del", "della", "da", "di", "do", "dos", "das", "du", "la", "le", "les"),
    *("los", "las", "zu", "zur", "zum", "ter", "ten"),
)
"""Words that one register records and another omits."""

JOINING = {form: "abdul" for form in ("abd", "abdul", "abdel", "abdal", "abdol", "abdur", "abder", "abdus")}
"""Words that form one name together with the particles after them and the next word."""

ARABIC_WORDS = {
    "muhammad": "محمد",
    "mahmoud": "محمود",
    "ahmad": "احمد أحمد",
    "hamid": "حمید",
    "hussein": "حسين حسین",
    "husseini": "حسيني حسینی",
    "hassan": "حسن",
    "hassani": "حسني حسنی",
    "ali": "علي علی",
    "umar": "عمر",
    "amr": "عمرو",
    "uthman": "عثمان",
    "khalid": "خالد",
    "khalil": "خليل خلیل",
    "yusuf": "يوسف یوسف",
    "mustafa": "مصطفى مصطفی مصطفي",
    "murtada": "مرتضى مرتضی",
    "abdullah": "عبدالله عبداللە",
    "abd": "عبد",
    "rahman": "رحمن رحمان",
    "rahim": "رحيم رحیم",
    "mariam": "مريم مریم",
    "fatima": "فاطمة فاطمه",
    "zahra": "زهراء زهرا",
    "zaynab": "زينب زینب",
    "huda": "هدى هدی",
    "muna": "منى منی",
    "layla": "ليلى لیلی لیلا",
    "nur": "نور",
    "umm": "ام أم",
    "abu": "ابو أبو",
    "ibn": "ابن",
    "bin": "بن",
    "said": "سعيد سعید",
    "salim": "سليم سلیم",
    "salem": "سالم",
    "samir": "سمير سمیر",
    "karim": "كريم کریم",
    "ibrahim": "ابراهيم إبراهيم ابراهیم",
    "ismail": "اسماعيل إسماعيل اسماعیل",
    "ilyas": "الياس إلياس الیاس",
    "amir": "امير أمير امیر",
    "omid": "امید",
    "walid": "وليد ولید",
    "wael": "وائل",
    "wissam": "وسام",
    "taha": "طه",
    "suhail": "سهيل سهیل",
    "sahar": "سحر",
    "suleiman": "سليمان سلیمان",
    "saleh": "صالح",
    "jamal": "جمال",
    "hamza": "حمزة حمزه",
    "haydar": "حيدر حیدر",
    "abbas": "عباس",
    "isa": "عيسى عیسی",
    "musa": "موسى موسی",
    "yahya": "يحيى یحیی",
    "nabil": "نبيل نبیل",
    "munir": "منير منیر",
    "murad": "مراد",
    "mahdi": "مهدي مهدی",
    "reda": "رضا",
}
"""Words in Arabic script, whose short vowels are not written, with their customary Latin spelling."""

ARTICLE_PASS = [
    # Words that happen to begin with the letters of the article.
    *whole("allah", "allh"),
    *start("alx", "alksn", "alyks"),
    *start("albirt", "albrt"),
    *start("alfrid", "alfr"),
    *whole("alma", "alma"),
    *whole("elsa", "alsa"),
    # The article joined to its word, as in Arabic script.
    rule("al", "", "^", CONSONANTS),
]

SCRIPT_PASSES = {
    "arabic": [
        *start("abdul", "abdal"),
        rule("u", "w", "^"),
        rule("u", "w", None, "a"),
        # After these letters an h is not part of a digraph, so a short vowel precedes it.
        rule("h", "ah", "bfjlmnqrwyz", "!$"),
    ],
    "greek": [
        # Pairs of letters for one sound, which passports write as one letter.
        *anywhere("ou", "oy"),
        *start("b", "mp"),
        *start("d", "nt"),
        *anywhere("g", "gk"),
    ],
    "cyrillic": [
        rule("u", "w", "^", "aeio"),
        rule("kh", "h", "^", VOWELS),
    ],
}
"""Rules for a folded word with a letter of a script, applied after the whole words of that script."""
