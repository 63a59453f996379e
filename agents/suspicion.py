"""Evidence that argues with its reader: text that a workload wrote for a model rather than for a person.

It stays evidence, since an attack is worth seeing; but a cause that rests on nothing else is not believed.
"""

import base64
import binascii
import re
import unicodedata
from collections.abc import Iterable, Iterator

from domain.evidence import Evidence

_ORDERS = (
    r"\b(?:ignor\w*|disregard\w*|forget|overrid\w*)\b.{0,40}"
    r"\b(?:previous|prior|above|earlier|all|other|system|your)\b"
    r".{0,30}\b(?:instruction|prompt|rule|evidence|finding|context|message|guideline)",
    r"\b(?:you are|act as|pretend to be|you're now)\b.{0,30}"
    r"\b(?:assistant|ai|model|llm|dan|administrator|root)\b",
    r"\b(?:system|developer|assistant|user) ?(?:prompt|message|instruction|note|override)s?\b\s*[:>\]]",
    r"<\|?/?(?:system|assistant|user|im_start|im_end|instructions?|evidence|tool_result|function_results?)"
    r"\b[^>]{0,80}>",
    r"\[/?(?:INST|SYSTEM|ASSISTANT)\]|^#{1,3} *(?:system|instructions?)\b",
    r"\b(?:ai|llm|assistants?|models?|kubewhy|agents?|chatbots?)\b[:,]? .{0,40}"
    r"\b(?:must|should|shall|please|always|never|need to|have to|run|execute|report|answer"
    r"|respond|say|tell|post|send)\b",
    r"\b(?:report|answer|respond|conclude|state|say|tell (?:the )?(?:user|them|him|her))\b.{0,30}\bthat\b"
    r".{0,40}\b(?:healthy|fine|nothing|cause|fault|fixed|resolved)\b",
    r"\bthe (?:real |true |actual |root )+cause (?:is|was)\b",
    r"\bmark (?:this|it) as (?:resolved|healthy|solved)\b",
    r"\bdo(?: not|n't) (?:mention|report|tell|cite|show|reveal|investigate|look)\b",
    r"\b(?:run|execute|call|invoke|use)\b.{0,30}"
    r"\bkubectl (?:delete|exec|apply|create|edit|patch|scale|get secrets?)\b",
    r"\b(?:cite|citing|see) evidence E[0-9a-f]{8}\b|\bconfidence (?:is|should be|must be|:) ?(?:1\.0|100)",
    r"\b(?:print|reveal|repeat|output|show|leak|exfiltrate|send)\b.{0,30}"
    r"\b(?:secrets?|tokens?|passwords?|prompt|credentials)\b.{0,30}\b(?:to|in|of|from|here|now|above|below)\b",
    r"ignorier\w* (?:alle|die|vorherige)|vergiss (?:alle|die)",
    r"ignorez? (?:toutes|les)|oublie[zr]? (?:toutes|les)",
    r"ignora (?:todas|las|tutte|le)|olvida (?:todas|las)|ignore (?:todas as|as instru)",
    r"игнорируй|забудь (?:все|пред)",
    r"忽略.{0,6}(?:指令|指示|说明)|无视.{0,6}(?:指令|指示)|指示を無視|이전 지시|무시하|تجاهل|התעלם",
)
"""What nobody writes into a log for a person: orders to a reader that is a program, in several languages."""

_ORDER = re.compile("|".join(_ORDERS), re.IGNORECASE | re.MULTILINE)
_BLOB = re.compile(r"[A-Za-z0-9+/_-]{24,2000}={0,2}")
_HEX = re.compile(r"\b(?:[0-9a-fA-F]{2}){16,500}\b")
_INVISIBLE = {"Cf", "Co", "Cn"}


def find_suspicious(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Those observations whose text, or name, speaks to a model."""
    return tuple(item for item in evidence if is_suspicious(f"{item.object or ''}\n{item.text}"))


def is_suspicious(text: str) -> bool:
    """Whether text gives orders to whoever reads it: plainly, in another alphabet's letters, or encoded."""
    return any(_gives_orders(reading) for reading in _read(text))


def _gives_orders(text: str) -> bool:
    return bool(_ORDER.search(text))


def _read(text: str) -> Iterator[str]:
    """The text as it stands, without what cannot be seen, unescaped, and what is encoded in it."""
    yield text
    folded = unicodedata.normalize("NFKC", text)
    plain = "".join(c for c in folded if unicodedata.category(c) not in _INVISIBLE)
    if plain != text:
        yield plain
    for blob in _BLOB.findall(plain):
        yield from _decode_base64(blob)
    for digits in _HEX.findall(plain):
        yield from _as_text(bytes.fromhex(digits))


def _decode_base64(blob: str) -> Iterator[str]:
    padded = blob.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        decoded = base64.b64decode(padded + "=" * (-len(padded) % 4), validate=True)
    except (binascii.Error, ValueError):
        return
    yield from _as_text(decoded)


def _as_text(raw: bytes) -> Iterator[str]:
    text = raw.decode("utf-8", errors="replace")
    if text.isprintable():
        yield text
