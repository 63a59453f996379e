"""Secrets go, everything else stays."""

import time

import pytest

from tools.redaction import redact

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAKC\n-----END RSA PRIVATE KEY-----"
GITHUB = "ghp_" + "a1B2" * 9
SLACK = "xoxb-" + "1234567890-abcdef"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("postgres://app:s3cr3t@db:5432/x", "postgres://app:<secret:1>@db:5432/x"),
        ("amqp://:pw@mq/", "amqp://:<secret:1>@mq/"),
        ("Authorization: Bearer abcdefghijklmnopqrst", "Authorization: Bearer <secret:1>"),
        ('curl -H "authorization: Basic dXNlcjpwYXNzd29yZA=="', 'curl -H "authorization: Basic <secret:1>"'),
        ("x-api-key: 0123456789", "x-api-key: <secret:1>"),
        (f"got {JWT} from issuer", "got <secret:1> from issuer"),
        ("key AKIAIOSFODNN7EXAMPLE used", "key <secret:1> used"),
        (f"remote: {GITHUB}", "remote: <secret:1>"),
        (f"posting with {SLACK}", "posting with <secret:1>"),
        (f"loaded {PEM} ok", "loaded <secret:1> ok"),
        ("-----BEGIN PRIVATE KEY-----\nMIIEow cut", "<secret:1>"),
        ("password=hunter2 user=app", "password=<secret:1> user=app"),
        ("DB_PIN_PASSWORD=123456", "DB_PIN_PASSWORD=<secret:1>"),
        ("DB_PASS=foo", "DB_PASS=<secret:1>"),
        ('{"password":"a\\"b","user":"u"}', '{"password":"<secret:1>","user":"u"}'),
        ("{'client_secret': 'abc def'}", "{'client_secret': '<secret:1>'}"),
        ("GET /login?token=abcd&next=/ 200", "GET /login?token=<secret:1>&next=/ 200"),
        ("      APP_SECRET:  correct horse battery", "      APP_SECRET:  <secret:1>"),
        ("- name: API_KEY\n  value: abcd1234", "- name: API_KEY\n  value: <secret:1>"),
        ('{"name": "DB_PASSWORD", "value": "x1"}', '{"name": "DB_PASSWORD", "value": "<secret:1>"}'),
        ("--db-password hunter2", "--db-password <secret:1>"),
        ("    Args:\n      --token\n      abcdef", "    Args:\n      --token\n      <secret:1>"),
        ("client_secret: abc-def", "client_secret: <secret:1>"),
        (
            "token: null\n- name: API_TOKEN\n  value: abcd",
            "token: null\n- name: API_TOKEN\n  value: <secret:1>",
        ),
        ("a\nb\npassword=x1\nc\nd\ntoken=x2\n", "a\nb\npassword=<secret:1>\nc\nd\ntoken=<secret:2>\n"),
    ],
)
def test_secrets_go(text: str, expected: str) -> None:
    assert redact(text) == expected


@pytest.mark.parametrize(
    "line",
    [
        'level=info msg="token expired" user=7',
        'Error: secret "db-secret" not found',
        "Error: couldn't find key password in Secret crm/crm-db",
        'MountVolume.SetUp failed for volume "token" : secret "gone" not found',
        "    SecretName:  default-token-5s6sd",
        'FATAL: password authentication failed for user "crm"',
        "      DB_PASSWORD:  <set to the key 'password' in secret 'crm-db'>  Optional: false",
        "max_tokens=4096 retries=3",
        "tokens: 12 used of 4096",
        "invalid token: unexpected EOF",
        "error: invalid password: too short",
        "parse error: unexpected token: '}' at line 3, column 7",
        'SyntaxError: Unexpected token: "else"',
        "secret: crm-db",
        "Tokens:              runner-token",
        "imagePullSecrets:\n- name: regcred",
        "pwd=/app",
        "TOKEN_URL: http://auth/token",
        "password_file=/etc/db/password",
        "automountServiceAccountToken: true",
        "    TokenExpirationSeconds:    3607",
        "/var/run/secrets/kubernetes.io/serviceaccount from kube-api-access (ro)",
        "unauthorized: authentication required",
        "connect to cache-service:6379: connection refused",
        "http://:8080/healthz",
        "password: ******",
        "token: null",
        "PASSWORD=$DB_PASSWORD",
    ],
)
def test_ordinary_lines_stay(line: str) -> None:
    assert redact(line) == line


def test_the_same_secret_gets_the_same_number() -> None:
    text = "password=first-one token=another1 password=first-one and first-one in a sentence"
    assert (
        redact(text)
        == "password=<secret:1> token=<secret:2> password=<secret:1> and <secret:1> in a sentence"
    )


def test_a_short_secret_is_hidden_where_its_name_stands_and_nowhere_else() -> None:
    assert redact("password=a user=a1 as a man") == "password=<secret:1> user=a1 as a man"


def test_redacting_twice_changes_nothing() -> None:
    once = redact("postgres://app:s3cr3t@db/x password=hunter2 token: abcdef")
    assert redact(once) == once


@pytest.mark.parametrize(
    "text",
    ["a" * 100_000, "token_" * 20_000, "TOKEN_" * 20_000, '"name": "password"' * 5_000, "password=" * 10_000]
    + ["://" * 30_000, "eyJ" * 30_000, "-----BEGIN PRIVATE KEY-----" * 3_000, "name:" + " " * 100_000],
    ids=lambda text: text[:12],
)
def test_takes_linear_time(text: str) -> None:
    started = time.process_time()
    redact(text)
    assert time.process_time() - started < 3
