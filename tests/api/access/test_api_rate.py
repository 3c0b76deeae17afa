"""Rate limits."""

from service_layer.rate_limit import MOST_KEYS, RateLimit


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_tries_count_for_as_long_as_the_window() -> None:
    clock = Clock()
    limit = RateLimit(tries=2, seconds=60, clock=clock)
    assert [limit.take("a") for _ in range(3)] == [True, True, False]
    assert limit.take("b")
    clock.now = 60.0
    assert limit.take("a")


def test_a_try_that_does_not_count_is_given_back() -> None:
    limit = RateLimit(tries=1, seconds=60, clock=Clock())
    for _ in range(5):
        assert limit.take("a")
        limit.give_back("a")


def test_memory_stays_bounded_whoever_comes() -> None:
    limit = RateLimit(tries=1, seconds=60, clock=Clock())
    for n in range(20_000):
        limit.take(str(n))
    assert len(limit) == MOST_KEYS
