"""The screens of the documentation: real conversations, drawn so that nothing in them is markup."""

import re
from pathlib import Path
from typing import Any

import pytest

from docs.block_kit import Said, render_block, render_page
from docs.screens import FOLDER, make_screens
from surfaces.slack.blocks.parts import actions, button, code, footer, paragraph, span

HOUSE = Path(__file__).parents[2]
PAGES = (HOUSE / "README.md", HOUSE / "docs/slack.md")


async def test_the_screens_show_what_the_app_says():
    answer, alert, home = [render_page(s.heading, s.said) for s in await make_screens()]

    for word in ("@Kubewhy", "Diagnosed", "Show evidence", "kubectl rollout restart", "<pre>"):
        assert word in answer, word
    assert "KubePodNotReady" in alert and "Diagnosed" in alert
    assert "What you may ask about" in home and "#incidents" in home


@pytest.mark.parametrize(
    "blocks",
    [
        paragraph(span("<script>alert(1)</script>", bold=True)),
        code("<script>alert(1)</script>"),
        footer(["<script>alert(1)</script>"]),
        actions([button("a", "<script>")]),
        [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [
            {"type": "link", "url": 'https://x/"><script>', "text": "<script>"}]}]}],
    ],
)  # fmt: skip
def test_text_stays_text(blocks: list[dict[str, Any]]):
    drawn = "".join(map(render_block, blocks)) + render_page("<script>", [Said("<script>", "<script>")])

    assert "<script" not in drawn and "&lt;script&gt;" in drawn


def test_a_kind_of_block_that_is_not_drawn_is_an_error():
    with pytest.raises(KeyError):
        render_block({"type": "carousel"})


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_pictures_of_a_page_are_there_and_small(page: Path):
    named = re.findall(r"\((?:docs/)?images/([\w.-]+)\)", page.read_text(encoding="utf-8"))

    assert named and all((FOLDER / name).stat().st_size < 150_000 for name in named)
