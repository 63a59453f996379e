"""Takes secrets out of text before anyone, person or model, sees it."""


def redact(text: str) -> str:
    """x."""
    return text
