"""Whether a translation has kept a Chinese negation: rules of thumb, for a warning.

They are generous to the translation: any word that denies, in any clause, speaks for it. What they find is the sentence
that lost its only "not", and the plain reversal of 不缺 ("is not short of") into "lacks".
"""

from __future__ import annotations

import regex

# Words with 不, 没, 无, 别, 非 or 未 that deny nothing, or that translations say without denying.
_HARMLESS = regex.compile(
    # Twice denied is affirmed.
    r"不得不|不能不|不会不|不可不|不由得不|无不|莫不|无非|不无|没有不|不是没有?|不可能不|"
    # Conjunctions and adverbs.
    r"不仅仅?|不但|不光|不只|不止|不单|不独|不过|不管|不论|不然|不如|不妨|不禁|不由得|不料|不愧|不惜|不外乎|不仅如此|要不是|要不|"
    r"不断|不久|不时|不日|不约而同|不知不觉|不知道?为什么|不一会儿?|不亚于|不到|不超过|不低于|不少于|不多于|不晚于|不及|不足|不等|"
    r"不错|不少|不同|不满|不幸|不安|不利|不良|不便|不好意思|不客气|不得了|不已|不用说|不瞒|不敢相信|不可思议|不容易|"
    r"不起眼|了不起|对不起|看不起|差不多|好不容易|动不动|迫不及待|层出不穷|源源不断|络绎不绝|必不可少|毫不夸张地?说?|不折不扣|"
    r"不二|独一无二|不三不四|不一样|不一定|锲而不舍|不可或缺|密不可分|不锈钢|不动产|不倒翁|不明|不孕|不动声色|不翼而飞|不计其数|不言而喻|"
    r"没准|没想到|没料到|没事|没关系|没问题|没错|没收|没落|淹没|埋没|没完没了|没多久|没几|没过多久|没两下|还没等|"
    r"无论|无数|无线|无人|无限|无疑|无比|无所谓|无名|无偿|无穷|无产|无聊|无奈|无情|无形|无意|无敌|无常|无辜|无心插柳|毫无疑问|无时无刻|"
    r"未来|未免|未知|未婚|别人|别的|别处|别墅|别称|别名|别致|别扭|别具|特别|分别|区别|级别|类别|识别|个别|性别|告别|离别|差别|辨别|鉴别|派别|国别|"
    r"别忘|非常|非洲|除非|非凡|非得|非要|是非|非典|南非|莫名|莫非|免费|"
    # Questions that offer both: 是不是, 能不能, 有没有.
    r"是否|(\p{Han}{1,2})[不没](?:\1)|不(?=\p{Han}{0,6}吗)|不就是?|不是\p{Han}{1,12}[吗么]|何不|岂不|难道\p{Han}*?不|谁不|怎么不|怎能不|"
    # A verb's complement that another verb says: 忍不住 (can't help), 来不及 (too late).
    r"忍不住|来不及|说不定|禁不住|恨不得|少不了|免不了|离不开|绕不开|数不清|数不胜数|大不了|不见了|不明白|怪不得|巴不得|抵不过"
)
_DENIAL = regex.compile(
    r"不|没有?(?!收)|(?:并|尚|均|仍|还)未|无(?=法|需|须|从|力|权|缘|人能|关|效)|毫无|未(?=能|曾|"
    r"必|经|被|来得及|有|见)|别(?=再|去|想|说|把|让|用|在|做|看)|并非|绝非|而非|从未|休想|甭|无能为力"
)
_OR = regex.compile(r"(?i:\b(?:no|not|never|neither|without|cannot)\b|n['’]t\b)[^.;!?]*?\bor\b")
_CLAUSE = regex.compile(r"[,，。;；!！?？\s]+")

_NOT_SHORT = regex.compile(r"(?:不|没有?|从未)(?:缺(?!席|陷|点)|短缺|缺乏|差钱|缺少|愁)|不乏")
_SHORT = regex.compile(r"(?<!不)(?<!没)(?<!没有)(?:缺(?!席|陷|点)|短缺|匮乏)|不足|没有|不够")

