"""Strategies that make command lines: well-formed ones, hostile ones, and mutants of both."""

import shlex

from hypothesis import strategies as st

from tests.tools.kubectl.test_hostile import CORPUS
from tools.cluster.resources import BUILTIN_RESOURCES
from tools.kubectl.flags import FLAGS, VERBS

_WORDS = sorted({word for r in BUILTIN_RESOURCES for word in (r.plural, r.kind, *r.short_names)})
_QUALIFIED = [f"{r.plural}.{r.group}" for r in BUILTIN_RESOURCES if r.group]
_SECRETS = ("secret", "secrets", "Secret", "SECRETS", "secrets.v1.", "secret.v1", "secrets.example.com")
_SECRETS += ("pods,secrets", "secrets,cm", "all", "tokens", "tokens.example.com", "cm", "pods", "sa")
_PATHS = (
    *(
        ".data",
        ".data.colour",
        "..colour",
        "..*",
        "@",
        "$",
        ".items[*].data",
        ".items[0].metadata.annotations",
    ),
    *(".metadata.annotations", ".metadata.name", "..annotations", ".spec", ".items[?(@.data.colour)].data"),
    *(r".metadata.annotations.kubectl\.kubernetes\.io/last-applied-configuration", ".items", "..['colour']"),
)
_VALUES = {
    "namespace": ("shop", "default", "kube-system", "..", "a,b", "*"),
    "context": ("kind-shop", "kind-other"),
    "selector": ("app=web", "app in (web,db)", "!app", "app!=web", "app==", "x>1", "app=~w"),
    "field-selector": ("metadata.name=web", "data.colour=x", "type=Opaque", "status.phase!=Running"),
    "output": ("wide", "yaml", "json", "name", "go-template={{.}}", "jsonpath-file=/etc/passwd"),
    "sort-by": (".metadata.name", ".data.colour", "cpu", "memory", ".metadata.annotations"),
    "container": ("app", "app&follow=true"),
    "since": ("1h", "999999999h", "1d"),
    "since-time": ("2026-11-24T10:00:00Z", "0001-01-01T00:00:00Z"),
    "for": ("pod/web-1", "secret/web", "tokens/web"),
    "types": ("Normal", "warning"),
    "label-columns": ("app", "a,b"),
    "subresource": ("log", "status", "exec"),
    "api-group": ("apps", "example.com"),
}
_NAMES = ("web", "web-1", "db", "node-a", "shop", "nope", "..", "a/b", "*", "web?watch=true", "-f")
_HOSTILE = (
    "-w",
    "-f",
    "--watch",
    "--raw",
    "--raw=/api",
    "--token=x",
    "--as=root",
    "-k",
    "--",
    "-A",
    "--help",
)

types = st.sampled_from([*_WORDS, *_QUALIFIED]) | st.sampled_from(_SECRETS)
names = st.sampled_from(_NAMES)
objects = st.builds("{}/{}".format, types, names)


def _expressions() -> st.SearchStrategy[str]:
    path = st.sampled_from(_PATHS)
    jsonpath = st.lists(path.map("{{{}}}".format), min_size=1, max_size=3).map("".join)
    ranged = st.builds("{{range {}}}{{{}}}{{end}}".format, path, path)
    columns = st.lists(path.map("C:{}".format), min_size=1, max_size=3).map(",".join)
    return st.one_of((jsonpath | ranged).map("jsonpath={}".format), columns.map("custom-columns={}".format))


@st.composite
def flags(draw: st.DrawFn) -> list[str]:
    flag = draw(st.sampled_from(FLAGS))
    known = st.sampled_from(_VALUES.get(flag.name, ("true", "5", "-1", "false")))
    value = draw(known | _expressions() if flag.name == "output" else known)
    spellings = [[f"--{flag.name}={value}"], [f"--{flag.name}", value], [f"--{flag.name}"]]
    if flag.short:
        spellings += [[f"-{flag.short}", value], [f"-{flag.short}{value}"], [f"-A{flag.short}", value]]
    return draw(st.sampled_from(spellings))


def _of(verb: str) -> st.SearchStrategy[list[str]]:
    """The words after a verb, as its grammar has them."""
    several = st.lists(types, min_size=1, max_size=3).map(",".join)
    match verb:
        case "rollout":
            rollouts = st.sampled_from(("status", "history", "undo"))
            return st.tuples(rollouts, st.just("deploy/web") | objects).map(list)
        case "auth":
            return st.tuples(st.just("can-i"), st.sampled_from(("get", "list", "delete", "*")), types).map(
                list
            )
        case "logs":
            return st.lists(objects | names, max_size=2)
        case "top":
            return st.tuples(st.sampled_from(("pods", "nodes", "po", "secrets"))).map(list)
        case "events" | "version" | "api-resources":
            return st.just([])
    return st.one_of(
        st.builds(lambda kind, found: [kind, *found], several, st.lists(names, max_size=2)),
        st.lists(objects, min_size=1, max_size=3),
    )


@st.composite
def commands(draw: st.DrawFn) -> str:
    """A line that is likely to be a command."""
    verb = draw(st.sampled_from(VERBS))
    words = [verb, *draw(_of(verb))]
    for extra in draw(st.lists(flags() | st.sampled_from(_HOSTILE).map(lambda word: [word]), max_size=2)):
        place = draw(st.integers(0, len(words)))
        words[place:place] = extra
    return shlex.join(words)


def leaks() -> st.SearchStrategy[str]:
    """A line that would show a value, if one could: a type that holds some, as a document or in an order."""
    holder = st.sampled_from(_SECRETS)
    output = st.sampled_from(_VALUES["output"]) | _expressions()
    shown = output.map("--output={}".format) | st.sampled_from(_PATHS).map("--sort-by={}".format)
    words = st.tuples(st.sampled_from(("get", "describe")), holder, shown | st.just("-A"))
    return words.map(shlex.join)


@st.composite
def mutants(draw: st.DrawFn) -> str:
    """A command or a hostile line with a few characters changed."""
    hostile = st.sampled_from([line for rows in CORPUS.values() for line, _ in rows])
    line = draw(commands() | hostile)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(line)))
        length = draw(st.integers(0, 3))
        line = line[:place] + draw(st.text(max_size=2) | st.sampled_from(_HOSTILE)) + line[place + length :]
    return line


lines = st.one_of(commands(), commands(), leaks(), mutants(), st.text(max_size=80))
