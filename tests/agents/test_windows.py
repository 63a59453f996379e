"""How far back a question looks."""

from datetime import UTC, datetime, timedelta

import pytest

from agents.windows import MARGIN, read_window

NOW = datetime(2026, 11, 30, 14, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("text", "back"),
    [
        ("payment cannot start", HOUR),
        ("payment fails since 14:05", HOUR),
        ("payment fails since 9:00", timedelta(hours=5, minutes=30) + MARGIN),
        ("it broke around 23:10", timedelta(hours=15, minutes=20) + MARGIN),
        ("it began 3 hours ago", timedelta(hours=3) + MARGIN),
        ("it began two days ago", timedelta(days=2) + MARGIN),
        ("restarts for the last 6h", timedelta(hours=6) + MARGIN),
        ("restarts in the past 90 minutes", timedelta(minutes=90) + MARGIN),
        ("slow for a couple of hours", timedelta(hours=2) + MARGIN),
        ("errors since yesterday", timedelta(days=1, hours=14, minutes=30) + MARGIN),
        ("Homepage is slow since this morning", timedelta(hours=14, minutes=30) + MARGIN),
        ("The alert KubePodNotReady fires since 2026-11-30 08:00 UTC.", timedelta(hours=6.5) + MARGIN),
        ("it was released on 2024-01-02 10:00", HOUR),
        ("it will be at 2031-01-02 10:00", HOUR),
        ("at 99:99 on 2026-99-99T10:00", HOUR),
        ("image 10.2.3 of 5 minutes-service needs 3m of cpu", HOUR),
    ],
)
def test_the_window_reaches_back_to_what_is_spoken_of(text: str, back: timedelta) -> None:
    window = read_window(text, NOW, HOUR)

    assert (NOW - window.start, window.end) == (back, NOW)
