"""The hand-written lists of `tables.json` for what people and programs write where they have no name.

Words are folded: plain letters a to z, as the tables romanise other scripts. Whether a word is also a name was looked
up in the counts of Statistics Sweden (källa: SCB, 2020, names with at least two bearers).
"""

from __future__ import annotations

from typing import Final

__all__ = ["AS_NAMES", "KIN", "NAMELESS", "PERSONS", "PLACEHOLDERS", "UNSAID"]

UNSAID: Final = (
    *("null", "none", "n a", "na", "nan", "nil", "missing", "test", "test person", "testperson", "namn", "name"),
    *("fornamn", "efternamn", "first name", "last name", "surname", "given name", "given names", "family name"),
    *("fornavn", "etternavn", "efternavn", "etunimi", "sukunimi", "vorname", "nachname", "familienname", "prenom"),
)
"""Placeholders of programs, headers and tests: they say nothing, not even that there is a person whom nobody knows."""

PLACEHOLDERS: Final = (
    *("ok", "nn", "n", "no name", "ej kand", "ej kant", "ej angivet", "ej angiven", "ej uppgett", "ej uppgivet"),
    *("ej uppgiven", "inte angivet", "inte angiven", "inte kand", "inte kant", "vet ej", "vet inte", "inget namn"),
    *("inga namn", "utan namn", "null", "none", "n a", "na", "nan", "nil", "missing", "x", "xx", "xxx", "xxxx"),
    *("xxxxx", "xxxxxx", "fnu", "lnu", "no last name", "no first name", "no surname", "no given name", "not known"),
    *("not available", "not applicable", "not given", "not stated", "gosse", "namn", "name", "first name", "last name"),
    *("surname", "given name", "given names", "family name", "test", "test person", "baby boy", "baby girl"),
    *("boy child", "girl child", "ung man", "finns ej", "finns inte", "unk", "girl", "child", "infant boy"),
    *("male child", "female child", "inte uppgett", "inte uppgiven", "inte uppgivet", "ej namngett", "ej dopt"),
    *("ej med namn", "namn finns ej", "namn finns inte", "vill ej uppge namn", "vill inte uppge namn", "utan id"),
    *("inga uppgifter", "inga personuppgifter", "inga namnuppgifter", "inga kanda uppgifter", "okand bror"),
    *("unknown kid", "unknown guy", "yenidogan"),
    # People who stand for anybody, in one field or over both.
    *("john doe", "jane doe", "doe john", "doe jane", "baby doe", "johnny doe", "janie doe", "jane roe", "richard roe"),
    *("joe bloggs", "max mustermann", "erika mustermann", "ola nordmann", "kari nordmann", "matti meikalainen"),
    *("maija meikalainen", "medel svensson", "test testsson", "tolvan tolvansson", "fulano de tal"),
    # Norwegian and Danish.
    *("ikke kjent", "ikke kendt", "ikke oppgitt", "ikke opgivet", "ikke oplyst", "ikke opplyst", "uten navn"),
    *("uden navn",),
    *("intet navn", "ikke registrert", "ikke registreret", "ved ikke", "vet ikke"),
    # Finnish.
    *("ei tiedossa", "ei tiedeta", "ei ole tiedossa", "nimi ei ole tiedossa", "ei nimea", "ei tietoa", "ei tunneta"),
    *("nimi puuttuu", "tieto puuttuu"),
    # German.
    *("nicht bekannt", "ohne namen", "ohne name", "kein name", "keine angabe", "keine angaben", "nicht angegeben"),
    *("nicht benannt", "kind unbekannt", "unbekanntes kind", "unbekannt kind"),
    # French and Spanish.
    *("sans nom", "sans prenom", "non connu", "non connue", "non renseigne", "ne sous x", "nee sous x", "sous x"),
    *("nouveau ne", "nouvelle nee", "sin nombre", "sin apellido", "sin apellidos", "no consta", "se desconoce"),
    *("se ignora", "recien nacido", "recien nacida", "sin identificar", "nino desconocido", "nina desconocida"),
    *("nino sin nombre", "nina sin nombre", "mineur inconnu", "mineure inconnue"),
    # Polish, Russian and Ukrainian.
    *("brak", "brak danych", "bez imienia", "bez nazwiska", "bez imeni", "bez familii", "bez imia", "ne ustanovlen"),
    *("ne ustanovlena", "ne vstanovleno", "net dannykh", "dannykh net", "net imeni", "nemaie danikh", "nemae danykh"),
    # Turkish.
    *("belli degil", "adi bilinmiyor", "yeni dogan", "adi yok", "ismi yok", "kimligi belirsiz", "yeni dogan bebek"),
    # Arabic, Persian and Dari, in Latin letters and as the tables romanise the script.
    *("ghayr maruf", "ghayr maarouf", "ghayr marouf", "ghair maruf", "ghair maarouf", "ghair marouf", "gheir maruf"),
    *("gheir maarouf", "ghyr maruf", "ghyr marufa", "bidun ism", "bidoun ism", "bidoun isim", "bila ism", "bdun asm"),
    *("bla asm", "la yuraf", "la yarf", "bedun nam", "bedoon nam", "bedun e nam", "bdun nam", "bi nam", "by nam"),
    *("na malum", "na maloom", "malum nist", "maloom nist", "majhul al hawiya", "majhool al hawiya"),
    *("majhoul al hawiya", "majhul al huwiya", "majhul alhawiya"),
    # Somali and Tigrinya.
    *("lama yaqaan", "lama yaqaano", "lama yaqaanno", "lama garanayo", "aan la garanayn", "aan la aqoon", "magac la"),
    *("magac laan", "magac malaha", "sim yebilun", "sim yelen", "sm yelen", "sm yeblun"),
    *("wiil aan la aqoon", "gabar aan la aqoon"),
)
"""Whole fields, or given and family names one after the other; their words may be names beside others."""

