"""Takes the secrets out of other people's recordings, before anything of them is written."""

from dataclasses import replace

from tools.importers.incident import ImportedIncident, Leftover
from tools.redaction import ObjectRedactor, Redactor


def clean_imported(imported: ImportedIncident, redactor: Redactor) -> ImportedIncident:
    """The recording without secrets. Blocking.

    Objects go first: what they give away by a name (an env value) is hidden in logs and texts too.
    """
    objects = ObjectRedactor(redactor)
    return replace(
        imported,
        objects=[objects.redact(item) for item in imported.objects],
        events=[objects.redact(event) for event in imported.events],
        logs={run: redactor.redact(text) for run, text in imported.logs.items()},
        log_errors={run: redactor.redact(why) for run, why in imported.log_errors.items()},
        answers={line: redactor.redact(text) for line, text in imported.answers.items()},
        leftovers=[
            Leftover(redactor.redact(left.origin), redactor.redact(left.text)) for left in imported.leftovers
        ],
        question=redactor.redact(imported.question),
    )
