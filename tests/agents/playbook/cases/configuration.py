"""What a container is told: ConfigMaps, Secrets, keys, files, variables."""

from domain.objects import ObjectRef
from tests.agents.playbook.builders import CREATING, Family, State, container, crashing, env_from_key, event, logs, ref, waiting, workload
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


def sender(state: State, *, volumes: list[dict[str, object]] | None = None, **fields: object) -> Family:
    more = {"volumes": volumes} if volumes else {}
    return workload("Deployment", NS, "sender", container(**fields), states=state, **more)


def from_env(kind: str, name: str, key: str, message: str) -> list[Piece]:
    family = sender(waiting(CONFIG_ERROR, message), env=[env_from_key(kind, name, key)])
    return [family, event(family.pod, "Failed", f"Error: {message}", inside="app")]


def from_all(kind: str, name: str) -> list[Piece]:
    field = "configMapRef" if kind == "ConfigMap" else "secretRef"
    message = f'{kind.lower()} "{name}" not found'
    family = sender(waiting(CONFIG_ERROR, message), envFrom=[{field: {"name": name}}])
    return [family, event(family.pod, "Failed", f"Error: {message}", inside="app")]


def mounting(message: str, volume: dict[str, object], mount: dict[str, object]) -> list[Piece]:
    family = sender(CREATING, volumes=[volume], volumeMounts=[mount])
    slow = f"Unable to attach or mount volumes: unmounted volumes=[{volume['name']}], unattached volumes=[], failed to process volumes=[]: timed out waiting for the condition"
    return [family, event(family.pod, "FailedMount", message, last=20), event(family.pod, "FailedMount", slow, last=90)]


def talking(*lines: str, code: int = 1, **fields: object) -> list[Piece]:
    family = sender(crashing(code), **fields)  # type: ignore[arg-type]
    return [family, logs(family.pod, "app", "starting up", *lines, previous=True)]


def setting(variant: str, name: str, *lines: str, code: int = 1) -> Case:
    return Case("setting-missing", variant, talking(*lines, code=code), REF, (name, "app", "sender"))


def at(kind: str, name: str) -> ObjectRef:
    return ref(kind, name, NS)


ITEMS = {"name": "conf", "configMap": {"name": "sender-conf", "items": [{"key": "app.yaml", "path": "app.yaml"}]}}
SECRET_ITEMS = {"name": "tls", "secret": {"secretName": "sender-tls", "items": [{"key": "tls.crt", "path": "tls.crt"}]}}
PROJECTED = {"name": "conf", "projected": {"sources": [{"configMap": {"name": "sender-conf"}}]}}
NEAR = config_map(NS, "sender-config", LEVEL="info")

