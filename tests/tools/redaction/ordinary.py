"""Ordinary lines of logs: full of identifiers, none of them a secret."""

from collections.abc import Iterator
from random import Random
from uuid import UUID

TEMPLATES = (
    '{t} INFO  trace_id={h32} span_id={h16} "GET /api/v1/items/{n9} HTTP/1.1" 200 {n4} {n2}ms',
    '{{"level":"info","ts":{n10}.{n3},"logger":"controller","msg":"Reconciled","uid":"{uuid}","rv":"{n9}"}}',
    "{t} pulled image registry.example.com/shop/{word}:v1.{n2}.{n1}@sha256:{h64} in {n1}.{n3}s",
    "I1124 18:19:14.{n6}       1 leaderelection.go:271] successfully acquired lease kube-system/{word}-{n2}",
    'level=warn ts={t} caller=main.go:{n3} duration={n1}.{n3}s query="SELECT 1 FROM x WHERE id={n9}"',
    "\tat com.example.{word}.Service$Inner.handle(Service.java:{n3}) ~[app-1.{n1}.jar!/:1.{n1}]",
    '  File "/usr/lib/python3.11/site-packages/{word}/client.py", line {n3}, in request',
    "Pod shop/{word}-{pod}-{suffix} scheduled to ip-10-0-{n2}-{n2}.eu-west-1.compute.internal",
    "E1124 reflector.go:205 Failed to watch *v1.Secret: secrets is forbidden: User "
    '"system:serviceaccount:shop:{word}" cannot list resource "secrets" in API group ""',
    'MountVolume.SetUp failed for volume "kube-api-access-{suffix}" : secret "{word}-tls" not found',
    'Error: secret "{word}-credentials" not found',
    "AWS request id {uuid} bucket {word}-{n6} etag {h32} arn:aws:iam::{n12}:role/{word}",
    "kafka offset={n16} partition={n2} timestamp={n13} key={n9} lag={n3}",
    "session {b22} opened for user {word} from 10.{n2}.{n2}.{n2}:{n5}",
    "{t} DEBUG cache key {word}:{h16}:v{n1} hit ratio 0.{n3}",
    'grpc: {{"code":14,"details":"connect ECONNREFUSED 10.0.{n2}.{n2}:{n5}","requestId":"{b22}"}}',
    "git checkout {h40} -- chart version {n1}.{n2}.{n1}+{h7}",
    "consul: serf: EventMemberJoin: {word}-{n2} 10.0.{n2}.{n2}",
    "request_id={uuid} tokens_used={n4} max_tokens=4096 token_type=bearer expires_in=3600",
    'oauth: error="invalid_token" error_description="The access token expired" status=401',
    "user {word}@{n2} authenticated with method=password result=ok",
    "password authentication failed for user {word}",
    "node cpu {n4}m memory {n9}Ki pods {n2} uid={uuid} resourceVersion={n9}",
    "Created certificate serial {h32} fingerprint SHA256:{h64} not after {t}",
    'etag=W/"{h16}" content-md5={b22}== x-amz-id-2={b76}=',
    "elasticsearch: [{b22}][{word}-2026.11.24][{n1}] shard moved to node {{{word}}}{{{b22}}}{{{b22}}}",
    "ts={n19} monotonic={n16} seq={n16} parcel {n16} shipped",
    "worker {n2} finished job {uuid} of queue {word} attempts {n1} memory {n9}",
)
WORDS = (
    "payments",
    "checkout",
    "catalog-api",
    "redis-master",
    "ingress-nginx",
    "token-service",
    "secret-sync",
)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def write_lines(count: int, seed: int = 0) -> Iterator[str]:
    """As many lines, each template as often as the others."""
    random = Random(seed)  # noqa: S311 (test data)
    for number in range(count):
        yield TEMPLATES[number % len(TEMPLATES)].format_map(Blanks(random))


class Blanks(dict[str, str]):
    """What the blanks of a template are filled with."""

    def __init__(self, random: Random) -> None:
        super().__init__()
        self._random = random

    def __missing__(self, blank: str) -> str:
        random = self._random
        match blank:
            case "t":
                return f"2026-11-24T{random.randint(10, 23)}:04:05.{random.randrange(10**6):06}Z"
            case "uuid":
                return str(UUID(bytes=random.randbytes(16), version=4))
            case "word":
                return random.choice(WORDS)
            case "pod" | "suffix":
                return "".join(random.choices("bcdfghjklmnpqrstvwxz2456789", k=10 if blank == "pod" else 5))
        kind, size = blank[0], int(blank[1:])
        alphabet = {"h": "0123456789abcdef", "n": "0123456789", "b": ALPHABET}[kind]
        return "".join(random.choices(alphabet, k=size))
