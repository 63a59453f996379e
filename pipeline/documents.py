"""A joined entry -> the document that is written: cleaned, redacted, with level, fields and template."""

from dataclasses import dataclass

from pipeline.entry import Entry
from pipeline.fields import parse_object, read_structure
from tools.logs.lines import clean, read_line
from tools.logs.store import LogDocument
from tools.logs.templates import find_template, identify_template
from tools.redaction import redact


@dataclass(frozen=True)
class Draft:
    """A document with the text of its template, which is what gets a vector."""

    document: LogDocument
    template: str


def build_draft(entry: Entry) -> Draft:
    """The document of an entry. Secrets are gone before anything else sees the text."""
    told = redact(entry.text)
    fields = dict(entry.fields) or _read_fields(entry.text, without_secrets=told == entry.text)
    message = clean(told)
    line = read_line(message)
    template = find_template(line.text)
    place = entry.place
    document = LogDocument(
        id=entry.id,
        time=entry.time,
        message=message,
        level=entry.level or line.level,
        namespace=place.namespace,
        pod=place.pod,
        container=place.container,
        host=place.host,
        labels=dict(place.labels),
        cluster=place.cluster,
        service=place.service,
        template_id=identify_template(template),
        fields=fields,
    )
    return Draft(document, template)


def _read_fields(text: str, without_secrets: bool) -> dict[str, str]:
    structure = parse_object(text)
    fields = read_structure(structure) if structure else {}
    if without_secrets:
        return fields
    return {key: _redact_value(key, value) for key, value in fields.items()}


def _redact_value(key: str, value: str) -> str:
    """A value may be a secret only because of its name."""
    prefix = f'"{key}": "'
    told = redact(f'{prefix}{value}"')
    return clean(told[len(prefix) : -1]) if told.startswith(prefix) else redact(value)
