import pytest

from tools.logs.lines import clean, read_line
from tools.logs.store import Level

DEBUG, INFO, WARNING, ERROR, FATAL = Level


@pytest.mark.parametrize(
    ("line", "level"),
    [
        # structured
        ('{"level":"error","msg":"x"}', ERROR),
        ('{"severity":"WARNING","message":"x"}', WARNING),
        ('{"lvl":"dbug","msg":"x"}', DEBUG),
        ('{"level":30,"msg":"pino info"}', INFO),
        ('{"level":50,"msg":"pino error"}', ERROR),
        ('{"level":60,"msg":"pino fatal"}', FATAL),
        ('{"level":3,"short_message":"GELF error"}', ERROR),
        ('{"level":"6","short_message":"GELF info"}', INFO),
        ('{"levelno":30,"msg":"python warning"}', WARNING),
        ('{"severity_number":17,"body":"otel error"}', ERROR),
        ('{"log.level":"warn","message":"ecs"}', WARNING),
        ('{"log":{"level":"error"},"message":"ecs nested"}', ERROR),
        ('{"t":{"$date":"2026-11-24T10:00:00Z"},"s":"E","c":"NETWORK","msg":"mongo"}', ERROR),
        ('{"msg":"no level","error":"dial tcp: refused"}', ERROR),
        ('{"msg":"no level, no trouble"}', INFO),
        ('{"level":"info","msg":"ERROR in the message only"}', INFO),
        ('{"level":true,"msg":"fatal: not a level"}', FATAL),
        # klog, logfmt, Redis
        ('E1124 14:13:55.123456       1 reflector.go:147] "Failed to watch"', ERROR),
        ("W1124 14:13:55.123456       1 x.go:1] x", WARNING),
        ("I1124 14:13:55.123456       1 x.go:1] error appears later", INFO),
        ("F1124 14:13:55.123456       1 x.go:1] x", FATAL),
        ('time="2026-11-24T14:13:55Z" level=warning msg="slow"', WARNING),
        ("ts=2026-11-24T14:13:55Z caller=main.go level=error err=boom", ERROR),
        ("1:M 24 Nov 2026 14:13:55.123 # WARNING overcommit_memory is set to 0", WARNING),
        ("1:M 24 Nov 2026 14:13:55.123 * Ready to accept connections", INFO),
        # a word at the loggers' place
        ("2026-11-24T14:13:55Z INFO  [notifier] starting", INFO),
        ("2026-11-24T14:13:55Z DEBUG [ledger] wal sync failed 0 times", DEBUG),
        ("2026-11-24 14:13:55,123 - app.db - ERROR - lost", ERROR),
        ("2026-11-24 14:13:55.123  WARN 1 --- [main] c.e.App : slow", WARNING),
        ("[2026-11-24T14:13:55,123][ERROR][o.e.b.Bootstrap] x", ERROR),
        ("2026/11/24 14:13:55 [error] 31#31: *1 connect() failed", ERROR),
        ("2026/11/24 14:13:55 [notice] 1#1: start worker", INFO),
        ("[Tue Nov 24 14:13:55 2026] [core:warn] [pid 1] AH00111", WARNING),
        ("2026-11-24 14:13:55.123 UTC [1] FATAL:  password authentication failed", FATAL),
        ("2026-11-24 14:13:55.123 UTC [1] LOG:  database system is ready", INFO),
        ("2026-11-24T14:13:55.1Z 0 [Warning] [MY-010068] CA certificate is self signed", WARNING),
        ("2026-11-24T14:13:55Z\tinfo\tserver\tlistening", INFO),
        ("ERROR:root:message", ERROR),
        ("CRITICAL:root:message", FATAL),
        ("npm ERR! missing script: start", ERROR),
        ("fail: Microsoft.Hosting[0] x", ERROR),
        ("Error: Cannot find module 'express'", ERROR),
        ("warning: something", WARNING),
        ("[ALERT] 327/123 (1) : backend down", FATAL),
        ("INFO [app] got ERROR from upstream", INFO),
        ("\x1b[31mERROR\x1b[0m coloured", ERROR),
        # crashes
        ("panic: runtime error: invalid memory address", FATAL),
        ("goroutine 1 [running]:", ERROR),
        ("[signal SIGSEGV: segmentation violation code=0x1]", FATAL),
        ("thread 'main' panicked at src/main.rs:4:5:", FATAL),
        ("Segmentation fault (core dumped)", FATAL),
        ("Traceback (most recent call last):", ERROR),
        ("ModuleNotFoundError: No module named 'requests'", ERROR),
        ("java.lang.IllegalStateException: no", ERROR),
        ('Exception in thread "main" java.lang.OutOfMemoryError: Java heap space', FATAL),
        ("Caused by: java.net.ConnectException", ERROR),
        # plain words
        ("sh: /scripts/export.sh: Permission denied", ERROR),
        ("sh: migrat: not found", ERROR),
        ("httpd: bind: Address already in use", ERROR),
        ("could not connect to server", ERROR),
        ("finished with 0 errors", INFO),
        ("done, no errors", INFO),
        ("retrying in 5s", WARNING),
        ('10.1.2.3 - - [24/Nov/2026:14:13:55 +0000] "GET / HTTP/1.1" 502 157', ERROR),
        ('10.1.2.3 - - [24/Nov/2026:14:13:55 +0000] "GET / HTTP/1.1" 200 157', INFO),
        ("listening on 0.0.0.0:8080", INFO),
        ("\tat com.example.Main.main(Main.java:7)", INFO),
        ("", INFO),
        ("{not json", INFO),
        ("[1, 2, 3]", INFO),
    ],
)
def test_the_level_is_read_from_the_line(line: str, level: Level) -> None:
    assert read_line(clean(line)).level is level
