"""Volume claims and mounts."""

from typing import Any

from domain.objects import KubeObject
from tests.agents.playbook.builders import CREATING, Family, event, ref, workload
from tests.agents.playbook.cases.case import Case
from tests.agents.playbook.scene import Piece
from tests.agents.playbook.surroundings import claim, storage_class, volume

NS = "data"
CLAIM = ref("PersistentVolumeClaim", "data-ledger-0", NS)
REF = ref("StatefulSet", "ledger", NS)
VOLUMES = [{"name": "data", "persistentVolumeClaim": {"claimName": "data-ledger-0"}}]
UNBOUND = "0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims."


def ledger(**pod_fields: Any) -> Family:
    return workload("StatefulSet", NS, "ledger", volumes=VOLUMES, pod_fields=pod_fields)


def unbound(
    rule: str,
    variant: str,
    held: KubeObject,
    reason: str,
    message: str,
    *says: str,
    type: str = "Warning",
    around: tuple[KubeObject, ...] = (),
    missing: bool = False,
) -> Case:
    family = ledger(node=None, unschedulable=UNBOUND)
    told = event(CLAIM, reason, message, type=type, component="persistentvolume-controller", count=60)
    pieces: list[Piece] = [
        family,
        held,
        told,
        event(family.pod, "FailedScheduling", UNBOUND, component="default-scheduler"),
        *around,
    ]
    return Case(
        rule,
        variant,
        pieces,
        CLAIM,
        ("data-ledger-0", *says),
        ref("StorageClass", "fast") if missing else None,
    )


def wants(**fields: Any) -> KubeObject:
    return claim(NS, "data-ledger-0", **fields)


def blocked(rule: str, variant: str, reason: str, message: str, *says: str) -> Case:
    family = ledger(states=CREATING)
    return Case(
        rule,
        variant,
        [family, wants(phase="Bound", volumeName="pv-1"), event(family.pod, reason, message)],
        REF,
        ("ledger", *says),
    )


NO_CLASS = 'storageclass.storage.k8s.io "fast" not found'
NO_DEFAULT = "no persistent volumes available for this claim and no storage class is set"
NOTHING_FREE = "no persistent volumes available for this claim and no storage class is set"
STATIC = storage_class("manual", provisioner="kubernetes.io/no-provisioner")
MANUAL = {"storage_class": "manual"}