NAMELESS: Final = (
    *("okand", "okanda", "okande", "okandt", "okant", "unknown", "ukjent", "ukendt", "tuntematon", "oidentifierad"),
    *("oidentifierat", "unidentified", "saknas", "saknad", "saknar", "uppgift", "uppgifter", "namnlos", "noname"),
    *("anonym", "anonymous", "fornamn", "efternamn", "skyddad", "skyddade", "skyddat", "sekretess"),
    *("sekretessmarkerad", "sekretessbelagd", "hemlig", "hemligt", "identitet", "personuppgifter", "testperson"),
    *("flicka", "flickan", "flickor", "pojke", "pojken", "pojkar", "kvinna", "kvinnan", "kvinnor", "kille", "killen"),
    *("tjej", "tjejen", "barn", "barnet", "spadbarn", "tonaring", "minderarig", "vuxen", "nyfodd", "nyfott", "ofodd"),
    *("ofott", "female", "woman", "infant", "ungdom", "flykting", "migrant", "asylsokande", "klient", "identifierad"),
    *("identifierat", "identified", "namngiven", "namngivet", "namnuppgift", "oklar", "oklart", "registrerad"),
    *("registrerat", "registered", "raderad", "raderat", "gallrad", "anonymiserad", "maskerad", "redacted", "deleted"),
    *("unnamed", "undisclosed", "withheld", "confidential", "odopt", "odopta", "framgar", "uppger", "uppge", "uppges"),
    *("klarlagt", "utredning", "malsagande", "brottsoffer", "offret", "victim", "elev", "patient"),
    *("vagrar", "individ", "hittebarn", "ensamkommande", "papperslos", "papperslost", "avliden", "tvilling"),
    *("tvillingen", "trilling", "bebis", "bebisen"),
    *("nameless", "undetermined", "unspecified", "unascertained", "unrecorded", "foundling", "newborn", "neonate"),
    *("toddler", "teenager", "refugee", "asylum", "seeker", "juvenile", "lastname", "firstname"),
    # Other languages of Europe.
    *("necunoscut", "necunoscuta", "nepoznat", "nepoznata", "nepoznato", "neznamy", "neznama", "nezname"),
    *("ismeretlen", "agnostos", "agnosti", "desconhecido", "desconhecida", "sconosciuto", "sconosciuta", "onbekend"),
    *("onbekende", "panjohur", "tundmatu", "nezinams", "nezinoma", "nezinomas"),
    # Norwegian and Danish.
    *("ukjente", "ukjendt", "ubekendt", "ukendte", "navnlos", "unavngivet", "navneloes", "uidentifisert"),
    *("uidentifiserte", "uidentifiseret", "uidentificeret", "uoplyst", "oppgitt", "oplyst", "mangler", "nyfodt"),
    *("nyfoedt", "spedbarn", "spaedbarn", "mindrearig", "hemmelig", "fornavn", "etternavn", "efternavn", "jente"),
    *("jenta", "jenten", "gutt", "gutten", "pige", "pigen", "dreng", "drengen", "kvinne", "kvinnen", "kvinde"),
    *("kvinden",),
    # Finnish.
    *("tuntemattoman", "tuntematonta", "nimeton", "sukunimi", "etunimi", "puuttuu", "tiedossa", "tiedeta"),
    *("tyttolapsi", "poikalapsi", "vauva", "lapsi", "nainen", "tytto", "poika", "vastasyntynyt", "alaikainen"),
    *("henkilo", "turvakielto", "salainen"),
    # German.
    *("unbekannt", "unbekannte", "unbekannter", "unbekanntes", "unbekannten", "namenlos", "namenloser", "ungenannt"),
    *("unbenannt", "nachname", "vorname", "familienname", "angabe", "angaben", "madchen", "maedchen", "saugling"),
    *("saeugling", "neugeborenes", "neugeborene", "weiblich", "mannlich", "maennlich", "minderjahrige"),
    *("minderjahriger", "jugendlicher", "jugendliche", "fluchtling", "identifiziert", "unidentifiziert"),
    # French and Spanish.
    *("inconnu", "inconnue", "inconnus", "inconnues", "prenom", "renseigne", "renseignee", "garcon", "enfant"),
    *("anonyme", "identifiee", "nouveaune", "desconocido", "desconocida", "desconocidos", "nombre", "apellido"),
    *("ignorado", "ignorada", "desconoce", "anonimo", "anonima", "identificado", "identificada", "hombre", "mujer"),
    *("nacido", "nacida", "femenino", "masculino", "fulano", "fulana", "mengano"),
    # Polish, Russian and Ukrainian.
    *("nieznany", "nieznana", "nieznane", "nieznani", "niezidentyfikowany", "niezidentyfikowana", "nieustalony"),
    *("nieustalona", "nieustalone", "imienia", "nazwisko", "nazwiska", "danych", "dziewczynka", "chlopiec"),
    *("dziecko", "niemowle", "noworodek", "kobieta", "mezczyzna", "nieletni"),
    *("neizvestno", "neizvestna", "neizvestnyj", "neizvestnyi", "neizvestnyy", "neizvestny", "neizvestnaja"),
    *("neizvestnaia", "neizvestnaya", "neizvestnoe", "neizvestnoje", "neizvesten", "neopoznannyy", "imeni"),
    *("dannykh", "malchik", "devochka", "devotjka", "mladenets", "rebenok", "rebionok", "novorozhdennyj"),
    *("novorozhdennyi", "novorozhdennyy", "novorozhdennaya", "muzhchina", "zhenshchina", "nevidomo", "nevidoma"),
    *("nevidomyi", "nevidomyy", "nevidomij", "nevidomiy", "nevidomyj", "nevidome", "khlopchik", "khlopchyk"),
    *("hlopchyk", "divchinka", "divchynka", "ditina", "dytyna", "nemovlya", "nemovlia", "novonarodzheniy"),
    *("novonarodzhenyi", "cholovik", "zhinka", "danikh", "danykh"),
    # Turkish.
    *("bilinmiyor", "bilinmeyen", "bilinmez", "belirsiz", "isimsiz", "adsiz", "mechul", "kimliksiz", "bebek"),
    *("cocuk",),
    # Arabic, Persian and Dari.
    *("majhul", "majhool", "majhoul", "majhula", "majhoula", "mjahul", "mjahula", "namalum", "namaloom"),
    *("namaalum", "nashenas", "nashinas", "nashnas", "bedunnam", "binam"),
    # Somali, Tigrinya and Amharic.
    *("garanayo", "garanayn", "yaqaano", "zeyfelet", "zeyfilet", "zeyflet", "zeyfilt", "zeifelet", "yaltaweke"),
    *("yaltaweqe", "yaltawoke"),
)
"""Words that are no part of any name in the register, or of a handful that stand for a name to come (Flicka)."""

