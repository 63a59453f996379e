import pytest

from domain.objects import ObjectRef
from tools.cluster.services import find_addresses


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("http://cache.shop.svc.cluster.local:6379/0", "cache.shop.svc.cluster.local", 6379),
        ("redis://:secret@cache:6379", "cache", 6379),
        ("connect to cache-service:6379: connection refused", "cache-service", 6379),
        ("upstream feature-store.recsys GET /v1 failed", "feature-store.recsys", None),
        ("dial tcp: lookup db.prod on 10.96.0.10:53: no such host", "db.prod", None),
    ],
)
def test_addresses_are_found_in_running_text(text: str, host: str, port: int | None) -> None:
    assert (host, port) in [(address.host, address.port) for address in find_addresses(text)]


@pytest.mark.parametrize(
    ("host", "service"),
    [
        ("cache", ("here", "cache")),
        ("cache.shop", ("shop", "cache")),
        ("cache.shop.svc", ("shop", "cache")),
        ("cache.shop.svc.cluster.local", ("shop", "cache")),
        ("db-0.db.shop.svc.cluster.local", ("shop", "db")),
        ("api.example.com", None),
    ],
)
def test_a_host_names_a_service_as_the_cluster_dns_would_resolve_it(
    host: str, service: tuple[str, str] | None
) -> None:
    address = next(iter(find_addresses(host)))

    expected = ObjectRef(kind="Service", namespace=service[0], name=service[1]) if service else None
    assert address.service("here") == expected


def test_paths_versions_and_addresses_by_number_are_no_hosts() -> None:
    hosts = {
        a.host for a in find_addresses("GET /v1/features 10.96.40.90 user@example.com v2.1") if a.is_explicit
    }

    assert not hosts & {"features", "10.96.40.90", "example.com"}
