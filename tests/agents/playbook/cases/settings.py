"""Settings, files and users that a container lacks or does not accept."""

from typing import Any

from tests.agents.playbook.builders import (
    crashing,
    logs,
    waiting,
)
from tests.agents.playbook.cases.case import Case
from tests.agents.playbook.cases.configuration import (
    CONFIG_ERROR,
    MOUNT,
    NS,
    REF,
    SECRET_VOLUME,
    TLS_MOUNT,
    VOLUME,
    at,
    sender,
)
from tests.agents.playbook.scene import Piece
from tests.agents.playbook.surroundings import config_map, secret


def talking(*lines: str, code: int = 1, **fields: Any) -> list[Piece]:
    family = sender(crashing(code), **fields)
    return [family, logs(family.pod, "app", "starting up", *lines, previous=True)]


def setting(variant: str, name: str, *lines: str, code: int = 1) -> Case:
    return Case("setting-missing", variant, talking(*lines, code=code), REF, (name, "app", "sender"))


CASES = [
    Case(
        "config-file-rejected",
        "nginx",
        [
            *talking(
                '2026/03/14 09:29:20 [emerg] 1#1: unknown directive "proxy_passs" in /etc/sender/app.conf:3',
                volumes=[VOLUME],
                volumeMounts=[MOUNT],
            ),
            config_map(
                NS,
                "sender-conf",
                **{"app.conf": "server {\n  location / {\n    proxy_passs http://x;\n  }\n}"},
            ),
        ],
        at("ConfigMap", "sender-conf"),
        ("app.conf", "line 3", "proxy_passs", "app"),
    ),
    Case(
        "config-file-rejected",
        "Python, YAML",
        [
            *talking(
                "Traceback (most recent call last):",
                '  File "/app/main.py", line 12, in <module>',
                "yaml.scanner.ScannerError: mapping values are not allowed here",
                "ERROR cannot parse /etc/sender/app.yaml: mapping values are not allowed here",
                volumes=[VOLUME],
                volumeMounts=[MOUNT],
            ),
            config_map(NS, "sender-conf", **{"app.yaml": "a: b: c"}),
        ],
        at("ConfigMap", "sender-conf"),
        ("app.yaml", "mapping values"),
    ),
    Case(
        "config-file-rejected",
        "Secret, Go",
        [
            *talking(
                (
                    "panic: failed to load /etc/tls/app.json: invalid character '}' looking for beginning of "
                    "value"
                ),
                code=2,
                volumes=[SECRET_VOLUME],
                volumeMounts=[TLS_MOUNT],
            ),
            secret(NS, "sender-tls", "app.json"),
        ],
        at("Secret", "sender-tls"),
        ("app.json", "invalid character"),
    ),
    setting("Go", "SMTP_HOST", "2026/03/14 09:29:20 required environment variable SMTP_HOST is not set"),
    setting(
        "Python",
        "SMTP_HOST",
        "Traceback (most recent call last):",
        '  File "<frozen os>", line 679, in __getitem__',
        "KeyError: 'SMTP_HOST'",
    ),
    setting(
        "Node",
        "SMTP_HOST",
        "Error: Missing required environment variable: SMTP_HOST",
        "    at Object.<anonymous> (/app/index.js:4:9)",
    ),
    setting("shell", "SMTP_HOST", "/entrypoint.sh: line 3: SMTP_HOST: unbound variable"),
    setting("dash", "SMTP_HOST", "/entrypoint.sh: 3: SMTP_HOST: parameter not set", code=2),
    setting(
        "pydantic",
        "SMTP_HOST",
        "pydantic_core._pydantic_core.ValidationError: 1 validation error for Settings",
        "SMTP_HOST",
        "  Field required [type=missing, input_value={}, input_type=dict]",
    ),
    setting(
        "postgres image",
        "POSTGRES_PASSWORD",
        "Error: Database is uninitialized and superuser password is not specified.",
        "       You must specify POSTGRES_PASSWORD to a non-empty value for the superuser.",
    ),
    setting(
        "Spring",
        "SMTP_HOST",
        (
            "Caused by: java.lang.IllegalArgumentException: Could not resolve placeholder 'SMTP_HOST' in "
            'value "${SMTP_HOST}"'
        ),
    ),
    setting("empty", "API_TOKEN", "FATAL API_TOKEN must not be empty"),
    Case(
        "run-as-non-root",
        "root image",
        [
            sender(
                waiting(
                    CONFIG_ERROR,
                    (
                        "container has runAsNonRoot and image will run as root (pod: "
                        '"sender-x_mail(1c0ffee1)", container: app)'
                    ),
                )
            )
        ],
        REF,
        ("app", "will run as root"),
    ),
    Case(
        "run-as-non-root",
        "user by name",
        [
            sender(
                waiting(
                    CONFIG_ERROR,
                    (
                        "container has runAsNonRoot and image has non-numeric user (nginx), cannot verify "
                        'user is non-root (pod: "sender-x_mail(1c0ffee1)", container: app)'
                    ),
                )
            )
        ],
        REF,
        ("app", "non-numeric user"),
    ),
    Case(
        "run-as-non-root",
        "runAsUser 0",
        [
            sender(
                waiting(
                    CONFIG_ERROR,
                    (
                        'container\'s runAsUser breaks non-root policy (pod: "sender-x_mail(1c0ffee1)", '
                        "container: app)"
                    ),
                )
            )
        ],
        REF,
        ("app", "runAsUser"),
    ),
    Case(
        "mounted-file-missing",
        "Go",
        [
            *talking(
                "open /etc/sender/app.toml: no such file or directory", volumes=[VOLUME], volumeMounts=[MOUNT]
            ),
            config_map(NS, "sender-conf", **{"app.yaml": "a: 1"}),
        ],
        at("ConfigMap", "sender-conf"),
        ("app.toml", "app.yaml"),
    ),
    Case(
        "mounted-file-missing",
        "Python",
        [
            *talking(
                "FileNotFoundError: [Errno 2] No such file or directory: '/etc/sender/app.toml'",
                volumes=[VOLUME],
                volumeMounts=[MOUNT],
            ),
            config_map(NS, "sender-conf", **{"app.yaml": "a: 1"}),
        ],
        at("ConfigMap", "sender-conf"),
        ("app.toml", "app.yaml"),
    ),
    Case(
        "mounted-file-missing",
        "Node",
        [
            *talking(
                "Error: ENOENT: no such file or directory, open '/etc/sender/app.toml'",
                volumes=[VOLUME],
                volumeMounts=[MOUNT],
            ),
            config_map(NS, "sender-conf", **{"app.yaml": "a: 1"}),
        ],
        at("ConfigMap", "sender-conf"),
        ("app.toml", "app.yaml"),
    ),
    Case(
        "mounted-file-missing",
        "Java",
        [
            *talking(
                "java.nio.file.NoSuchFileException: /etc/sender/app.toml",
                volumes=[VOLUME],
                volumeMounts=[MOUNT],
            ),
            config_map(NS, "sender-conf", **{"app.yaml": "a: 1"}),
        ],
        at("ConfigMap", "sender-conf"),
        ("app.toml", "app.yaml"),
    ),
]
