import pytest

from domain.diagnosis import Diagnosis, Outcome


@pytest.mark.parametrize(
    ("line", "aimed"),
    [
        ("kubectl get pods -n shop", "kubectl --context eks/prod get pods -n shop"),
        (
            "kubectl get x -o yaml | kubectl diff -f -",
            "kubectl --context eks/prod get x -o yaml | kubectl --context eks/prod diff -f -",
        ),
        ("kubectl config current-context", "kubectl config current-context"),
        ("echo kubectl get pods", "echo kubectl get pods"),
        ("  replicas: 3", "  replicas: 3"),
    ],
)
def test_lines_to_copy_reach_the_cluster_that_was_diagnosed(line: str, aimed: str) -> None:
    diagnosis = Diagnosis(outcome=Outcome.UNKNOWN, summary="?", kube_context="eks/prod")

    assert diagnosis.aim(line) == aimed


def test_a_context_with_spaces_is_one_word_and_none_changes_nothing() -> None:
    spaced = Diagnosis(outcome=Outcome.UNKNOWN, summary="?", kube_context="my prod; rm")
    unknown = Diagnosis(outcome=Outcome.UNKNOWN, summary="?")

    assert spaced.aim("kubectl get pods") == "kubectl --context 'my prod; rm' get pods"
    assert unknown.aim("kubectl get pods") == "kubectl get pods"