CASES = [
    unbound(
        "storage-class-missing",
        "ProvisioningFailed",
        wants(storage_class="fast"),
        "ProvisioningFailed",
        NO_CLASS,
        "fast",
        "standard",
        around=(storage_class("standard"),),
        missing=True,
    ),
    unbound(
        "storage-class-missing",
        "no class at all in the cluster",
        wants(storage_class="fast"),
        "ProvisioningFailed",
        NO_CLASS,
        "fast",
        "none",
        missing=True,
    ),
    unbound(
        "storage-class-unset",
        "no default",
        wants(storage_class=None),
        "FailedBinding",
        NO_DEFAULT,
        around=(storage_class("standard"),),
    ),
    unbound(
        "volume-unfit",
        "too small",
        wants(**MANUAL, size="100Gi"),
        "FailedBinding",
        NOTHING_FREE,
        "pv-small",
        "10Gi",
        "100Gi",
        around=(volume("pv-small"),),
        type="Normal",
    ),
    unbound(
        "volume-unfit",
        "modes",
        wants(**MANUAL, modes=("ReadWriteMany",)),
        "FailedBinding",
        NOTHING_FREE,
        "pv-one",
        "ReadWriteMany",
        around=(volume("pv-one"), STATIC),
        type="Normal",
    ),
    unbound(
        "volume-unfit",
        "taken",
        wants(**MANUAL),
        "FailedBinding",
        NOTHING_FREE,
        "pv-old",
        "data/data-ledger-old",
        around=(volume("pv-old", phase="Released", held_by=(NS, "data-ledger-old")),),
        type="Normal",
    ),
    unbound(
        "volume-unfit",
        "selector",
        wants(**MANUAL, selector={"matchLabels": {"tier": "gold"}}),
        "FailedBinding",
        NOTHING_FREE,
        "pv-silver",
        "tier=gold",
        around=(volume("pv-silver", labels={"tier": "silver"}),),
        type="Normal",
    ),
    unbound(
        "volume-unfit",
        "named volume is taken",
        wants(**MANUAL, volumeName="pv-x"),
        "FailedBinding",
        'volume "pv-x" already bound to a different claim.',
        "pv-x",
        "other/theirs",
        around=(volume("pv-x", phase="Bound", held_by=("other", "theirs")),),
    ),
    unbound(
        "provisioning-failed",
        "the driver says why",
        wants(storage_class="fast"),
        "ProvisioningFailed",
        (
            'failed to provision volume with StorageClass "fast": rpc error: code = ResourceExhausted desc = '
            "VolumeLimitExceeded: You have exceeded your maximum gp3 storage limit"
        ),
        "fast",
        "ebs.csi.aws.com",
        "VolumeLimitExceeded",
        around=(storage_class("fast"),),
    ),
    unbound(
        "provisioning-failed",
        "no answer",
        wants(storage_class="fast"),
        "ExternalProvisioning",
        (
            "Waiting for a volume to be created either by the external provisioner 'ebs.csi.aws.com' or "
            "manually by the system administrator. If volume creation is delayed, please verify that the "
            "provisioner is running and correctly registered."
        ),
        "fast",
        "ebs.csi.aws.com",
        around=(storage_class("fast"),),
        type="Normal",
    ),
    unbound(
        "provisioning-failed",
        "no answer, 1.20 wording",
        wants(storage_class="fast"),
        "ExternalProvisioning",
        (
            'waiting for a volume to be created, either by external provisioner "ebs.csi.aws.com" or '
            "manually created by system administrator"
        ),
        "ebs.csi.aws.com",
        around=(storage_class("fast"),),
        type="Normal",
    ),
    Case(
        "claim-lost",
        "volume deleted",
        [
            ledger(
                node=None,
                unschedulable=(
                    '0/2 nodes are available: persistentvolumeclaim "data-ledger-0" bound to '
                    'non-existent persistentvolume "pv-1".'
                ),
            ),
            wants(phase="Lost", volumeName="pv-1"),
            event(
                CLAIM, "ClaimLost", "Bound claim has lost its PersistentVolume. Data on the volume is lost!"
            ),
        ],
        CLAIM,
        ("data-ledger-0",),
    ),
    blocked(
        "attach-failed",
        "held by another node",
        "FailedAttachVolume",
        (
            'Multi-Attach error for volume "pv-1" Volume is already exclusively attached to one node and '
            "can't be attached to another"
        ),
        "Multi-Attach",
        "pv-1",
    ),
    blocked(
        "attach-failed",
        "driver",
        "FailedAttachVolume",
        (
            'AttachVolume.Attach failed for volume "pv-1" : rpc error: code = Internal desc = Could not '
            'attach volume "vol-1" to node "i-1": attachment of disk failed'
        ),
        "pv-1",
    ),
    blocked(
        "attach-failed",
        "block device",
        "FailedMapVolume",
        'MapVolume.SetUpDevice failed for volume "pv-1" : rpc error: code = Internal desc = device not found',
        "SetUpDevice",
    ),
    blocked(
        "mount-failed",
        "NFS",
        "FailedMount",
        (
            'MountVolume.SetUp failed for volume "pv-1" : mount failed: exit status 32 Output: mount.nfs: '
            "access denied by server while mounting 10.0.0.9:/exports/ledger"
        ),
        "access denied by server",
    ),
    blocked(
        "mount-failed",
        "file system",
        "FailedMount",
        (
            'MountVolume.MountDevice failed for volume "pv-1" : rpc error: code = Internal desc = mount '
            "failed: exit status 32 wrong fs type, bad option, bad superblock on /dev/nvme1n1"
        ),
        "wrong fs type",
    ),
    blocked(
        "mount-failed",
        "hostPath",
        "FailedMount",
        (
            'MountVolume.SetUp failed for volume "host" : hostPath type check failed: /data/ledger is not a '
            "directory"
        ),
        "/data/ledger",
    ),
    blocked(
        "mount-failed",
        "driver not on the node",
        "FailedMount",
        (
            'MountVolume.MountDevice failed for volume "pv-1" : kubernetes.io/csi: attacher.MountDevice '
            "failed to create newCsiDriverClient: driver name ebs.csi.aws.com not found in the list of "
            "registered CSI drivers"
        ),
        "ebs.csi.aws.com",
    ),
    Case(
        "resize-failed",
        "driver",
        [
            family := workload("StatefulSet", NS, "ledger", volumes=VOLUMES),
            wants(phase="Bound", volumeName="pv-1"),
            event(
                CLAIM,
                "VolumeResizeFailed",
                (
                    'resize volume "pv-1" by resizer "ebs.csi.aws.com" failed: rpc error: code = Internal '
                    'desc = Could not resize volume "vol-1": modification rate exceeded'
                ),
                component="external-resizer",
            ),
        ],
        CLAIM,
        ("data-ledger-0", "modification rate exceeded"),
        about=CLAIM,
    ),
]
