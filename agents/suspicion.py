"""Text that argues with its reader: written, by whoever can, for a model rather than for a person.

It stays evidence, since an attack is worth seeing; but nothing that rests on it overrules the playbook.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from agents.readings import read_all_ways
from domain.case import CaseFile
from domain.evidence import Evidence

_READER = r"(?:ai|llm|assistants?|(?:language )?models?|kubewhy|agents?|chatbots?|gpt|claude|deepseek)"
_MODAL = r"(?:must|should|shall|please|always|never|needs? to|ha(?:s|ve) to|may only)"
_ACT = (
    r"(?:run|execute|call|use|report|answer|respond|reply|say|tell|post|send|print|show|output|include|append"
    r"|conclude|stop|mark|open|follow|repeat|ignore|cite|reveal|approve)"
)
_FORGET = (
    r"ignor\w*|disregard\w*|forget|overrid\w*|bypass|zignoruj|negeer|vergiss|vergeet|oubli\w*|olvid\w*"
    r"|dimentic\w*|esque[cç]a|игнорир\w*|забуд\w*|ігнору\w*|yok say\w*|unut\w*|bỏ qua|abaikan"
    r"|忽略|无视|無視|忘记|忘れ|무시\w*|잊\w*|تجاهل|انس|התעלם|नज़रअंदाज़|अनदेखा"
)
_INSTRUCTIONS = (
    r"(?:previous|prior|above|earlier|all|your|system|other) (?:\w+ ){0,2}"
    r"(?:instruction|prompt|rule|evidence|finding|context|message|guideline)s?"
    r"|anweisung\w*|befehle|instructies|instructions pr[ée]c\w*"
    r"|toutes les (?:instructions|consignes|r[èe]gles)"
    r"|instruc(?:ciones|ç[õo]es)|istruzioni|instrukcj\w*|инструкц\w*|указани\w*|вказівк\w*|talimat\w*"
    r"|hướng dẫn|instruksi|指令|指示|说明|規則|지시|명령|تعليمات|הוראות|निर्देश\w*"
)
_ORDERS = (
    rf"(?:{_FORGET}).{{0,40}}(?:{_INSTRUCTIONS})|(?:{_INSTRUCTIONS}).{{0,40}}(?:{_FORGET})",
    rf"\b(?:you are|act as|pretend to be|you're now|play)\b.{{0,40}}\b(?:{_READER}|dan|administrator|root)\b",
    r"\b(?:system|developer|assistant|user|human) ?(?:prompt|message|instruction|note|override|mode)?s?"
    r" ?[:>\]] ?(?=\S)(?=.{0,80}\b(?:you|cause|run|say|report|answer|ignore|must|always)\b)",
    r"\b(?:system|developer) (?:prompt|instructions?|mode)\b",
    r"<\|?/?(?:system|assistant|user|human|im_start|im_end|instructions?|evidence|findings?|question|scope"
    r"|commands|tool_results?|function_results?)\b[^>]{0,80}>",
    r"\[/?(?:INST|SYSTEM|ASSISTANT)\]|^#{1,3} *(?:system|instructions?|the case|your answer)\b",
    rf"\b{_READER}\b.{{0,30}}\b{_MODAL}\b.{{0,15}}\b{_ACT}\b",
    rf"\b{_READER}[:,] (?:(?:please|always|never|now|you|just) ){{0,2}}{_ACT}\b",
    rf"\b(?:attention|dear|hey|note (?:to|for)|hello|addressed to)\b.{{0,30}}\b{_READER}\b",
    r"\b(?:report|answer|respond|reply|conclude|state|say|tell (?:the )?(?:user|them|him|her|channel))\b"
    r".{0,40}\b(?:cause|healthy|fine|nothing|fault|fixed|fix|resolved|well|instead)\b",
    r"\bthe (?:real |true |actual |root )*cause (?:is|was)\b|\b(?:real|true|actual) (?:root )?cause\b",
    r"\bmark (?:this|it) as (?:resolved|healthy|solved)\b",
    r"\bdo(?: not|n't) (?:mention|report|tell|cite|show|reveal|investigate|look)\b",
    r"\bkubectl (?:delete|exec|apply|create|edit|patch|scale|drain|cp|proxy|run|annotate|label|replace|debug"
    r"|port-forward|attach|get (?:--raw|secrets?))\b",
    r"\bcurl\b.{0,200}\| ?(?:ba|z)?sh\b",
    r"\b(?:cite|citing|see|rests? on)\b.{0,12}\bE[0-9a-f]{8}\b|\bevidence E[0-9a-f]{8}\b",
    r"\bconfidence (?:is |should be |must be |: ?)?(?:1\.0|0\.9\d?|100)",
    r"[\"'](?:root_cause|outcome|cited|fix_commands)[\"'] ?:",
    r"\b(?:print|reveal|repeat|show|leak|exfiltrate|include|append|send (?=all|every|any))\b.{0,30}"
    r"\b(?:all|every|any|the|your|these|those)\b.{0,20}\b(?:secrets?|tokens?|passwords?|prompt|credentials)\b",
    r"\b(?:post|send|forward|upload) (?:the |this |your )?(?:answer|diagnosis|report|summary|findings?)\b",
)
"""What nobody writes into a log for a person: orders to a reader that is a program, in several languages."""

_ORDER = re.compile("|".join(_ORDERS), re.IGNORECASE | re.MULTILINE)


def find_suspicious(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Those observations whose text, or name, speaks to a model."""
    return tuple(item for item in evidence if is_suspicious(f"{item.object or ''}\n{item.text}"))


@lru_cache(maxsize=4_096)
def is_suspicious(text: str) -> bool:
    """Whether text gives orders to whoever reads it: plainly, in another alphabet's letters, or encoded."""
    return any(_ORDER.search(reading) for reading in read_all_ways(text))


def is_argued_with(case: CaseFile) -> bool:
    """Whether the question, or anything observed, argues with its reader."""
    return is_suspicious(case.question) or bool(find_suspicious(case.evidence))
