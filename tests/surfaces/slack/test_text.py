import pytest

from surfaces.slack.text import escape, find_addressee, read_text


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("<@U0KUBEWHY> why is basket down?", "why is basket down?"),
        ("<@U1|anna.miller> says <#C1|shop> is down", "says shop is down"),
        ("<!here> <!subteam^S1|@oncall> look", "look"),
        ("<http://cache.prod.svc|cache.prod.svc> refuses", "cache.prod.svc refuses"),
        ("see <https://example.com/a?b=1&amp;c=2>", "see https://example.com/a?b=1&c=2"),
        ("<mailto:a@b.example|a@b.example>", "a@b.example"),
        ("set a &lt; b &amp;&amp; c &gt; d", "set a < b && c > d"),
    ],
)
def test_markup_is_read_as_words_without_people(written: str, read: str):
    assert " ".join(read_text(written).split()) == read


def test_what_stands_between_fences_begins_a_line_of_its_own():
    assert read_text("why?\n```$ kubectl get pods\nNAME```") == "why?\n\n$ kubectl get pods\nNAME"
    assert read_text("```$ kubectl get pods```") == "$ kubectl get pods"


@pytest.mark.parametrize("text", ["<!channel>", "<@U1>", "<https://a|b>", "a & b", "\x1b[31m"])
def test_escaped_text_means_nothing_to_slack(text: str):
    assert not {"<", ">", "\x1b"} & set(escape(text))
    assert read_text(escape(text)) == text.replace("\x1b", "").strip()


def test_the_addressee_is_who_is_mentioned_first():
    assert find_addressee(" <@U1|anna> what about <@U2>?") == "U1"
    assert find_addressee("what about <@U2>?") == ""
