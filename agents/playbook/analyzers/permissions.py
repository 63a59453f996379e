"""What the API server refuses to a ServiceAccount, and which bindings there are of it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agents.playbook.analyzers.registry import analyzer
from agents.playbook.scene import Match, Scene
from domain.evidence import Evidence
from domain.objects import KubeObject, ObjectRef

_FORBIDDEN = re.compile(
    r'(?i)User \\?"system:serviceaccount:(?P<account_namespace>[^:"\\]+):(?P<account>[^"\\]+)\\?"'
    r' cannot (?P<verb>\w+) resource \\?"(?P<resource>[^"\\]+)\\?"'
    r'(?: in API group \\?"(?P<group>[^"\\]*)\\?")?(?: in the namespace \\?"(?P<space>[^"\\]+))?'
)
"""How the API server's RBAC authorizer words a refusal; ``space`` is missing at the cluster scope."""


@dataclass(frozen=True)
class _Refusal:
    """What a ServiceAccount may not do; ``space`` empty: in the whole cluster."""

    account: ObjectRef
    verb: str
    resource: str
    space: str

    @classmethod
    def read(cls, text: str) -> "_Refusal | None":
        """The refusal that a text tells of, if it does."""
        found = _FORBIDDEN.search(text)
        if found is None:
            return None
        account = ObjectRef(
            kind="ServiceAccount", name=found["account"], namespace=found["account_namespace"]
        )
        resource = f"{found['resource']}.{found['group']}" if found["group"] else found["resource"]
        return cls(account, found["verb"], resource, found["space"] or "")

    def variables(self) -> dict[str, str]:
        """What the rule's sentences and commands need."""
        return {
            "account": self.account.name,
            "account_namespace": self.account.namespace,
            "verb": self.verb,
            "resource": self.resource,
            "scope": f"in namespace {self.space}" if self.space else "in the whole cluster",
            "role_kind": "role" if self.space else "clusterrole",
            "role": f"{self.account.name}-{re.sub(r'[./]', '-', self.resource)}",
            "at": f" -n {self.space}" if self.space else "",
        }


@analyzer("rbac-forbidden")
def find_forbidden(scene: Scene) -> Iterator[Match]:
    """Pods whose log holds a refusal of the API server, with what the bindings say about it."""
    for pod, container, lines in scene.logs_seen():
        refusals = {r: line for line in lines if not line.quiet and (r := _Refusal.read(line.text))}
        for refusal, line in refusals.items() if scene.snapshot.find(pod) else ():
            binding, why = _look_at_bindings(refusal, scene)
            evidence = [scene.note_line(pod, line)]
            if binding is not None:
                evidence.append(_note_binding(binding, scene))
            misbound = ObjectRef.of(binding) if binding and _binds_namesake(binding, refusal) else None
            variables = {**refusal.variables(), "container": container, "why": why}
            yield Match(pod, variables, tuple(evidence), object=misbound)


def _look_at_bindings(refusal: _Refusal, scene: Scene) -> tuple[KubeObject | None, str]:
    """The RoleBinding that comes nearest to allowing it, and why nothing does."""
    account, space = refusal.account, refusal.space
    bindings = scene.snapshot.of_kind("RoleBinding")
    here = [b for b in bindings if space and ObjectRef.of(b).namespace == space]
    for binding in here:
        if account in _subjects(binding):
            role = (binding.get("roleRef") or {}).get("name")
            return binding, f"{ObjectRef.of(binding)} gives it role {role}, which does not allow that"
    for binding in here:
        if _binds_namesake(binding, refusal):
            bound = next(s for s in _subjects(binding) if s.name == account.name)
            return binding, f"{ObjectRef.of(binding)} binds the one of namespace {bound.namespace} instead"
    for binding in bindings if space else ():
        if account in _subjects(binding) and ObjectRef.of(binding).namespace != space:
            held = ObjectRef.of(binding).namespace
            return binding, f"{ObjectRef.of(binding)} gives it rights within namespace {held} only"
    return None, "no Role or ClusterRole bound to it allows that"


def _binds_namesake(binding: KubeObject, refusal: _Refusal) -> bool:
    """Whether a binding in the namespace names an account of that name, but of another namespace."""
    subjects = _subjects(binding)
    named = any(subject.name == refusal.account.name for subject in subjects)
    return ObjectRef.of(binding).namespace == refusal.space and named and refusal.account not in subjects


def _subjects(binding: KubeObject) -> list[ObjectRef]:
    return [
        ObjectRef(kind="ServiceAccount", name=s.get("name") or "", namespace=s.get("namespace") or "")
        for s in binding.get("subjects") or []
        if s.get("kind") == "ServiceAccount"
    ]


def _note_binding(binding: KubeObject, scene: Scene) -> Evidence:
    ref, role = ObjectRef.of(binding), binding.get("roleRef") or {}
    bound = ", ".join(map(str, _subjects(binding)))
    return scene.note(ref, f"{ref} gives {role.get('kind')} {role.get('name')} to {bound}")
