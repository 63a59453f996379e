"""A kubectl command as a value: what was asked for, typed, and nothing that a shell would have to read."""

import shlex

from pydantic import BaseModel, ConfigDict

from tools.kubectl.flags import FLAGS
from tools.kubectl.parser import read_line
from tools.kubectl.parts import Output, Target


class KubectlCommand(BaseModel):
    """One read-only kubectl command. Parsing says what was meant; the policy says whether it may be run.

    Attributes:
        verb: ``get``, ``describe``, ``logs``, ...
        subverb: of ``rollout`` and ``auth``, and ``pods`` or ``nodes`` of ``top``.
        targets: the resource types with names. Names that were written ``TYPE/NAME`` are here too.
        arguments: the words of ``auth can-i`` (verb, type, name) and ``explain`` (a path of fields).
        namespace: empty when none was given.
        context: the kubeconfig context that was named; the policy lets that of the cluster at hand pass.
        tail: lines of a log; -1 means all, None the verb's default.
        since: a duration as Go writes it, such as ``1h30m``.
        for_object: TYPE/NAME whose events are asked for.
        namespaced: of ``api-resources``; None means both kinds.
    """

    model_config = ConfigDict(frozen=True)

    verb: str
    subverb: str = ""
    targets: tuple[Target, ...] = ()
    arguments: tuple[str, ...] = ()
    namespace: str = ""
    context: str = ""
    all_namespaces: bool = False
    selector: str = ""
    field_selector: str = ""
    output: Output = Output()
    show_labels: bool = False
    label_columns: tuple[str, ...] = ()
    show_kind: bool = False
    sort_by: str = ""
    no_headers: bool = False
    ignore_not_found: bool = False
    show_events: bool = True
    container: str = ""
    previous: bool = False
    all_containers: bool = False
    prefix: bool = False
    tail: int | None = None
    since: str = ""
    since_time: str = ""
    timestamps: bool = False
    for_object: str = ""
    types: tuple[str, ...] = ()
    containers: bool = False
    revision: int | None = None
    list_rights: bool = False
    subresource: str = ""
    namespaced: bool | None = None
    api_group: str = ""

    @classmethod
    def parse(cls, text: str) -> "KubectlCommand":
        """Read one line, with or without ``kubectl`` in front.

        Raises:
            RefusedCommand: the line is not one of the commands that only read.
        """
        return cls.model_validate(read_line(text))

    def __str__(self) -> str:
        """The canonical line, ready to be copied into a shell; parses back to an equal command."""
        words = ["kubectl", self.verb, self.subverb, *self._target_words(), *self.arguments]
        words += [word for flag in FLAGS for word in self._flag_words(flag.name, flag.short, flag.field)]
        return shlex.join(word for word in words if word)

    def _target_words(self) -> tuple[str, ...]:
        if self.verb == "top":
            return tuple(name for target in self.targets for name in target.names)
        if self.verb == "logs" and self.targets and self.targets[0].word == "pod":
            return self.targets[0].names
        if len(self.targets) == 1 and self.verb not in ("logs", "rollout"):
            return (self.targets[0].word, *self.targets[0].names)
        if any(target.names for target in self.targets):
            return tuple(f"{target.word}/{name}" for target in self.targets for name in target.names)
        return (",".join(target.word for target in self.targets),)

    def _flag_words(self, name: str, short: str, field: str) -> tuple[str, ...]:
        value = getattr(self, field)
        if value == type(self).model_fields[field].default:
            return ()
        if isinstance(value, bool):
            spelled = f"-{short}" if short else f"--{name}"
            return (spelled,) if value else (f"--{name}=false",)
        text = ",".join(value) if isinstance(value, tuple) else str(value)
        return (f"-{short}", text) if short else (f"--{name}={text}",)
