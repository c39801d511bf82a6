"""How languages that write numbers in words of an alphabet say them.

To add a language, write a `Lexicon` and enter it in `LEXICONS`. A language without one is still read: its digits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """The number words of a language.

    Attributes:
        cardinals: words that add up, as "twenty", "doscientos"; 0 to 999.
        hundreds: words that multiply what stands before by a hundred.
        scales: words that multiply what stands before, from ten (dozens, decades) up.
        plurals: words for a magnitude when no number stands before: (from, to, factor after another of them);
            "hundreds of millions" is (100, 999) times a million.
        vague: "several", "a few": (from, to).
        loose: words that may say a number among other things: "both", "half", "twice".
        ordinals: words of place; with one of `ones` before they are fractions too ("a third") if in `fractions`.
        fractions: denominators.
        ones: words for one that are also articles.
        joiners: words within a number: "and", "y", "de".
        halves: what adds a half after `joiners`: "and a half".
        months: the twelve names, each with its short forms.
        decimal_comma: 1.000,5 rather than 1,000.5.
        complete: whether a number that is not found can't be there in words: only then is its absence certain.
        glued: words are written without blanks between them.
        prefixes: letters that may be joined to the front of a word.
    """

    cardinals: Mapping[str, int] = field(default_factory=dict)
    hundreds: Mapping[str, int] = field(default_factory=dict)
    scales: Mapping[str, int] = field(default_factory=dict)
    plurals: Mapping[str, tuple[int, int, int]] = field(default_factory=dict)
    vague: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    loose: Mapping[str, tuple[Decimal, ...]] = field(default_factory=dict)
    ordinals: Mapping[str, int] = field(default_factory=dict)
    fractions: Mapping[str, int] = field(default_factory=dict)
    ones: frozenset[str] = frozenset()
    joiners: frozenset[str] = frozenset()
    halves: frozenset[str] = frozenset()
    months: tuple[str, ...] = ()
    decimal_comma: bool = False
    complete: bool = False
    glued: bool = False
    prefixes: str = ""


def _counted(words: str, start: int = 0, step: int = 1) -> dict[str, int]:
    """Words in the order of their values; spellings of one value are joined by `|`."""
    return {
        word: start + step * place for place, spellings in enumerate(words.split()) for word in spellings.split("|")
    }


def _loose(words: str) -> dict[str, tuple[Decimal, ...]]:
    """`half=0.5 twice=2`."""
    pairs = (pair.split("=") for pair in words.split())
    return {word.replace("_", " "): tuple(Decimal(value) for value in values.split(",")) for word, values in pairs}


def _scales(words: str) -> dict[str, int]:
    """`thousand=3`: the power of ten."""
    pairs = (pair.split("=") for pair in words.split())
    return {word: 10 ** int(power) for spellings, power in pairs for word in spellings.split("|")}


def _plurals(
    dozens: str, hundreds: str, thousands: str, millions: str, billions: str, tens: str = ""
) -> dict[str, tuple[int, int, int]]:
    ranges = {
        dozens: (12, 199, 12), tens: (20, 99, 10), hundreds: (100, 999, 100), thousands: (1000, 999_999, 1000),
        millions: (10**6, 10**9, 10**6), billions: (10**9, 10**12, 10**9),
    }  # fmt: skip
    return {word: limits for words, limits in ranges.items() for word in words.split("|") if word}


ENGLISH = Lexicon(
    cardinals={
        **_counted("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"),
        **_counted("sixteen seventeen eighteen nineteen", 16),
        **_counted("twenty thirty forty|fourty fifty sixty seventy eighty ninety", 20, 10),
    },
    hundreds={"hundred": 100},
    scales={
        **_scales("thousand|k|grand=3 million|m|mln|mn=6 billion|bn|b=9 trillion|tn=12"),
        "dozen": 12, "decade": 10, "decades": 10, "century": 100, "centuries": 100, "lakh": 10**5, "crore": 10**7,
    },
    plurals={
        **_plurals("dozens", "hundreds", "thousands", "millions", "billions", "tens"),
        "trillions": (10**12, 10**15, 10**12), "scores": (20, 199, 20),
    },
    vague={"several": (2, 9), "few": (2, 9), "some": (2, 9), "many": (2, 99), "couple": (2, 3), "multi": (2, 9),
        "multiple": (2, 9)},
    loose=_loose(
        "half=0.5 halved=0.5 halves=0.5 halfway=0.5 both=2 pair=2 twin=2 twins=2 duo=2 dual=2 two-fold=2 twice=2 "
        "double=2 doubled=2 doubles=2 doubling=2 twofold=2 triple=3 tripled=3 triples=3 tripling=3 threefold=3 "
        "thrice=3 trio=3 "
        "quadruple=4 quadrupled=4 fourfold=4 fivefold=5 sixfold=6 tenfold=10 hundredfold=100 quarter=0.25 "
        "quarters=0.25 "
        "twenties=20,1920 thirties=30,1930 forties=40,1940 fifties=50,1950 sixties=60,1960 seventies=70,1970 "
        "eighties=80,1980 nineties=90,1990 noughties=2000 millennials=80,1980,90,1990 fortnight=14,2 noon=12 "
        "midnight=0,24,12 "
        "teens=10,13 half-hour=30 annual=1 semester=6"
    ),
    ordinals={
        **_counted("first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth", 1),
        **_counted("fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth", 14),
        **_counted("twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth ninetieth hundredth", 20, 10),
    },
    fractions={
        "half": 2, "halves": 2, "third": 3, "thirds": 3, "quarter": 4, "quarters": 4, "fourth": 4, "fourths": 4,
        **_counted("fifth sixth seventh eighth ninth "
                   "tenth", 5), **_counted("fifths sixths sevenths eighths ninths tenths", 5),
        "twentieth": 20, "hundredth": 100, "thousandth": 1000, "thousandths": 1000,
    },
    ones=frozenset({"a", "an", "one"}),
    joiners=frozenset({"and", "of", "a", "an", "or"}),
    halves=frozenset({"half"}),
    months=("january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
            "september sep sept", "october oct", "november nov", "december dec"),
    complete=True,
)  # fmt: skip

SPANISH = Lexicon(
    cardinals={
        **_counted("cero uno|un|una dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince"),
        **_counted("dieciséis diecisiete dieciocho diecinueve veinte veintiuno|veintiún|veintiuna veintidós "
                   "veintitrés", 16),
        **_counted("veinticuatro veinticinco veintiséis veintisiete veintiocho veintinueve", 24),
        **_counted("treinta cuarenta cincuenta sesenta setenta ochenta noventa cien|ciento", 30, 10),
        **_counted("doscientos|doscientas trescientos|trescientas cuatrocientos|cuatrocientas quinientos|"
                   "quinientas", 200, 100),
        **_counted("seiscientos|seiscientas setecientos|setecientas ochocientos|ochocientas novecientos|"
                   "novecientas", 600, 100),
    },
    scales={
        **_scales("mil|k=3 millón|millones|m=6 billón|billones=12 millardo|millardos=9"),
        "docena": 12, "década": 10, "décadas": 10, "siglo": 100, "siglos": 100,
    },
    plurals={
        **_plurals("docenas", "cientos|centenares|centenas", "miles|millares", "millones", "", "decenas"),
        "billones": (10**12, 10**15, 10**12),
    },
    vague={"varios": (2, 9), "varias": (2, 9), "unos": (2, 9), "unas": (2, 9), "algunos": (2, 9), "pocos": (2, 9),
        "muchos": (2, 99)},
    loose=_loose(
        "medio=0.5 media=0.5 mitad=0.5 mitades=0.5 ambos=2 ambas=2 par=2 pareja=2 doble=2 dobles=2 duplicó=2 "
        "duplica=2 duplicar=2 "
        "duplicarse=2 duplicado=2 duplicaron=2 duplican=2 duplicando=2 dual=2 triple=3 triplicó=3 triplicar=3 "
        "triplica=3 triplicado=3 "
        "cuádruple=4 cuadruplicó=4 cuadruplicar=4 cuadruplicado=4 tercio=0.3333333333,3 cuarto=0.25,4 cuartos=0.25 "
        "veinteañeros=20 lustro=5 "
        "quincena=15 decena=10 centenar=100 millar=1000 trío=3 quíntuple=5 bienio=2 trimestre=3 semestre=6 "
        "mediodía=12 medianoche=0,24"
    ),
    ordinals={
        **_counted("primero|primera|primer segundo|segunda tercero|tercera|tercer cuarto|cuarta quinto|quinta sexto|"
                   "sexta", 1),
        **_counted("séptimo|séptima octavo|octava noveno|novena décimo|décima", 7),
    },
    fractions={
        "medio": 2, "media": 2, "mitad": 2, "tercio": 3, "tercios": 3, "tercera": 3, "terceras": 3, "cuarto": 4,
        "cuartos": 4,
        "cuarta": 4, "cuartas": 4, "quinto": 5, "quintos": 5, "quinta": 5, "quintas": 5, "sexto": 6, "sexta": 6,
        "séptima": 7, "octavo": 8, "octava": 8, "novena": 9, "décimo": 10, "décima": 10, "décimas": 10, "décimos": 10,
        "centésima": 100, "milésima": 1000,
    },
    ones=frozenset({"un", "una", "uno", "la"}),
    joiners=frozenset({"y", "de", "e", "un"}),
    halves=frozenset({"medio", "media"}),
    months=("enero ene", "febrero feb", "marzo mar", "abril abr", "mayo may", "junio jun", "julio jul", "agosto ago",
            "septiembre setiembre sep", "octubre oct", "noviembre nov", "diciembre dic"),
    decimal_comma=True,
    complete=True,
)  # fmt: skip

FRENCH = Lexicon(
    cardinals={
        **_counted("zéro un|une deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize"),
        **_counted("vingt|vingts trente quarante cinquante soixante", 20, 10), "septante": 70, "nonante": 90,
    },
    hundreds={"cent": 100, "cents": 100},
    scales={**_scales("mille|k=3 million|millions=6 milliard|milliards=9 billion|billions=12"),
            "douzaine": 12, "siècle": 100, "siècles": 100, "décennie": 10, "décennies": 10},
    plurals=_plurals("douzaines", "centaines", "milliers", "millions", "milliards", "dizaines"),
    vague={"plusieurs": (2, 9), "quelques": (2, 9)},
    loose=_loose(
        "demi=0.5 demie=0.5 moitié=0.5 double=2 doublé=2 doubler=2 triple=3 triplé=3 quart=0.25 tiers=0.3333333333 "
        "deux-tiers=0.6666666667 "
        "dizaine=10 vingtaine=20 trentaine=30 quarantaine=40 cinquantaine=50 soixantaine=60 centaine=100 "
        "millier=1000 quinzaine=15"
    ),
    ordinals=_counted("premier|première deuxième|second|seconde troisième quatrième cinquième sixième septième "
                      "huitième neuvième dixième", 1),
    fractions={"demi": 2, "tiers": 3, "quart": 4, "quarts": 4, "cinquième": 5, "cinquièmes": 5, "dixième": 10},
    ones=frozenset({"un", "une"}),
    joiners=frozenset({"et", "de", "d"}),
    halves=frozenset({"demi", "demie"}),
    months=("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
        "novembre", "décembre"),
    decimal_comma=True,
)  # fmt: skip

GERMAN = Lexicon(
    cardinals={
        **_counted("null eins|ein|eine|einen|einer zwei drei vier fünf sechs sieben acht neun zehn elf zwölf "
                   "dreizehn vierzehn"),
        **_counted("fünfzehn sechzehn siebzehn achtzehn neunzehn", 15),
        **_counted("zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig hundert", 20, 10),
    },
    hundreds={"hundert": 100},
    scales={**_scales("tausend=3 million|millionen|mio=6 milliarde|milliarden|mrd=9 billion|billionen=12"),
            "dutzend": 12, "jahrzehnt": 10, "jahrzehnte": 10, "jahrhundert": 100},
    plurals=_plurals("dutzende", "hunderte|hunderten", "tausende|tausenden", "millionen", "milliarden"),
    vague={"mehrere": (2, 9), "einige": (2, 9), "paar": (2, 9)},
    loose=_loose(
        "halb=0.5 halbe=0.5 halben=0.5 hälfte=0.5 beide=2 beiden=2 doppelt=2 doppelte=2 verdoppelt=2 zweimal=2 "
        "dreimal=3 dreifach=3 "
        "anderthalb=1.5 eineinhalb=1.5 zweieinhalb=2.5 dreieinhalb=3.5 drittel=0.3333333333 viertel=0.25 "
        "achtziger=80,1980 neunziger=90,1990"
    ),
    ordinals=_counted("erste|ersten zweite|zweiten dritte|dritten vierte|vierten fünfte|fünften sechste siebte achte "
                      "neunte zehnte", 1),
    fractions={"drittel": 3, "viertel": 4, "fünftel": 5, "sechstel": 6, "achtel": 8, "zehntel": 10},
    ones=frozenset({"ein", "eine", "einem"}),
    joiners=frozenset({"und"}),
    months=("januar", "februar", "märz", "april", "mai", "juni", "juli", "august", "september", "oktober", "november",
        "dezember"),
    decimal_comma=True,
)  # fmt: skip

PORTUGUESE = Lexicon(
    cardinals={
        **_counted("zero um|uma dois|duas três quatro cinco seis sete oito nove dez onze doze treze quatorze|catorze "
                   "quinze"),
        **_counted("dezesseis|dezasseis dezessete|dezassete dezoito dezenove|dezanove", 16),
        **_counted("vinte trinta quarenta cinquenta sessenta setenta oitenta noventa cem|cento", 20, 10),
        **_counted("duzentos|duzentas trezentos|trezentas quatrocentos|quatrocentas quinhentos|quinhentas", 200, 100),
        **_counted("seiscentos|seiscentas setecentos|setecentas oitocentos|oitocentas novecentos|novecentas", 600, 100),
    },
    scales={**_scales("mil=3 milhão|milhões|mi=6 bilhão|bilhões|bi=9 trilhão|trilhões=12"),
            "dúzia": 12, "década": 10, "décadas": 10, "século": 100, "séculos": 100},
    plurals=_plurals("dúzias", "centenas", "milhares", "milhões", "bilhões", "dezenas"),
    vague={"vários": (2, 9), "várias": (2, 9), "alguns": (2, 9), "algumas": (2, 9)},
    loose=_loose("meio=0.5 meia=0.5 metade=0.5 ambos=2 ambas=2 dobro=2 dobrou=2 dobrar=2 duplo=2 triplo=3 "
                 "triplicou=3 quarto=0.25 terço=0.3333333333"),
    ordinals=_counted("primeiro|primeira segundo|segunda terceiro|terceira quarto|quarta quinto|quinta sexto|sexta", 1),
    fractions={"terço": 3, "terços": 3, "quarto": 4, "quartos": 4, "quinto": 5, "quintos": 5, "décimo": 10},
    ones=frozenset({"um", "uma"}),
    joiners=frozenset({"e", "de"}),
    halves=frozenset({"meio", "meia"}),
    months=("janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro",
        "novembro", "dezembro"),
    decimal_comma=True,
)  # fmt: skip

_RUSSIAN_CASES = "тысяча|тысячи|тысяч|тысячу|тысячам|тысячами|тысячах|тыс=3"
_RUSSIAN_LARGE = (
    "миллион|миллиона|миллионов|миллионам|миллионами|миллионах|миллионе|млн=6 "
    "миллиард|миллиарда|миллиардов|миллиардам|миллиардами|миллиардах|млрд=9 триллион|триллиона|триллионов|трлн=12"
)
RUSSIAN = Lexicon(
    cardinals={
        **_counted("ноль один|одна|одно|одного|одной|одну два|две|двух|двумя|двум три|трёх|трех|тремя|трём четыре|"
                   "четырёх|четырех"),
        **_counted("пять|пяти шесть|шести семь|семи восемь|восьми девять|девяти десять|десяти", 5),
        **_counted("двадцать|двадцати тридцать|тридцати сорок|сорока пятьдесят|пятидесяти шестьдесят|"
                   "шестидесяти", 20, 10),
        **_counted("семьдесят восемьдесят девяносто сто|ста", 70, 10),
    },
    scales=_scales(f"{_RUSSIAN_CASES} {_RUSSIAN_LARGE}"),
    plurals=_plurals("", "сотни|сотен|"
                         "сотнями", "тысячи|тысяч", "миллионы|миллионов|миллионами", "миллиарды|миллиардов|миллиардами",
                     "десятки|десятков|десятками"),
    vague={"несколько": (2, 9), "нескольких": (2, 9)},
    loose=_loose("половина=0.5 половину=0.5 половины=0.5 полтора=1.5 полторы=1.5 оба=2 обе=2 обоих=2 вдвое=2 "
                 "дважды=2 удвоился=2 втрое=3 "
                 "треть=0.3333333333 трети=0.3333333333,0.6666666667 четверть=0.25 четверти=0.25,0.75"),
    months=("января январь "
            "январе", "февраля февраль феврале", "марта март марте", "апреля апрель апреле", "мая май мае",
            "июня июнь июне", "июля июль июле", "августа август августе", "сентября сентябрь сентябре",
            "октября октябрь октябре", "ноября ноябрь ноябре", "декабря декабрь декабре"),
    decimal_comma=True,
)  # fmt: skip

VIETNAMESE = Lexicon(
    cardinals=_counted("không một hai ba bốn năm sáu bảy tám chín mười"),
    scales=_scales("trăm=2 nghìn|ngàn=3 vạn=4 triệu=6 tỷ|tỉ=9"),
    vague={"vài": (2, 9), "mấy": (2, 9)},
    loose=_loose("nửa=0.5 rưỡi=0.5 đôi=2 gấp=2 chục=10"),
    decimal_comma=True,
)

INDONESIAN = Lexicon(
    cardinals={**_counted("nol satu dua tiga empat lima enam tujuh delapan sembilan sepuluh "
                          "sebelas"), "seratus": 100, "seribu": 1000},
    scales={**_scales("puluh=1 ratus=2 ribu=3 juta=6 miliar|milyar=9 "
                      "triliun=12"), "sejuta": 10**6, "lusin": 12, "dekade": 10, "abad": 100},
    plurals=_plurals("", "ratusan", "ribuan", "jutaan", "miliaran", "puluhan|belasan"),
    vague={"beberapa": (2, 9)},
    loose=_loose("setengah=0.5 separuh=0.5 kedua=2 ganda=2 sepertiga=0.3333333333 seperempat=0.25"),
    months=("januari", "februari", "maret", "april", "mei", "juni", "juli", "agustus", "september", "oktober",
        "november", "desember"),
    decimal_comma=True,
)  # fmt: skip

ARABIC = Lexicon(
    cardinals=_counted("صفر واحد|واحدة اثنان|اثنين ثلاثة|ثلاث أربعة|أربع خمسة|خمس ستة|ست سبعة|سبع ثمانية|ثماني تسعة|"
                       "تسع عشرة|عشر"),
    scales=_scales("مئة|مائة=2 ألف|آلاف|الف|ألفا=3 مليون|ملايين|مليونا=6 مليار|مليارات|بليون|مليارا=9 تريليون|"
                   "ترليون=12"),
    plurals=_plurals("", "مئات", "آلاف", "ملايين", "مليارات", "عشرات"),
    loose=_loose("نصف=0.5 مليونان=2000000 مليوني=2000000 ملياري=2000000000 ألفي=2000 مئتي=200 مئتان=200 ضعف=2 "
                 "ضعفين=2 مرتين=2 ثلث=0.3333333333 ربع=0.25"),
    months=("يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو", "أغسطس", "سبتمبر", "أكتوبر",
        "نوفمبر", "ديسمبر"),
    prefixes="والبلف",
)  # fmt: skip

THAI = Lexicon(
    cardinals=_counted("ศูนย์ หนึ่ง สอง สาม สี่ ห้า หก เจ็ด แปด เก้า"),
    scales=_scales("สิบ=1 ร้อย=2 พัน=3 หมื่น=4 แสน=5 ล้าน=6"),
    loose=_loose("ครึ่ง=0.5 คู่=2 เท่าตัว=2"),
    months=("มกราคม", "กุมภาพันธ์", "มีนาคม", "เมษายน", "พฤษภาคม", "มิถุนายน", "กรกฎาคม", "สิงหาคม", "กันยายน",
        "ตุลาคม", "พฤศจิกายน", "ธันวาคม"),
    glued=True,
)  # fmt: skip

LEXICONS: dict[str, Lexicon] = {
    "en": ENGLISH, "es": SPANISH, "fr": FRENCH, "de": GERMAN, "pt": PORTUGUESE, "ru": RUSSIAN, "vi": VIETNAMESE,
    "id": INDONESIAN, "ar": ARABIC, "th": THAI,
}  # fmt: skip
