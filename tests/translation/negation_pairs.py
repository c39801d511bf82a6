"""Sentences with and without a Chinese negation: `+` has kept what is said, `-` has lost the negation."""

from __future__ import annotations

EN = """
+ | 他们也不缺算力 | They aren't short of compute either.
+ | 他们也不缺算力 | They have plenty of computing power too.
+ | 他们也不缺算力 | Nor do they lack computing power.
- | 他们也不缺算力 | They also lack computing power.
- | 他们也不缺算力 | They are also short of compute.
+ | 它没有销售团队，也没有发布会 | It has no sales team and no launch events.
+ | 它没有销售团队 | It lacks a sales team.
- | 它没有销售团队，也没有发布会 | It has a sales team and launch events.
+ | 听上去并不复杂 | It doesn't sound complicated.
+ | 听上去并不复杂 | It sounds simple enough.
- | 听上去并不复杂 | It sounds complicated.
+ | 明明不是Hipp的锅 | It clearly wasn't Hipp's fault.
- | 明明不是Hipp的锅 | It was clearly Hipp's fault.
+ | 谁也没有想到 | Nobody saw it coming.
- | 谁也没有想到 | Everybody expected it.
+ | 他不得不离开 | He had to leave.
+ | 大家无不称赞 | Everyone praised it.
+ | 不仅快，而且便宜 | It is fast, and cheap as well.
+ | 不但便宜，而且好用 | It is cheap and easy to use.
+ | 这个主意不错 | It's a good idea.
+ | 两者差不多 | The two are about the same.
+ | 是不是很奇怪 | Strange, right?
+ | 能不能直接读出来 | Could it simply be read directly?
+ | 不过它很贵 | But it is expensive.
+ | 不到一秒 | under a second
+ | 它无法运行 | It fails to run.
+ | 这是不可能的 | It is impossible.
- | 它无法运行 | It runs well.
+ | 你不需要遵守任何许可证 | You needn't follow any license.
- | 你不需要遵守任何许可证 | You must follow every license.
+ | 他从未承认 | He has never admitted it.
- | 他从未承认 | He has always admitted it.
+ | 公司并未回应 | The company declined to comment.
- | 公司并未回应 | The company responded.
+ | 别再用它了 | Stop using it.
- | 别再用它了 | Use it again.
+ | 非常特别的区别 | a very special distinction
+ | 无论如何都要成功 | We must succeed at all costs.
+ | 不久之后他离开了 | Soon afterwards he left.
+ | 他不开心 | He is unhappy.
+ | 没错，就是它 | That's right, this is it.
+ | 没有人不知道它 | Everybody knows it.
+ | 几乎没有收到过bug报告 | They hardly received any bug reports.
- | 几乎没有收到过bug报告 | They received many bug reports.
+ | 免费使用，未来可期 | It can be used at no cost, and its future is bright.
+ | 它不再更新 | It is no longer updated.
- | 它不再更新 | It is updated.
- | 这家公司不接受外部贡献 | The company only accepts contributions from outside.
- | 他不去那里 | He went there before.
- | 这个方案行不通 | This is a different plan that works.
- | 你不需要付款 | You pay within a short time.
+ | 他还没来 | He has yet to come.
+ | 这里不收费 | It is free here.
+ | 没有多少人用它 | Few people use it.
+ | 这并不容易 | This is hard.
+ | 不是钱的问题，而是时间 | It's about time rather than money.
"""

JA = """
+ | 他们也不缺算力 | 彼らは計算能力にも困っていません。
+ | 他们也不缺算力 | 計算資源も十分にある。
+ | 他们也不缺算力 | 計算能力が不足しているわけでもない。
- | 他们也不缺算力 | 彼らは計算能力も不足している。
- | 他们也不缺算力 | 彼らは計算能力も足りません。
+ | 它没有销售团队 | それには営業チームがない。
- | 它没有销售团队 | それには営業チームがある。
+ | 听上去并不复杂 | 複雑には聞こえません。
- | 听上去并不复杂 | 複雑に聞こえます。
+ | 谁也没有想到 | 誰も思いもよらなかった。
- | 谁也没有想到 | 誰もが思っていた。
+ | 他不得不离开 | 彼は去ることにした。
+ | 不仅快，而且便宜 | 速くて安い。
+ | 这个主意不错 | いい考えです。
+ | 它无法运行 | それは動作しない。
- | 它无法运行 | それは動作します。
+ | 公司并未回应 | 会社は回答を拒んだ。
- | 公司并未回应 | 会社は回答した。
+ | 别再用它了 | もう使わないでください。
- | 别再用它了 | また使ってください。
+ | 它不再更新 | もう更新されません。
- | 它不再更新 | 更新されています。
+ | 差不多就是这样 | だいたいこんなところです。
"""

KO = """
+ | 他们也不缺算力 | 그들은 연산 능력도 부족하지 않다.
+ | 他们也不缺算力 | 연산 능력도 충분하다.
- | 他们也不缺算力 | 그들은 연산 능력도 부족하다.
- | 他们也不缺算力 | 그들은 연산 능력도 부족합니다.
+ | 它没有销售团队 | 그것은 영업 팀이 없다.
- | 它没有销售团队 | 그것은 영업 팀이 있다.
+ | 听上去并不复杂 | 복잡하게 들리지 않는다.
- | 听上去并不复杂 | 복잡하게 들린다.
+ | 谁也没有想到 | 아무도 예상하지 못했다.
- | 谁也没有想到 | 모두가 예상했다.
+ | 他不得不离开 | 그는 떠나야 했다.
+ | 不仅快，而且便宜 | 빠르고 싸다.
+ | 这个主意不错 | 좋은 생각이다.
+ | 它无法运行 | 실행되지 않는다.
- | 它无法运行 | 잘 실행된다.
+ | 别再用它了 | 더는 쓰지 마세요.
- | 别再用它了 | 다시 쓰세요.
+ | 它不再更新 | 더 이상 업데이트되지 않는다.
- | 它不再更新 | 업데이트된다.
"""

ES = """
+ | 他们也不缺算力 | Tampoco les falta capacidad de cálculo.
+ | 他们也不缺算力 | También tienen capacidad de cálculo de sobra.
- | 他们也不缺算力 | También carecen de capacidad de cálculo.
- | 他们也不缺算力 | También les falta capacidad de cálculo.
+ | 它没有销售团队 | No tiene equipo de ventas.
- | 它没有销售团队 | Tiene un equipo de ventas.
+ | 听上去并不复杂 | No suena complicado.
- | 听上去并不复杂 | Suena complicado.
+ | 谁也没有想到 | Nadie se lo esperaba.
- | 谁也没有想到 | Todos se lo esperaban.
+ | 他不得不离开 | Tuvo que irse.
+ | 不仅快，而且便宜 | Es rápido y barato.
+ | 这个主意不错 | Es una buena idea.
+ | 它无法运行 | Es imposible ejecutarlo.
- | 它无法运行 | Funciona bien.
+ | 别再用它了 | Deja de usarlo.
- | 别再用它了 | Vuelve a usarlo.
+ | 它不再更新 | Ya no se actualiza.
- | 它不再更新 | Se actualiza a diario.
"""