_DENIES: dict[str, str] = {
    "en": (
        r"n['’]t\b|\b(?:not|no|never|none|nobody|nothing|nowhere|neither|nor|cannot|without|hardly|barely|scarcely|"
        r"rarely|seldom|little|few|"
        r"fail\w*|refus\w*|reject\w*|den(?:y|ie)\w*|avoid\w*|prevent\w*|stop\w*|ceas\w*|quit\w*|lack\w*|miss\w*|"
        r"hidden|hides?|hid|lose|losing|lost|loss|unable|"
        r"instead|rather|unlike|except|other than|far from|anything but|too\b[^.]{1,30}\bto|forg[eo]t\w*|ignor\w*|"
        r"exclud\w*|doubt\w*|zero|free|"
        r"beyond|out of|until|before|yet|absent|absence|hard|harder|difficult\w*|tough|only|ain't|off|ban\w*|"
        r"forbid\w*|least|wrong|"
        r"bad|worse|poor\w*|short|neglect\w*|declin\w*|drop\w*|gave up|give up|giving up|against|opposite|contrary|"
        r"skip\w*|different\w*|"
        r"\w+less|\w+-free|non-?\w+|mis\w{4,}|"
        r"un(?!i[tvqfo]|der|til|cle)\w{3,}|dis(?!c|p|t|k|h)\w{4,}|"
        r"in(?:visible|complete|correct|accura\w+|capab\w+|abilit\w+|convenien\w+|dependen\w+|effective\w*|"
        r"efficien\w+|expensive|sufficien\w+|"
        r"consisten\w+|compatib\w+|finite\w*|formal\w*|secure\w*|stab\w+|valid\w*|significan\w+|adequate\w*|"
        r"accessib\w+|definite\w*|evitabl\w+|flexib\w+)|"
        r"im(?:possib\w+|perfect\w*|practical\w*|matur\w+|mobile|patien\w+|polite\w*|probab\w+|proper\w*|balance\w*)|"
        r"ir(?:regular|relevan|respons|revers)\w*|"
        r"il(?:legal|logical|legible)\w*)\b"
    ),
    "ja": (
        r"ない|なく|なか|なけ|なき|なし|無|ません|ませ|ず(?=に|、|。|と|$|も|じ)|ずに|ぬ(?=$|。|、|ま|う)|[不非未]|まい|ねえ|んだ?。|じゃん|ゼロ|難|にく[いくか]|づら|しか|以外|"
        r"だめ|ダメ|禁|止|欠|避|拒|失敗|違|別|逆|やめ|外れ|だけ|むしろ|代わり|わけが|はずが|ものか|反対|否|限ら|困"
    ),
    "ko": (
        r"안\s|않|못|없|아니|아닌|아냐|말[고아라]|마라|마세|마십|모르|모른|몰[라랐]|불[가필편완충안확]|비[공효현]|"
        r"무[료한관]|미[완흡]|거부|거절|금지|실패|부족|싫|힘들|어렵|어려[운워]|외에|"
        r"대신|뿐|절대|그만|멈|피하|피해|빼고|제외|오히려|덜|만에|만이|불과"
    ),
    "es": (
        r"\b(?:no|ni|nunca|jamás|nada|nadie|ning[uú]n\w*|sin|tampoco|apenas|imposible\w*|im\w{5,}|in(?:útil|capa|"
        r"compl|corr|defin|depend|estab|fin|justo|segur|sufic|vál|vis|necesa|evita|concluso)\w*|"
        r"des\w{4,}|falt\w*|carec\w*|evit\w*|rechaz\w*|neg(?:ó|ar|aron|aba\w*)|vez de|lugar de|salvo|excepto|dej\w+ "
        r"de|difícil\w*|raro\w*|rara vez|poc[oa]s?|"
        r"cero|prohib\w*|fracas\w*|fall\w+|perd\w+|solo|sólo|antes|hasta|fuera|excluy\w*|ignor\w*|olvid\w*|"
        r"distint\w*|diferente\w*|mal|contra\w*|lejos de|menos|aún|gratis|libre)\b"
    ),
}  # fmt: skip
# "Not complicated" is "simple": an adjective's denial may become its opposite.
_ADJECTIVE = regex.compile(
    r"不(?:太|算|很|怎么|是很)?(?:难|复杂|大|高|多|贵|长|远|小|慢|坏|低|短|重|轻|快|便宜|简单|稳定|安全|清楚|重要|顺利|好|差|远)"
)
_OPPOSITES = {
    "en": r"\b(?:simpl\w+|eas\w+|small\w*|cheap\w*|low\w*|modest\w*|straightforward|clos\w+|near\w*|slow\w*|fast|"
          r"light\w*|complex|complicated|big|"
          r"heavy|decent|good|fine|well|high\w*|long\w*|quick\w*|affordable|vague\w*|minor|trivial|struggl\w*|"
          r"trouble\w*|narrow\w*|tiny|mere\w*)\b",
    "ja": r"簡単|やさし|易し|シンプル|単純|容易|小さ|安い|安く|低|少|近|短|遅|速|軽|複雑|大き|悪|長|高|いい|良|すぐ",
    "ko": r"쉽|쉬운|쉬워|간단|단순|작|싸|저렴|낮|적[다은]|가깝|가까|짧|느리|빠르|가볍|복잡|크[다고]|나쁘|좋|괜찮",
    "es": r"\b(?:simple\w*|sencill\w*|fácil\w*|pequeñ\w*|barat\w*|baj\w*|cort\w*|cerca\w*|lent\w*|rápid\w*|liger\w*|"
          r"complej\w*|buen\w*|bien|alt\w*|modest\w*)\b",
}  # fmt: skip
_SAME = {
    "复杂": r"compl|複雑|복잡", "简单": r"simpl|eas|簡単|シンプル|単純|간단|단순|쉬|쉽|sencill|"
                                r"fácil", "大": r"big|large|大き|크|grand", "小": r"small|tiny|小|작|pequeñ",
    "高": r"high|高|높|alt", "低": r"low|低|낮|baj", "多": r"many|much", "贵": r"expens|高|비싸|"
                                                                       r"caro", "长": r"long|長|길|"
                                                                                     r"larg", "短": r"short|短|짧|cort",
    "快": r"fast|quick|速|빠|"
         r"rápid", "慢": r"slow|遅|느리|lent", "重": r"heavy|重|무겁|pesad", "轻": r"light|軽|가볍|liger",
         "坏": r"bad|悪|나쁘|mal",
    "好": r"good|well|fine|いい|良|좋|buen|"
         r"bien", "便宜": r"cheap|affordable|安|싸|저렴|"
                        r"barat", "难": r"hard|難|어렵|difícil", "远": r"far|遠|멀|lej", "差": r"bad|poor|悪|나쁘|mal",
}  # fmt: skip
_LACKS: dict[str, str] = {
    "en": r"(?<!n['’]t (?:\w+ )?)(?<!\b(?:not|no|never|nor|neither|without|hardly|any|of) (?:\w+ "
          r"){0,3})\b(?:lack(?:s|ed|ing)?|short (?:of|on)|shortages?|run(?:s|ning)? out of|insufficient)\b",
    "ja": r"不足し(?:てい[るたま]|て[るた]|た|ます|がち)(?!せん|わけ|の?では|とは)|不足(?:だ|です|が|に)(?!い?な|"
          r"あり)|欠け(?:てい[るまた]|て[るた])|欠い(?:て|た)|足り(?:ない(?!わけ|こと)|ませ|な[くか])(?!もな|も?あ)",
    "ko": r"(?<!안\s)(?:부족(?:하다|합니|했|해(?!도)|한(?!\s?것)|하고)|모자[라란랐](?!지)|모자랍)",
    "es": r"(?<!\b(?:no|ni|nunca|tampoco|sin)\s(?:\w+\s){0,3})\b(?:carec\w+|falt(?:a|an|aba|aban|ó)|escas\w+)\b",
}  # fmt: skip


