"""Programs that run and are in trouble all the same."""

from tests.agents.playbook.builders import container, logs, ref, running, workload
from tests.agents.playbook.cases.case import Case

NS = "kitchen"
OVEN = workload(
    "Deployment",
    NS,
    "oven",
    container(ports=[8080], resources={"limits": {"cpu": "50m"}, "requests": {"cpu": "10m"}}),
    states=running(),
)
REF = ref("Deployment", "oven", NS)

CASES = [
    Case(
        "errors-logged",
        "two kinds",
        [
            OVEN,
            logs(
                OVEN.pod,
                "app",
                "ERROR order 17 lost: certificate of the till has expired",
                "INFO warming up",
                "ERROR order 18 lost: certificate of the till has expired",
                "[ERROR] recipes - duplicate key value violates unique constraint",
            ),
        ],
        REF,
        ("certificate of the till has expired", "(2 times)", "duplicate key"),
        decides=False,
    ),
    Case(
        "errors-logged",
        "hardly anything else",
        [OVEN, logs(OVEN.pod, "app", *(f"ERROR order {n} lost: the till is locked" for n in range(9)))],
        REF,
        ("the till is locked", "(9 times)"),
    ),
    Case(
        "cpu-throttled",
        "an alert says so",
        [OVEN],
        REF,
        ("oven", "50m"),
        words=("CPUThrottlingHigh",),
    ),
]
