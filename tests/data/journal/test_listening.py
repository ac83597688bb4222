"""Telling news in order, also where a listener keeps whoever tells waiting."""

from __future__ import annotations

import threading

from data.journal.listening import OrderedNews

PATIENCE_S = 20.0


def test_news_whose_writer_did_not_wait_is_told_in_order_by_who_is_telling() -> None:
    news = OrderedNews()
    heard: list[int] = []
    begun, go_on = threading.Event(), threading.Event()

    def slow(told: tuple[int, ...]) -> None:
        heard.extend(told)
        begun.set()
        assert go_on.wait(PATIENCE_S)

    news.listeners.append(slow)
    news.put((1,))
    teller = threading.Thread(target=news.tell)
    teller.start()
    assert begun.wait(PATIENCE_S)
    news.put((2,))
    news.put((3,))
    news.tell(0.01)
    assert heard == [1], "the writer goes on while another still tells"
    go_on.set()
    teller.join(PATIENCE_S)
    assert heard == [1, 2, 3]


def test_news_a_listener_writes_follows_what_it_was_told() -> None:
    news = OrderedNews()
    heard: list[int] = []

    def answer(told: tuple[int, ...]) -> None:
        if told == (1,):
            news.put((2,))
            news.tell()

    news.listeners += [answer, heard.extend]
    news.put((1,))
    news.tell()
    assert heard == [1, 2]