PERSONS: Final = (
    *("man", "mannen", "men", "male", "boy", "girl", "gosse", "son", "sonen", "dotter", "dottern"),
    *("baby", "child", "person", "personen", "broder", "syster", "syskon", "tvilling", "mor", "mamma", "far"),
    *("pappa", "brother", "sister", "mother", "father", "daughter", "hon", "hen", "mand"),
    *("mann", "ung", "yngre", "yngst", "yngsta", "aldre", "aldst", "aldsta", "liten", "litet"),
    *("lilla", "lille", "medfoljande", "utlandsk", "utlandskt", "offer", "offret", "brottsoffer", "victim", "namn"),
    *("namnet", "name", "names", "first", "last", "middle", "family", "surname", "id", "nr", "nummer"),
    *("number", "ej", "inte", "ingen", "inget", "not", "no", "annu", "yet", "kand", "kant", "known", "given"),
    *("angiven", "angivet", "uppgiven", "uppgivet", "uppgett", "available", "missing", "null", "none", "nan", "na"),
    *("finns", "info", "information", "data", "patient", "elev", "student", "anhorig", "foralder", "folkbokforing"),
    *("nil", "nn", "ok", "fnu", "lnu", "test", "xx", "xxx", "xxxx", "xxxxx", "xxxxxx", "och", "and", "eller", "or"),
    *("av", "of", "the", "till", "med", "utan", "with", "without", "vet", "vill", "ca", "cirka", "omkring"),
    *("ar", "arig"),
    *("aring", "aringen", "alder", "aged", "years", "year", "months", "old", "cm", "mellan", "fodd", "fodda"),
    *("fott", "forsta", "tredje", "pojk", "storebror", "storasyster", "lillasyster", "finsk", "polsk", "polskt"),
    *("rumansk", "rumanskt", "bulgarisk", "syrisk", "syriskt", "afghansk", "afghanskt", "irakisk", "irakiskt"),
    *("iransk", "iranskt", "somalisk", "somaliskt", "eritreansk", "etiopisk", "marockansk", "algerisk", "turkisk"),
    *("kurdisk", "ukrainsk", "rysk", "albansk", "romsk", "nigeriansk", "vietnamesisk", "thailandsk", "kinesisk"),
    *("doe", "roe", "minor", "adult", "toddler", "navn", "navnet", "ikke", "uten", "kjent", "kendt"),
    *("voksen", "eldre", "aeldre", "sonn", "datter", "soster", "mies", "nimi", "nimea", "tieto", "tietoa", "ei"),
    *("nuori", "aikuinen", "kinder", "junge", "frau", "sohn", "tochter", "mutter", "vater", "bruder"),
    *("schwester", "zwilling", "kein", "keine", "keinen", "ohne", "nicht", "bekannt", "bekannte", "nom", "sans"),
    *("connu", "connue", "nouveau", "fille", "fils", "homme", "femme", "personne"),
    *("jumeau", "jumelle", "sin", "hijo", "hija", "menor", "persona", "recien", "identificar", "brak", "bez", "imie"),
    *("syn", "corka", "osoba", "chelovek", "net", "erkek", "kiz", "oglan", "isim", "soyadi", "kimligi", "walad"),
    *("tifl", "tifla", "tfl", "tfla", "wld", "bnt", "rajul", "rjl", "amraa", "pesar", "dokhtar", "psr", "dkhtr"),
    *("herr", "fru", "froken", "mr", "mrs", "chica", "chico", "muchacha", "muchacho", "jeune", "sm", "huya", "under"),
    *("kudak", "kudk", "tefl", "nuzad", "wiil", "cunug", "dhallaan", "magac"),
)
"""Words that say nothing more beside one of `NAMELESS`, although some of them are names elsewhere."""

