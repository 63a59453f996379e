"""The one exception tree.

KubewhyError
├── InputError              what a person or a file gave us is wrong; one sentence, exit code 2
│   ├── UnknownIncident         no incident of that name or folder
│   ├── MalformedRecording      a file of a recording cannot be read (names the file and line)
│   ├── EmptyQuestion           nothing was asked
│   ├── UnknownObject           the question names an object that does not exist (lists the nearest)
│   ├── UnknownCluster          no cluster goes by that name, or none is named (lists the known ones)
│   ├── OutOfBounds             a namespace that the settings do not let us read (names the setting)
│   ├── RefusedCommand          the kubectl policy refused a command (says what is allowed)
│   ├── RefusedQuestion         who asks, or from where, may not ask about that (says whom to ask)
│   ├── MalformedRule           a playbook rule file cannot be used
│   ├── MalformedSettings       kubewhy.toml or the environment holds a value we cannot use
│   └── CorruptThreads          the thread database cannot be read
└── Unavailable             a dependency is down; the answer degrades and says what could not be seen
    ├── ClusterUnavailable
    ├── LogsUnavailable
    ├── EmbeddingUnavailable
    ├── DeadLettersUnavailable  records that cannot be used could not be put aside
    ├── DeliveryFailed          a record was not written and has to be delivered again
    ├── QuestionsUnavailable    the shared database of questions and threads cannot be reached
    └── ModelUnavailable        throttled, refused, timed out, or an answer that cannot be used

``NotFound`` (the API's 404) is an ``InputError`` too: it is an answer, not a fault.
"""


class KubewhyError(Exception):
    """Whatever Kubewhy raises on purpose. ``str(error)`` is one clear sentence for a person."""


class InputError(KubewhyError):
    """What was given is wrong, and the sentence says the way out. Exit code 2 on the command line."""


class UnknownIncident(InputError):
    """No recorded incident has that name or folder."""


class MalformedRecording(InputError):
    """A file of a recording cannot be read; the sentence names the file and, where known, the line."""


class EmptyQuestion(InputError):
    """Nothing was asked."""


class UnknownObject(InputError):
    """The question names an object that does not exist; the sentence lists the nearest names."""


class UnknownCluster(InputError):
    """No configured cluster goes by that name, or none is named; the sentence lists the known ones."""


class OutOfBounds(InputError):
    """A namespace that the settings do not let us read; the sentence names the setting."""


class RefusedCommand(InputError):
    """The kubectl policy refused a command; the sentence says what is allowed instead."""


class RefusedQuestion(InputError):
    """Who asks, or from where, may not ask about that; the sentence says whom to ask for access."""


class MalformedRule(InputError):
    """A playbook rule file cannot be used; the sentence names the file and the rule."""


class MalformedSettings(InputError):
    """``kubewhy.toml`` or the environment holds a value that cannot be used."""


class CorruptThreads(InputError):
    """The thread database cannot be read; nothing in it is overwritten."""


class NotFound(InputError):
    """The cluster has no such object, or a container no such log."""


class Unavailable(KubewhyError):
    """A dependency is down or refuses us: the answer degrades and says what could not be seen."""


class ClusterUnavailable(Unavailable):
    """The Kubernetes API cannot be reached, or not in time."""


class LogsUnavailable(Unavailable):
    """The log store cannot be reached, or not in time."""


class EmbeddingUnavailable(Unavailable):
    """The embedding model cannot be reached, refuses, or throttles for too long."""


class ModelUnavailable(Unavailable):
    """A chat model cannot be reached, refuses, or gives nothing that can be used."""


class DeadLettersUnavailable(Unavailable):
    """The place for records that cannot be used does not take them."""


class DeliveryFailed(Unavailable):
    """A record of a stream was not written; it has to be delivered again."""


class QuestionsUnavailable(Unavailable):
    """The database that replicas share cannot be reached; what is under way is tried again later."""
