import pytest

from domain.errors import RefusedCommand
from tools.cluster.selectors import match_fields, match_labels

POD = {
    "kind": "Pod",
    "metadata": {
        "name": "web-0",
        "namespace": "shop",
        "labels": {"app": "web", "gen": "4", "x.io/tier": "a"},
    },
    "spec": {"nodeName": "node-a", "hostNetwork": True},
    "status": {"phase": "Running", "replicas": 3},
}


@pytest.mark.parametrize(
    ("selector", "matches"),
    [
        ("", True),
        ("app=web", True),
        ("app == web", True),
        ("app=db", False),
        ("app!=db", True),
        ("missing!=db", True),
        ("app in (web, db)", True),
        ("app in (db)", False),
        ("app notin (web,db)", False),
        ("missing notin (web)", True),
        ("app", True),
        ("!app", False),
        ("! missing", True),
        ("missing", False),
        ("gen>3", True),
        ("gen<4", False),
        ("app>3", False),
        ("x.io/tier=a,app in (web,api),!legacy", True),
        ("x.io/tier=a,app in (api)", False),
        ("app=", False),
        ("missing=", False),
    ],
)
def test_label_selectors(selector: str, matches: bool) -> None:
    assert match_labels(selector)(POD) is matches


@pytest.mark.parametrize(
    "selector", ["app in web", "app=we b", "=web", "app in (a", "a=b c", "app~web", "a,,=b"]
)
def test_a_broken_label_selector_is_refused_with_the_way_out(selector: str) -> None:
    with pytest.raises(RefusedCommand, match="label selector .* write it like"):
        match_labels(selector)


@pytest.mark.parametrize(
    ("selector", "matches"),
    [
        ("metadata.name=web-0", True),
        ("metadata.namespace!=shop", False),
        ("status.phase=Running,spec.nodeName=node-a", True),
        ("status.phase!=Running", False),
        ("spec.hostNetwork=true", True),
        ("spec.unschedulable=false", True),
        ("spec.nothing=", True),
        ("status.replicas=3", True),
        ("status.phase.deeper=x", False),
        ("", True),
    ],
)
def test_field_selectors(selector: str, matches: bool) -> None:
    assert match_fields(selector)(POD) is matches


def test_field_selectors_on_events() -> None:
    event = {
        "reason": "Failed",
        "type": "Warning",
        "message": "a,b=c",
        "source": {"component": "kubelet"},
        "involvedObject": {"kind": "Pod", "name": "web-0"},
    }
    assert match_fields("involvedObject.kind=Pod,involvedObject.name=web-0,type!=Normal,source=kubelet")(
        event
    )
    assert match_fields(r"message=a\,b\=c")(event)
    assert not match_fields("reason=BackOff")(event)


@pytest.mark.parametrize("selector", ["status.phase", "=x", "a=b,c"])
def test_a_broken_field_selector_is_refused(selector: str) -> None:
    with pytest.raises(RefusedCommand, match="field selector"):
        match_fields(selector)
