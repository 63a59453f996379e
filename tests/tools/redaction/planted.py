"""Kinds of secrets as they turn up around a cluster: a text, and what of it must not leave."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from tests.tools.redaction.values import DIGITS, LOWER, UPPER, Maker, encode

Make = Callable[[Maker], str]


@dataclass(frozen=True)
class Planted:
    """A text that holds ``secret``."""

    kind: str
    text: str
    secret: str

    @property
    def pieces(self) -> list[str]:
        """What of it would give it away: every run of letters and digits that is not short."""
        return re.findall(r"[A-Za-z0-9]{8,}", self.secret) or [self.secret]

    def leaks_in(self, told: str) -> list[str]:
        """The pieces that a text tells."""
        return [piece for piece in self.pieces if piece in told]


SHAPES: dict[str, Make] = {
    "AWS access key id": lambda m: "AKIA" + m.of(UPPER + "234567", 16),
    "AWS temporary key id": lambda m: "ASIA" + m.of(UPPER + "234567", 16),
    "AWS Bedrock key": lambda m: (
        "ABSK" + encode(f"BedrockAPIKey-{m.alnum(4)}-at-{m.number(12)}:{m.alnum(60)}")
    ),
    "GCP API key": lambda m: "AIza" + m.url_safe(35),
    "GCP OAuth token": lambda m: f"ya29.a0Af{m.url_safe(120)}",
    "GCP client secret": lambda m: "GOCSPX-" + m.url_safe(28),
    "Azure AD client secret": lambda m: f"{m.alnum(3)}8Q~{m.alnum(34)}",
    "GitHub classic token": lambda m: m.github("ghp"),
    "GitHub OAuth token": lambda m: m.github("gho"),
    "GitHub app token": lambda m: m.github("ghs"),
    "GitHub fine-grained token": lambda m: f"github_pat_{m.alnum(22)}_{m.alnum(59)}",
    "GitLab personal token": lambda m: "glpat-" + m.url_safe(20),
    "GitLab runner token": lambda m: "glrt-" + m.url_safe(20),
    "GitLab deploy token": lambda m: "gldt-" + m.url_safe(20),
    "Slack bot token": lambda m: f"xoxb-{m.number(12)}-{m.number(13)}-{m.alnum(24)}",
    "Slack user token": lambda m: f"xoxp-{m.number(12)}-{m.number(12)}-{m.number(13)}-{m.hex(32)}",
    "Slack app token": lambda m: f"xapp-1-A{m.of(UPPER, 10)}-{m.number(13)}-{m.hex(64)}",
    "Discord bot token": lambda m: f"M{m.alnum(25)}.{m.url_safe(6)}.{m.url_safe(38)}",
    "Stripe secret key": lambda m: "sk_live_" + m.alnum(24),
    "Stripe restricted key": lambda m: "rk_live_" + m.alnum(24),
    "Stripe webhook secret": lambda m: "whsec_" + m.alnum(32),
    "Twilio API key": lambda m: "SK" + m.hex(32),
    "SendGrid key": lambda m: f"SG.{m.url_safe(22)}.{m.url_safe(43)}",
    "Mailchimp key": lambda m: f"{m.hex(32)}-us12",
    "npm token": lambda m: "npm_" + m.alnum(36),
    "PyPI token": lambda m: "pypi-AgEIcHlwaS5vcmc" + m.url_safe(140),
    "RubyGems key": lambda m: "rubygems_" + m.hex(48),
    "Hugging Face token": lambda m: "hf_" + m.of(LOWER + UPPER, 34),
    "OpenAI project key": lambda m: f"sk-proj-{m.alnum(74)}T3BlbkFJ{m.alnum(74)}",
    "Anthropic key": lambda m: f"sk-ant-api03-{m.url_safe(93)}AA",
    "New Relic key": lambda m: "NRAK-" + m.of(UPPER + "0123456789", 27),
    "Vault service token": lambda m: "hvs." + m.url_safe(95),
    "Vault batch token": lambda m: "hvb." + m.url_safe(140),
    "Terraform token": lambda m: f"{m.alnum(14)}.atlasv1.{m.url_safe(67)}",
    "Docker Hub token": lambda m: "dckr_pat_" + m.url_safe(27),
    "DigitalOcean token": lambda m: "dop_v1_" + m.hex(64),
    "Heroku key": lambda m: "HRKU-AA" + m.url_safe(58),
    "Telegram bot token": lambda m: f"{m.number(10)}:AA{m.url_safe(33)}",
    "Grafana service account": lambda m: f"glsa_{m.alnum(32)}_{m.hex(8)}",
    "Shopify token": lambda m: "shpat_" + m.hex(32),
    "Atlassian token": lambda m: f"ATATT3xFfGF0{m.url_safe(171)}={m.hex(8).upper()}",
    "Databricks token": lambda m: "dapi" + m.hex(32),
    "Tailscale key": lambda m: f"tskey-auth-{m.alnum(11)}CNTRL-{m.alnum(32)}",
    "Dynatrace token": lambda m: f"dt0c01.{m.of(UPPER, 24)}.{m.of(UPPER, 64)}",
    "age key": lambda m: "AGE-SECRET-KEY-1" + m.of("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58),
    "JSON web token": lambda m: m.jwt(aud="payments"),
    "service account token": lambda m: m.jwt(
        aud=["https://kubernetes.default.svc"],
        kubernetes={"namespace": "shop", "serviceaccount": {"name": "web"}},
    ),
    "private key": lambda m: m.pem("PRIVATE KEY"),
    "RSA private key": lambda m: m.pem("RSA PRIVATE KEY"),
    "OpenSSH private key": lambda m: m.pem("OPENSSH PRIVATE KEY"),
    "PGP private key": lambda m: m.pem("PGP PRIVATE KEY BLOCK"),
    "private key in one line": lambda m: m.pem("EC PRIVATE KEY").replace("\n", "\\n"),
    "private key escaped twice": lambda m: m.pem("EC PRIVATE KEY").replace("\n", "\\\\n"),
    "bcrypt hash": lambda m: f"$2y$10${m.of('./' + LOWER + UPPER, 53)}",
    "shadow hash": lambda m: f"$6${m.alnum(16)}${m.alnum(86)}",
    "htpasswd hash": lambda m: f"$apr1${m.alnum(8)}${m.alnum(22)}",
    "argon2 hash": lambda m: f"$argon2id$v=19$m=65536,t=3,p=4${m.alnum(22)}${m.alnum(43)}",
    "Visa card": lambda m: m.card("4", 16),
    "American Express card": lambda m: m.card("37", 15),
}
"""Secrets that are known by their own form, wherever they stand."""

FRAMES = (
    "2026-03-01T10:00:00Z ERROR login with @@ was refused",
    'level=error msg="using @@ for upstream" attempt=3',
    "value: @@",
)
"""Where a secret of a known form stands, with no name that would give it away."""

PLACES: dict[str, str] = {
    "postgres URL": "dial postgres://app:@@@db.shop.svc:5432/orders?sslmode=disable: refused",
    "mongodb+srv URL": "MONGO_URL=mongodb+srv://root:@@@cluster0.example.net/db?w=majority",
    "redis URL": "connecting to redis://:@@@redis-master:6379/0",
    "AMQP URL": "amqp://worker:@@@rabbit:5672/%2f: EOF",
    "HTTPS URL": "fatal: unable to access 'https://deploy:@@@git.example.com/app.git/'",
    "SMTP URL": "smtps://mailer:@@@smtp.example.com:465",
    "JDBC URL": "jdbc:mysql://db:3306/shop?user=app&password=@@&useSSL=false",
    "JDBC SQL Server": "jdbc:sqlserver://db:1433;databaseName=shop;user=sa;password=@@;encrypt=true",
    "ADO connection string": "Server=tcp:db,1433;User ID=sa;Password=@@;Encrypt=True",
    "ODBC connection string": "Driver={ODBC};Server=db;Uid=sa;Pwd=@@;",
    "libpq string": "host=db port=5432 user=app password=@@ dbname=shop",
    "SQL create user": "ERROR: syntax error: CREATE USER app WITH PASSWORD '@@'",
    "SQL identified by": "GRANT ALL ON shop.* TO 'app'@'%' IDENTIFIED BY '@@';",
    "curl user": "+ curl -s -u admin:@@ http://es:9200/_cat/health",
    "curl --user": "curl --user admin:@@ https://nexus/repository",
    "mysql -p": "mysqldump -h db -uroot -p@@ shop",
    "mysql -p quoted": "sh -c \"mysql -u root -p'@@' -e 'select 1'\"",
    "redis-cli -a": "redis-cli -h redis -a @@ ping",
    "sshpass": "sshpass -p @@ ssh deploy@host",
    "docker login": "docker login -u ci -p @@ registry.example.com",
    "flag with space": "server --db-password @@ --port 80",
    "flag with equals": "--admin-password=@@",
    "flags in JSON": '"args": ["--host=db", "--password=@@", "--verbose"]',
    "flag and value in JSON": '"args": ["--password", "@@", "--verbose"]',
    "flag and value in YAML": "args:\n- --password\n- @@\n- --verbose",
    "helm --set": "helm upgrade db bitnami/postgresql --set auth.password=@@,auth.database=x",
    "shell export": "export PGPASSWORD=@@",
    "env dump": "HOSTNAME=web-0\nREDIS_PASSWORD=@@\nPATH=/usr/bin",
    "dotenv quoted": 'APP_KEY_SECRET="@@"',
    "Dockerfile": "ENV ADMIN_PASSWORD @@",
    "properties": "spring.datasource.password=@@",
    "ini": "[client]\nuser = root\npassword = @@\n",
    "YAML": "auth:\n  username: app\n  password: @@\n",
    "YAML quoted": "adminPassword: '@@'",
    "JSON": '{"user": "app", "password": "@@"}',
    "JSON in JSON": '{"msg": "{\\"user\\": \\"app\\", \\"password\\": \\"@@\\"}"}',
    "JSON camel case": '{"clientId": "app", "clientSecret": "@@"}',
    "Python dict": "{'user': 'app', 'passwd': '@@'}",
    "Go struct": "config: {Host:db User:app Password:@@ Port:5432}",
    "Java toString": "DbConfig(host=db, user=app, password=@@, pool=5)",
    "Ruby hash": '{:user=>"app", :password=>"@@"}',
    "XML element": "<server><user>app</user><password>@@</password></server>",
    "XML attribute": '<Resource username="app" password="@@" />',
    "logfmt": "level=info user=app password=@@ msg=login",
    "query string": "GET /v1/items?access_token=@@&page=2 HTTP/1.1",
    "form": "body: grant_type=password&username=app&password=@@",
    "assignment in code": 'apiKey := "@@"',
    "env of a container, YAML": "env:\n- name: DB_PASSWORD\n  value: @@\n- name: A\n  value: b",
    "env of a container, JSON": '{\n  "env": [{\n    "name": "API_TOKEN",\n    "value": "@@"\n  }]\n}',
    "env of a container, value first": '{"value": "@@", "name": "SMTP_PASSWORD"}',
    "env of a container, described": "    Environment:\n      ADMIN_PASS:  @@\n      MODE:  x",
    "Bearer header": "> Authorization: Bearer @@",
    "API key header": "X-Api-Key: @@",
    "Vault header": "X-Vault-Token: @@",
    "GitLab header": 'curl -H "PRIVATE-TOKEN: @@" https://gitlab/api',
    "Cookie header": "Cookie: theme=dark; sessionid=@@",
    "Set-Cookie header": "< Set-Cookie: JSESSIONID=@@; Path=/; HttpOnly",
    "npmrc": "//registry.npmjs.org/:_authToken=@@",
    "netrc": "machine api.example.com login bot password @@",
    "pip index": "--index-url https://__token__:@@@pypi.example.com/simple",
    "pgpass": "db:5432:shop:app:@@",
    "kubeconfig token": "users:\n- name: ci\n  user:\n    token: @@\n",
}
"""Where a password stands (``@@``): only its place tells what it is."""

OWN: dict[str, tuple[str, Make]] = {
    "Azure storage string": ("AccountName=shop;AccountKey=@@;EndpointSuffix=x", lambda m: m.bytes64(64)),
    "Azure Service Bus": (
        "Endpoint=sb://x/;SharedAccessKeyName=Root;SharedAccessKey=@@",
        lambda m: m.bytes64(32),
    ),
    "Azure SAS": (
        "https://shop.blob.core.windows.net/c/f?sv=2022-11-02&sp=r&sig=@@",
        lambda m: m.alnum(43) + "%3D",
    ),
    "AWS secret access key": (
        "AWS_SECRET_ACCESS_KEY=@@",
        lambda m: m.of(LOWER + UPPER + DIGITS + "/+", 40),
    ),
    "AWS secret in a credentials file": (
        "[default]\naws_access_key_id = x\naws_secret_access_key = @@\n",
        lambda m: m.of(LOWER + UPPER + DIGITS + "/+", 40),
    ),
    "AWS session token": ("AWS_SESSION_TOKEN=@@", lambda m: m.bytes64(200)),
    "AWS presigned URL": (
        "GET https://b.s3.amazonaws.com/k?X-Amz-Date=20260301T100000Z&X-Amz-Signature=@@",
        lambda m: m.hex(64),
    ),
    "Datadog": ("DD_API_KEY=@@", lambda m: m.hex(32)),
    "Twilio auth token": ("TWILIO_AUTH_TOKEN=@@", lambda m: m.hex(32)),
    "WireGuard": ("[Interface]\nPrivateKey = @@", lambda m: m.bytes64(32)),
    "kubeadm join": (
        "kubeadm join 10.0.0.1:6443 --token @@ --discovery-token-ca-cert-hash sha256:0",
        lambda m: f"{m.of(LOWER + DIGITS, 6)}.{m.of(LOWER + DIGITS, 16)}",
    ),
    "bootstrap token": ("found token @@ in kube-system", lambda m: f"{m.hex(6)}.{m.hex(16)}"),
    "Slack webhook": (
        "POST https://hooks.slack.com/services/T0@@",
        lambda m: f"{m.of(UPPER, 8)}/B{m.of(UPPER, 8)}/{m.alnum(24)}",
    ),
    "Discord webhook": (
        "POST https://discord.com/api/webhooks/412345678901234567/@@ 204",
        lambda m: m.url_safe(68),
    ),
    "Teams webhook": (
        "https://acme.webhook.office.com/webhookb2/@@",
        lambda m: f"{m.uuid()}@{m.uuid()}/IncomingWebhook/{m.hex(32)}/{m.uuid()}",
    ),
    "Basic header": ("authorization: Basic @@", lambda m: encode(f"admin:{m.password()}")),
    "Basic header in JSON": (
        '{"headers": {"Authorization": "Basic @@"}}',
        lambda m: encode(f"admin:{m.password()}"),
    ),
    "card in groups": ("card=@@ declined", lambda m: " ".join(chunk(m.card("52", 16), 4))),
    "dockerconfigjson": (
        '{"auths":{"https://index.docker.io/v1/":{"auth":"@@"}}}',
        lambda m: encode(f"robot:{m.password()}"),
    ),
    "kubeconfig key": (
        "users:\n- name: admin\n  user:\n    client-key-data: @@\n",
        lambda m: encode(m.pem("RSA PRIVATE KEY")),
    ),
    "service account of GCP": (
        '{"type": "service_account", "private_key": "@@", "client_email": "a@b"}',
        lambda m: m.pem("PRIVATE KEY").replace("\n", "\\n"),
    ),
    "base64 of a key": ("payload: @@", lambda m: encode(m.pem("PRIVATE KEY"))),
    "base64 of a token": ("seen @@ in body", lambda m: encode(m.jwt())),
    "base64 of a GitHub token": ("seen @@ in body", lambda m: encode(f"token={m.github('ghp')}")),
    "base64 of an env file": (
        "config=@@",
        lambda m: encode(f"MODE=prod\nDB_PASSWORD={m.password()}\nPORT=80\n"),
    ),
    "base64 of a docker config": (
        "blob @@ end",
        lambda m: encode(f'{{"auths":{{"ghcr.io":{{"username":"u","password":"{m.password()}"}}}}}}'),
    ),
    "base64 of a connection string": ("dsn=@@", lambda m: encode(f"postgres://app:{m.password()}@db:5432/x")),
    "base64 of base64": ("blob @@ end", lambda m: encode(encode(f"postgres://app:{m.password()}@db:5432/x"))),
    "Secret manifest, YAML": (
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\ndata:\n  uri: @@\n",
        lambda m: m.bytes64(12),
    ),
    "Secret manifest, data first": (
        "apiVersion: v1\ndata:\n  uri: @@\nkind: Secret\nmetadata:\n  name: db\n",
        lambda m: m.bytes64(12),
    ),
    "Secret manifest, plain": (
        "kind: Secret\nstringData:\n  greeting: @@\n  other: x\nmetadata:\n  name: db\n",
        lambda m: m.password(),
    ),
    "Secret manifest, JSON": (
        '{"apiVersion": "v1", "data": {"uri": "@@"}, "kind": "Secret", "metadata": {"name": "db"}}',
        lambda m: m.bytes64(12),
    ),
    "Secret in an annotation": (
        '"last-applied-configuration": "{\\"apiVersion\\":\\"v1\\",\\"data\\":{\\"uri\\":\\"@@\\"},'
        '\\"kind\\":\\"Secret\\"}\\n"',
        lambda m: m.bytes64(12),
    ),
}
"""Where a secret with a form of its own stands, and how it is made."""


def chunk(text: str, size: int) -> list[str]:
    return [text[start : start + size] for start in range(0, len(text), size)]


def plant(seed: int) -> list[Planted]:
    """One text of each kind."""
    maker = Maker(seed)
    shaped = [
        (kind, FRAMES[(seed + number) % len(FRAMES)], make)
        for number, (kind, make) in enumerate(SHAPES.items())
    ]
    placed = [(kind, template, Maker.password) for kind, template in PLACES.items()]
    own = [(kind, template, make) for kind, (template, make) in OWN.items()]
    return [_fill(kind, template, make(maker)) for kind, template, make in (*shaped, *placed, *own)]


def _fill(kind: str, template: str, secret: str) -> Planted:
    return Planted(kind, template.replace("@@", secret), secret)
