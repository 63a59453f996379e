"""Domain packs: chosen by cluster or namespace, put after the instructions, and what they hide is hidden."""

import re
from pathlib import Path

import pytest

from domain.case import CaseFile
from domain.errors import MalformedSettings
from domain.objects import ObjectRef
from domain.scope import Scope, TimeWindow
from domain.settings import DomainSettings, RedactionSettings
from prompts.domains.packs import DomainPacks, read_pack
from prompts.loader import CASE, render
from prompts.roles import Family, Role
from tools.redaction import Redactor

WINDOW = TimeWindow.model_validate({"start": "2026-01-01T00:00:00Z", "end": "2026-01-01T01:00:00Z"})


def make_scope(cluster: str = "prod", *namespaces: str) -> Scope:
    return Scope(cluster=cluster, namespaces=namespaces, window=WINDOW)


@pytest.mark.parametrize(
    ("use", "scope", "expected"),
    [
        ({}, make_scope("prod", "ledger"), ""),
        ({"prod": "finance"}, make_scope("prod", "a"), "finance"),
        ({"prod": "finance"}, make_scope("test", "a"), ""),
        ({"claims-*": "healthcare"}, make_scope("any", "claims-eu"), "healthcare"),
        ({"prod/claims": "healthcare", "prod": "finance"}, make_scope("prod", "claims"), "healthcare"),
        ({"prod/claims": "healthcare", "prod": "finance"}, make_scope("prod", "books"), "finance"),
        ({"prod/claims": "healthcare"}, make_scope("test", "claims"), ""),
        ({"prod/open": "none", "prod": "finance"}, make_scope("prod", "open"), ""),
    ],
)
def test_the_first_entry_that_fits_counts(use: dict[str, str], scope: Scope, expected: str) -> None:
    pack = DomainPacks(DomainSettings(use=use)).find(scope)
    assert (pack.name if pack else "") == expected


def test_the_namespace_of_what_was_asked_about_counts() -> None:
    workload = ObjectRef(kind="Deployment", name="a", namespace="claims")
    scope = Scope(cluster="prod", workloads=(workload,), window=WINDOW)
    assert DomainPacks(DomainSettings(use={"claims": "healthcare"})).find(scope)


@pytest.mark.parametrize("name", ["finance", "healthcare"])
@pytest.mark.parametrize("role", Role)
def test_our_packs_come_after_the_instructions_and_cost_little(name: str, role: Role) -> None:
    pack = read_pack(name, None)
    case = CaseFile(question="why?", scope=make_scope())
    bare, full = (render(role, Family.CLAUDE, case, 1_000, p) for p in (None, pack))
    assert full.count(pack.text) == 1
    assert full.index(pack.text) < full.index(CASE)
    assert full.replace(f"\n{pack.text}", "", 1) == bare
    assert 100 < pack.tokens < 500


def test_a_pack_of_ones_own_wins_over_ours(tmp_path: Path) -> None:
    (tmp_path / "finance").mkdir()
    (tmp_path / "finance" / "pack.yaml").write_text('matters: ["costs $5, and ${question}"]')
    packs = DomainPacks(DomainSettings(folder=tmp_path, use={"*": "finance"}))
    pack = packs.find(make_scope())
    assert pack is not None
    text = render(Role.PLAN, Family.DEEPSEEK, CaseFile(question="why?", scope=make_scope()), 500, pack)
    assert "costs $5, and ${question}" in text


@pytest.mark.parametrize(
    ("name", "said", "always"),
    [
        ("hidden", "MRN: 00123456", "healthcare"),
        ("hidden", "patient_name=Ada Lovelace", "healthcare"),
        ("hidden", "dob: 1815-12-10", "healthcare"),
        ("hidden", "to DE89 3704 0044 0532 0130 00 today", "finance"),
        ("hidden", "account no: 12345678", "finance"),
    ],
)
def test_what_a_pack_hides_is_not_shown(name: str, said: str, always: str) -> None:
    patterns = DomainPacks(always=always).patterns()
    shown = Redactor(RedactionSettings(patterns=patterns)).redact(f"INFO {said} end")
    assert re.search(rf"<{name}:1>", shown)
    assert not re.search(r"\d{4}|Ada", shown)


@pytest.mark.parametrize(
    "line",
    [
        "GET /v1/accounts/list 200 in 12 ms, 10 accounts",
        "deployment ledger-79f9764bdd updated 2026-11-24T19:14:13Z",
        "period 2026-10 cannot be closed while entries JE-20418 are unposted",
        "image sha256:4d2fa9f1c9e0a8 pulled by node-d in 1.2 s",
    ],
)
def test_what_is_no_such_data_stays(line: str) -> None:
    for name in ("finance", "healthcare"):
        patterns = DomainPacks(always=name).patterns()
        assert Redactor(RedactionSettings(patterns=patterns)).redact(line) == line


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("matter: [a]", "`matter`: Extra inputs are not permitted"),
        ("hide: {x: '('}", "the pattern of 'x' cannot be used"),
        ("matters: [", "cannot be read"),
        ("- a list", "cannot be read"),
        ("matters: ['" + "long " * 2_000 + "']", "tokens; 1,500 are the most"),
    ],
)
def test_a_pack_that_cannot_be_used_is_named(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "pack.yaml").write_text(text)
    with pytest.raises(MalformedSettings, match=re.escape(sentence)) as caught:
        DomainPacks(DomainSettings(folder=tmp_path, use={"prod": "ours"}))
    assert str(tmp_path / "ours" / "pack.yaml") in str(caught.value)


def test_an_unknown_pack_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(MalformedSettings, match=r"'fintech' is not known; there are finance, healthcare"):
        DomainPacks(DomainSettings(folder=tmp_path, use={"prod": "fintech"}))
