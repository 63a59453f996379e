"""Descriptions of who may do what."""

from tools.importers.transcript.described.tables import read_inner_table
from tools.importers.transcript.objects import prune, read_text
from tools.importers.transcript.outline import Node
from tools.importers.transcript.section import Raw

_GROUP = "rbac.authorization.k8s.io"


def describe_role_binding(root: Node) -> Raw:
    """A RoleBinding or ClusterRoleBinding: the role, and whom it is given to."""
    role = root.find("Role")
    subjects = [
        prune(
            {
                "kind": row.get("Kind", ""),
                "name": row.get("Name", ""),
                "namespace": read_text(row.get("Namespace", "")),
            }
        )
        for row in read_inner_table(root.find("Subjects"))
    ]
    reference = {"apiGroup": _GROUP, "kind": role.get("Kind"), "name": role.get("Name")}
    return {"roleRef": reference, "subjects": subjects}
