"""A run's budget for a server: estimates that are no promise broken, limits that hold on several threads."""

from __future__ import annotations

import threading

import pytest

from pipeline.translation.engines.budget import Budget, BudgetError, Rates, Usage, estimate_tokens

PRICED = Rates(price_in=2.0, price_out=8.0, currency="EUR")


def test_money_is_counted_by_the_million_tokens():
    assert PRICED.cost(Usage(1, 1_000_000, 500_000)) == 6.0
    assert Budget(PRICED).told(Usage(3, 12_000, 1_000)) == "3 requests, 12,000 tokens in, 1,000 out, 0.0320 EUR"


def test_without_prices_only_tokens_are_told_and_without_limits_nothing_is_left_over():
    free = Budget(Rates())
    assert free.told(Usage(1, 10, 5)) == "1 request, 10 tokens in, 5 out"
    assert free.left() == ""
    assert not free.rates.matter


@pytest.mark.parametrize(
    ("rates", "setting"),
    [
        (Rates(max_tokens=1000), "server.max_tokens"),
        (Rates(price_in=1.0, price_out=1.0, max_cost=0.001), "server.max_cost"),
    ],
)
def test_what_might_pass_a_limit_is_not_begun(rates, setting):
    budget = Budget(rates)
    budget.reserve(Usage(1, 400, 200))
    with pytest.raises(BudgetError) as caught:
        budget.reserve(Usage(1, 400, 200))
    assert caught.value.where == setting
    assert "again" in caught.value.remedy
    budget.settle(Usage(1, 400, 200), Usage(1, 300, 100))
    budget.reserve(Usage(1, 400, 200))
    assert budget.used == Usage(1, 300, 100)


def test_a_request_that_got_no_answer_takes_nothing():
    budget = Budget(Rates(max_tokens=1000))
    for _ in range(5):
        budget.reserve(Usage(1, 600, 400))
        budget.settle(Usage(1, 600, 400), Usage())
    assert budget.used == Usage()


def test_a_server_that_counts_more_than_the_estimate_is_believed():
    budget = Budget(Rates(max_tokens=1000))
    reserved = budget.reserve(Usage(1, 100, 50))
    budget.settle(reserved, Usage(1, 300, 50))
    assert budget.reserve(Usage(1, 100, 50)) == Usage(1, 300, 150)
    with pytest.raises(BudgetError):
        budget.reserve(Usage(1, 100, 50))


def test_a_limit_holds_for_all_threads_together():
    budget, begun, barrier = Budget(Rates(max_tokens=1000)), [], threading.Barrier(8)

    def ask():
        barrier.wait()
        try:
            budget.reserve(Usage(1, 200, 100))
            begun.append(1)
        except BudgetError:
            pass

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(begun) == 3


@pytest.mark.parametrize(("text", "least"), [("大家好，欢迎来到今天的节目", 12), ("Hello and welcome", 5), ("", 0)])
def test_an_estimate_is_rather_too_high(text, least):
    assert least <= estimate_tokens(text) <= 3 * least + 10