CASES = [
    Case("configmap-missing", "key in env", [*from_env("ConfigMap", "sender-conf", "host", 'configmap "sender-conf" not found'), NEAR], REF,
         ("sender-conf", "app", "sender-config"), at("ConfigMap", "sender-conf")),
    Case("configmap-missing", "envFrom", from_all("ConfigMap", "sender-conf"), REF, ("sender-conf", NS), at("ConfigMap", "sender-conf")),
    Case("configmap-missing", "volume", mounting('MountVolume.SetUp failed for volume "conf" : configmap "sender-conf" not found', VOLUME, MOUNT), REF,
         ("sender-conf", "app"), at("ConfigMap", "sender-conf")),
    Case("configmap-missing", "projected volume", mounting('MountVolume.SetUp failed for volume "conf" : configmap "sender-conf" not found', PROJECTED, MOUNT), REF,
         ("sender-conf", "app"), at("ConfigMap", "sender-conf")),
    Case("configmap-missing", "events have expired", [sender(CREATING, volumes=[VOLUME], volumeMounts=[MOUNT]), NEAR], REF,
         ("sender-conf", "app"), at("ConfigMap", "sender-conf")),
    Case("secret-missing", "key in env", from_env("Secret", "sender-db", "password", 'secret "sender-db" not found'), REF, ("sender-db", "app"), at("Secret", "sender-db")),
    Case("secret-missing", "envFrom", from_all("Secret", "sender-db"), REF, ("sender-db",), at("Secret", "sender-db")),
    Case("secret-missing", "volume", mounting('MountVolume.SetUp failed for volume "tls" : secret "sender-tls" not found', SECRET_VOLUME, TLS_MOUNT), REF,
         ("sender-tls",), at("Secret", "sender-tls")),
    Case("config-key-missing", "ConfigMap key in env",
         [*from_env("ConfigMap", "sender-conf", "smtp_host", "couldn't find key smtp_host in ConfigMap mail/sender-conf"), config_map(NS, "sender-conf", smtp_hots="x")],
         at("ConfigMap", "sender-conf"), ("smtp_host", "smtp_hots", "sender-conf")),
    Case("config-key-missing", "Secret key in env",
         [*from_env("Secret", "sender-db", "password", "couldn't find key password in Secret mail/sender-db"), secret(NS, "sender-db", "user", "passwd")],
         at("Secret", "sender-db"), ("password", "passwd", "user")),
    Case("config-key-missing", "ConfigMap item of a volume",
         [*mounting('MountVolume.SetUp failed for volume "conf" : references non-existent config key: app.yaml', ITEMS, MOUNT), config_map(NS, "sender-conf", **{"app.yml": "a: 1"})],
         at("ConfigMap", "sender-conf"), ("app.yaml", "app.yml")),
    Case("config-key-missing", "ConfigMap item, 1.20 wording",
         [*mounting('MountVolume.SetUp failed for volume "conf" : configmap references non-existent config key: app.yaml', ITEMS, MOUNT), config_map(NS, "sender-conf", **{"app.yml": "a: 1"})],
         at("ConfigMap", "sender-conf"), ("app.yaml", "app.yml")),
    Case("config-key-missing", "Secret item of a volume",
         [*mounting('MountVolume.SetUp failed for volume "tls" : references non-existent secret key: tls.crt', SECRET_ITEMS, TLS_MOUNT), secret(NS, "sender-tls", "tls.key")],
         at("Secret", "sender-tls"), ("tls.crt", "tls.key")),
    Case("config-file-rejected", "nginx",
         [*talking('2026/03/14 09:29:20 [emerg] 1#1: unknown directive "proxy_passs" in /etc/sender/app.conf:3', volumes=[VOLUME], volumeMounts=[MOUNT]),
          config_map(NS, "sender-conf", **{"app.conf": "server {\n  location / {\n    proxy_passs http://x;\n  }\n}"})],
         at("ConfigMap", "sender-conf"), ("app.conf", "line 3", "proxy_passs", "app")),
    Case("config-file-rejected", "Python, YAML",
         [*talking("Traceback (most recent call last):", '  File "/app/main.py", line 12, in <module>', "yaml.scanner.ScannerError: mapping values are not allowed here",
                   "ERROR cannot parse /etc/sender/app.yaml: mapping values are not allowed here", volumes=[VOLUME], volumeMounts=[MOUNT]),
          config_map(NS, "sender-conf", **{"app.yaml": "a: b: c"})],
         at("ConfigMap", "sender-conf"), ("app.yaml", "mapping values")),
    Case("config-file-rejected", "Secret, Go",
         [*talking("panic: failed to load /etc/tls/app.json: invalid character '}' looking for beginning of value", code=2, volumes=[SECRET_VOLUME], volumeMounts=[TLS_MOUNT]),
          secret(NS, "sender-tls", "app.json")],
         at("Secret", "sender-tls"), ("app.json", "invalid character")),
    setting("Go", "SMTP_HOST", "2026/03/14 09:29:20 required environment variable SMTP_HOST is not set"),
    setting("Python", "SMTP_HOST", "Traceback (most recent call last):", '  File "<frozen os>", line 679, in __getitem__', "KeyError: 'SMTP_HOST'"),
    setting("Node", "SMTP_HOST", "Error: Missing required environment variable: SMTP_HOST", "    at Object.<anonymous> (/app/index.js:4:9)"),
    setting("shell", "SMTP_HOST", "/entrypoint.sh: line 3: SMTP_HOST: unbound variable"),
    setting("dash", "SMTP_HOST", "/entrypoint.sh: 3: SMTP_HOST: parameter not set", code=2),
    setting("pydantic", "SMTP_HOST", "pydantic_core._pydantic_core.ValidationError: 1 validation error for Settings", "SMTP_HOST", "  Field required [type=missing, input_value={}, input_type=dict]"),
    setting("postgres image", "POSTGRES_PASSWORD", "Error: Database is uninitialized and superuser password is not specified.",
            "       You must specify POSTGRES_PASSWORD to a non-empty value for the superuser."),
    setting("Spring", "SMTP_HOST", "Caused by: java.lang.IllegalArgumentException: Could not resolve placeholder 'SMTP_HOST' in value \"${SMTP_HOST}\""),
    setting("empty", "API_TOKEN", "FATAL API_TOKEN must not be empty"),
    Case("run-as-non-root", "root image",
         [sender(waiting(CONFIG_ERROR, 'container has runAsNonRoot and image will run as root (pod: "sender-x_mail(1c0ffee1)", container: app)'))], REF, ("app", "will run as root")),
    Case("run-as-non-root", "user by name",
         [sender(waiting(CONFIG_ERROR, 'container has runAsNonRoot and image has non-numeric user (nginx), cannot verify user is non-root (pod: "sender-x_mail(1c0ffee1)", container: app)'))],
         REF, ("app", "non-numeric user")),
    Case("run-as-non-root", "runAsUser 0",
         [sender(waiting(CONFIG_ERROR, 'container\'s runAsUser breaks non-root policy (pod: "sender-x_mail(1c0ffee1)", container: app)'))], REF, ("app", "runAsUser")),
    Case("mounted-file-missing", "Go",
         [*talking("open /etc/sender/app.toml: no such file or directory", volumes=[VOLUME], volumeMounts=[MOUNT]), config_map(NS, "sender-conf", **{"app.yaml": "a: 1"})],
         at("ConfigMap", "sender-conf"), ("app.toml", "app.yaml")),
    Case("mounted-file-missing", "Python",
         [*talking("FileNotFoundError: [Errno 2] No such file or directory: '/etc/sender/app.toml'", volumes=[VOLUME], volumeMounts=[MOUNT]),
          config_map(NS, "sender-conf", **{"app.yaml": "a: 1"})],
         at("ConfigMap", "sender-conf"), ("app.toml", "app.yaml")),
    Case("mounted-file-missing", "Node",
         [*talking("Error: ENOENT: no such file or directory, open '/etc/sender/app.toml'", volumes=[VOLUME], volumeMounts=[MOUNT]),
          config_map(NS, "sender-conf", **{"app.yaml": "a: 1"})],
         at("ConfigMap", "sender-conf"), ("app.toml", "app.yaml")),
    Case("mounted-file-missing", "Java",
         [*talking("java.nio.file.NoSuchFileException: /etc/sender/app.toml", volumes=[VOLUME], volumeMounts=[MOUNT]),
          config_map(NS, "sender-conf", **{"app.yaml": "a: 1"})],
         at("ConfigMap", "sender-conf"), ("app.toml", "app.yaml")),
]  # fmt: skip