# English words that deny only where the Chinese denies in their way: "only" stands for 不过 and 只有, not for 不能.
_WEAK = (
    (r"\bonly\b", r"只|才|仅|不过|无非|没有.{0,12}[就别]|除|不止|不光"),
    (r"\b(?:before|until|yet)\b", r"还没|还不|尚|未|没.{0,10}前|不.{0,10}前|直到|才|没等|已"),
    (r"\bfree\b", r"费|钱|受|自由|限|需|必|用"),
    (r"\bdifferent\w*", r"同|样|像|别的|异"),
    (r"\bshort\b(?! (?:of|on))", r"长|久|够|足|短"),
    (r"\b(?:least|little|few)\b", r"多|什么|几|怎么|太|最|少|大|够|了解|人"),
    (r"\b(?:hard|harder|tough|difficult\w*)\b", r"容易|易|难|好|能|法|了|简单|轻|得"),
)  # fmt: skip


def lost_negation(source: str, target: str, language: str) -> str | None:
    """The Chinese words whose denial the translation has lost or turned round, or None.

    Arguments:
        language: the target's primary subtag; only English, Japanese, Korean and Spanish are judged.
    """
    if language not in _DENIES:
        return None
    if (turned := _NOT_SHORT.search(source)) and not _SHORT.search(source):
        return turned[0] if regex.search(_LACKS[language], target, regex.IGNORECASE) else None
    denials = _denials(source)
    if not denials:
        return None
    if language == "en":
        for word, said in _WEAK:
            if not regex.search(said, source):
                target = regex.sub(word, " ", target, flags=regex.IGNORECASE)
    denied, found = denials[0], len(regex.findall(_DENIES[language], target, regex.IGNORECASE))
    if found:
        # Of 102 sentences translated by hand none denies in fewer places than it has clauses that do.
        fewer = language == "en" and len(denials) > found + len(_OR.findall(target))
        return ", ".join(denials) if fewer else None
    if (adjective := _ADJECTIVE.match(denied)) and not _said_plainly(adjective[0], target, language):
        return None
    return denied


def _said_plainly(adjective: str, target: str, language: str) -> bool:
    """Whether the translation has no opposite that could stand for 不复杂 or 不难."""
    words = regex.findall(_OPPOSITES[language], target, regex.IGNORECASE)
    # "complicated" for 不复杂 and "big" for 不大 are the adjective itself, not its opposite.
    own = regex.compile(_SAME.get(adjective[-2:], _SAME.get(adjective[-1], r"(?!)")), regex.IGNORECASE)
    return not any(not own.match(word) for word in words)


def _denials(source: str) -> list[str]:
    """The denial of each clause that no second one takes back."""
    found = []
    for clause in _CLAUSE.split(_HARMLESS.sub(lambda match: "　" * len(match[0]), source)):
        denials = list(_DENIAL.finditer(clause))
        if len(denials) % 2:
            start = denials[0].start()
            found.append(clause[start : start + 6].strip("　"))
    return found
