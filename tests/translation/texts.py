"""Unpunctuated captions with their sentence ends marked by hand: a blank row ends a sentence.

Both texts were written before the rules knew them: on first sight, without any pause to go by, the F1 of their
ends was 0.64 (`COFFEE`) and 0.70 (`CONTAINER`). Then each helped to set the rules, so what the tests find is better.
"""

from __future__ import annotations

from pipeline.alignment import AlignedLine

COFFEE = """\
各位好，这期讲讲咖啡是怎么走向世界的

很多人以为咖啡来自意大利
其实它的老家在埃塞俄比亚

传说有一个牧羊人
发现自己的羊吃了一种红色果子之后
整个晚上都不肯睡觉

他把果子带给了修道院
修士们一开始非常生气
直接把它扔进了火里

没想到烤出来的香味
反而让所有人都停下了脚步

后来咖啡渡过红海来到也门
当地人第一次把它当作饮料来喝

到了十五世纪
摩卡港几乎垄断了全世界的贸易

为了守住这门生意
商人会把生豆先煮一遍再出口
这样别人就种不出来了

可惜秘密总有泄露的一天

1616年，一个荷兰人
偷偷带走了几株树苗

几十年之后
荷兰人已经在爪哇岛上种满了咖啡

而法国人得到的那一株
是阿姆斯特丹市长送给国王的礼物

如果没有这份礼物
今天的拉丁美洲可能根本没有咖啡

那么巴西又是怎么超过所有人的呢

1727年，一位军官被派去调解边境纠纷
临走的时候
总督夫人送给他一束花
里面就藏着咖啡的种子

一百年以后
巴西的产量已经占到全球的一半

当然，这背后也有一段黑暗的历史

种植园里干活的大多是奴隶
直到1888年
巴西才废除了奴隶制

现在全世界每天要喝掉20亿杯咖啡

但是真正种咖啡的农民
一杯只能分到几分钱

所以有人开始推动公平贸易
希望把更多的利润留给产地

下次你端起杯子的时候
不妨想一想它走过的路

好了，这期就聊到这里

我们下次再见
"""

CONTAINER = """\
你现在穿的衣服和用的手机
很可能都坐过同一种箱子

这种箱子没有发动机
也没有任何高科技
却彻底改变了整个世界的贸易

它就是集装箱

在集装箱出现之前
一艘货船靠岸以后
要靠几百个工人一袋一袋地往下搬

有时候船停在港口的时间
比在海上航行的时间还要长

1937年，一个叫麦克莱恩的卡车司机
在码头等了整整一天
就为了卸下车上的棉花

他当时就想
能不能把整个车厢直接吊到船上去

这个念头在他脑子里放了将近二十年

直到1956年
他把自己的运输公司卖掉
买下了一艘旧油轮

第一次出海
船上只装了58个箱子

可是结果让所有人大吃一惊

原来每吨货物的装卸费是5.86美元
用上集装箱之后只要16美分

不过新技术的推广并没有那么顺利

码头工人担心丢掉饭碗
组织了一次又一次的罢工

各家公司的箱子大小也不一样
根本没有办法通用

真正的转机来自越南战争

美军的物资堵在港口里运不出去
只好请麦克莱恩来帮忙

他提了一个条件
就是所有的货物都必须装进集装箱

更聪明的是
他让空船在回程的时候绕道日本
装满了电器再运回美国

于是日本的商品一下子涌进了美国市场

后来国际标准组织统一了箱子的尺寸

从此以后
一个箱子可以从工厂一直运到超市门口
中间不需要再打开一次

有经济学家算过
它对贸易的促进作用
超过了过去五十年所有的贸易协定

麦克莱恩晚年却因为一次错误的投资而破产

但是他去世的那天早上
全世界的货船都拉响了汽笛

这大概是对一个普通人最高的敬意了

感谢你的收看

如果喜欢这个故事
别忘了点个关注
"""


def marked(text: str) -> tuple[list[AlignedLine], set[int]]:
    """The lines, two seconds apart without a pause to go by, and the indexes of lines that end a sentence."""
    lines: list[AlignedLine] = []
    ends: set[int] = set()
    for row in text.splitlines():
        if row:
            start = 2000 * len(lines)
            lines.append(AlignedLine(len(lines), row, start, start + 1850, "ok", 1.0))
        else:
            ends.add(len(lines) - 1)
    return lines, ends
