"""What this is: its version, and where its source lives, as an address and as a QR code."""

from dataclasses import dataclass
from importlib.metadata import metadata
from io import BytesIO, StringIO

import segno

from domain.settings import Settings


@dataclass(frozen=True)
class About:
    """The program. ``source`` is empty where nobody said where its code is."""

    version: str
    license: str
    source: str = ""


def read_about(settings: Settings) -> About:
    """What the package says of itself; the settings may name another source, that of a fork."""
    told = metadata("kubewhy")
    links = [entry.partition(", ") for entry in told.get_all("Project-URL") or ()]
    published = next((url for label, _, url in links if label == "Source"), "")
    return About(told["Version"], told["License-Expression"], settings.source or published)


def draw_qr_text(address: str) -> str:
    """A QR code in block characters, for a terminal with a dark background."""
    drawn = StringIO()
    segno.make_qr(address, error="m").terminal(drawn, border=2, compact=True)
    return drawn.getvalue()


def draw_qr_image(address: str) -> bytes:
    """A QR code as a PNG of some 200 pixels."""
    drawn = BytesIO()
    segno.make_qr(address, error="m").save(drawn, kind="png", scale=6, border=3)
    return drawn.getvalue()
