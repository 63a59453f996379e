"""ConfigMaps, Secrets and keys that are not there."""

from typing import Any

from domain.objects import ObjectRef
from tests.agents.playbook.builders import (
    CREATING,
    Family,
    Json,
    State,
    container,
    env_from_key,
    event,
    ref,
    waiting,
    workload,
)
from tests.agents.playbook.cases.case import Case
from tests.agents.playbook.scene import Piece
from tests.agents.playbook.surroundings import config_map, secret

NS = "mail"
CONFIG_ERROR = "CreateContainerConfigError"
VOLUME = {"name": "conf", "configMap": {"name": "sender-conf"}}
SECRET_VOLUME = {"name": "tls", "secret": {"secretName": "sender-tls"}}
MOUNT = {"name": "conf", "mountPath": "/etc/sender"}
TLS_MOUNT = {"name": "tls", "mountPath": "/etc/tls"}
REF = ref("Deployment", "sender", NS)


def sender(state: State, *, volumes: list[Json] | None = None, **fields: Any) -> Family:
    more: Json = {"volumes": volumes} if volumes else {}
    return workload("Deployment", NS, "sender", container(**fields), states=state, **more)


def from_env(kind: str, name: str, key: str, message: str) -> list[Piece]:
    family = sender(waiting(CONFIG_ERROR, message), env=[env_from_key(kind, name, key)])
    return [family, event(family.pod, "Failed", f"Error: {message}", inside="app")]


def from_all(kind: str, name: str) -> list[Piece]:
    field = "configMapRef" if kind == "ConfigMap" else "secretRef"
    message = f'{kind.lower()} "{name}" not found'
    family = sender(waiting(CONFIG_ERROR, message), envFrom=[{field: {"name": name}}])
    return [family, event(family.pod, "Failed", f"Error: {message}", inside="app")]


def mounting(message: str, volume: Json, mount: Json) -> list[Piece]:
    family = sender(CREATING, volumes=[volume], volumeMounts=[mount])
    slow = (
        f"Unable to attach or mount volumes: unmounted volumes=[{volume['name']}], unattached "
        f"volumes=[], failed to process volumes=[]: timed out waiting for the condition"
    )
    return [
        family,
        event(family.pod, "FailedMount", message, last=20),
        event(family.pod, "FailedMount", slow, last=90),
    ]


def at(kind: str, name: str) -> ObjectRef:
    return ref(kind, name, NS)


ITEMS = {
    "name": "conf",
    "configMap": {"name": "sender-conf", "items": [{"key": "app.yaml", "path": "app.yaml"}]},
}
SECRET_ITEMS = {
    "name": "tls",
    "secret": {"secretName": "sender-tls", "items": [{"key": "tls.crt", "path": "tls.crt"}]},
}
PROJECTED = {"name": "conf", "projected": {"sources": [{"configMap": {"name": "sender-conf"}}]}}
NEAR = config_map(NS, "sender-config", LEVEL="info")

CASES = [
    Case(
        "configmap-missing",
        "key in env",
        [*from_env("ConfigMap", "sender-conf", "host", 'configmap "sender-conf" not found'), NEAR],
        REF,
        ("sender-conf", "app", "sender-config"),
        at("ConfigMap", "sender-conf"),
    ),
    Case(
        "configmap-missing",
        "envFrom",
        from_all("ConfigMap", "sender-conf"),
        REF,
        ("sender-conf", NS),
        at("ConfigMap", "sender-conf"),
    ),
    Case(
        "configmap-missing",
        "volume",
        mounting(
            'MountVolume.SetUp failed for volume "conf" : configmap "sender-conf" not found', VOLUME, MOUNT
        ),
        REF,
        ("sender-conf", "app"),
        at("ConfigMap", "sender-conf"),
    ),
    Case(
        "configmap-missing",
        "projected volume",
        mounting(
            'MountVolume.SetUp failed for volume "conf" : configmap "sender-conf" not found', PROJECTED, MOUNT
        ),
        REF,
        ("sender-conf", "app"),
        at("ConfigMap", "sender-conf"),
    ),
    Case(
        "configmap-missing",
        "events have expired",
        [sender(CREATING, volumes=[VOLUME], volumeMounts=[MOUNT]), NEAR],
        REF,
        ("sender-conf", "app"),
        at("ConfigMap", "sender-conf"),
    ),
    Case(
        "secret-missing",
        "key in env",
        from_env("Secret", "sender-db", "password", 'secret "sender-db" not found'),
        REF,
        ("sender-db", "app"),
        at("Secret", "sender-db"),
    ),
    Case(
        "secret-missing",
        "envFrom",
        from_all("Secret", "sender-db"),
        REF,
        ("sender-db",),
        at("Secret", "sender-db"),
    ),
    Case(
        "secret-missing",
        "volume",
        mounting(
            'MountVolume.SetUp failed for volume "tls" : secret "sender-tls" not found',
            SECRET_VOLUME,
            TLS_MOUNT,
        ),
        REF,
        ("sender-tls",),
        at("Secret", "sender-tls"),
    ),
    Case(
        "config-key-missing",
        "ConfigMap key in env",
        [
            *from_env(
                "ConfigMap",
                "sender-conf",
                "smtp_host",
                "couldn't find key smtp_host in ConfigMap mail/sender-conf",
            ),
            config_map(NS, "sender-conf", smtp_hots="x"),
        ],
        at("ConfigMap", "sender-conf"),
        ("smtp_host", "smtp_hots", "sender-conf"),
    ),
    Case(
        "config-key-missing",
        "Secret key in env",
        [
            *from_env(
                "Secret", "sender-db", "password", "couldn't find key password in Secret mail/sender-db"
            ),
            secret(NS, "sender-db", "user", "passwd"),
        ],
        at("Secret", "sender-db"),
        ("password", "passwd", "user"),
    ),
    Case(
        "config-key-missing",
        "ConfigMap item of a volume",
        [
            *mounting(
                'MountVolume.SetUp failed for volume "conf" : references non-existent config key: app.yaml',
                ITEMS,
                MOUNT,
            ),
            config_map(NS, "sender-conf", **{"app.yml": "a: 1"}),
        ],
        at("ConfigMap", "sender-conf"),
        ("app.yaml", "app.yml"),
    ),
    Case(
        "config-key-missing",
        "ConfigMap item, 1.20 wording",
        [
            *mounting(
                (
                    'MountVolume.SetUp failed for volume "conf" : configmap references non-existent config '
                    "key: app.yaml"
                ),
                ITEMS,
                MOUNT,
            ),
            config_map(NS, "sender-conf", **{"app.yml": "a: 1"}),
        ],
        at("ConfigMap", "sender-conf"),
        ("app.yaml", "app.yml"),
    ),
    Case(
        "config-key-missing",
        "Secret item of a volume",
        [
            *mounting(
                'MountVolume.SetUp failed for volume "tls" : references non-existent secret key: tls.crt',
                SECRET_ITEMS,
                TLS_MOUNT,
            ),
            secret(NS, "sender-tls", "tls.key"),
        ],
        at("Secret", "sender-tls"),
        ("tls.crt", "tls.key"),
    ),
]