AS_NAMES: Final = {
    "family_names": [
        *("barn", "child", "dreng", "flicka", "gosse", "gutt", "missing", "na", "nan", "nil", "nn", "null", "ok"),
        *("pojke", "tvilling", "unk"),
    ],
    "given_names": ["gosse", "na", "nan", "nil", "ok"],
}
"""Members of `PLACEHOLDERS` and `NAMELESS` that are names where they alone are a field and are written as names are:
Null, Ok and Barn are surnames, Nan and Nil given names; Ok is also how a plain alphabet spells a Turkish surname."""

_RELATIVES: Final = (
    *("barn", "barnet", "spadbarn", "flicka", "pojke", "son", "sonen", "dotter", "dottern", "baby", "bebis", "child"),
    *("boy", "girl", "infant", "daughter", "tvilling", "mor", "mamma", "mother", "far", "pappa", "father", "bror"),
    *("brother", "syster", "sister", "syskon", "fru", "hustru", "make", "maka", "sambo", "kompis", "granne"),
    *("anhorig", "foralder", "nyfodd", "nyfott", "jente", "gutt", "pige", "dreng", "sonn", "datter", "kvinna", "man"),
)
KIN: Final = {
    "av": _RELATIVES,
    "de": ("enfant", "fils", "fille", "hijo", "hija", "mere", "pere", "madre", "padre"),
    "of": _RELATIVES,
    "til": _RELATIVES,
    "till": _RELATIVES,
    "von": ("kind", "sohn", "tochter", "saugling", "saeugling", "mutter", "vater", "baby"),
}
"""For a linking word, the words before it that make the field name somebody else: Barn till Anna is not called Anna."""
