"""All checks of a deployment, side by side."""

import asyncio

from domain.settings import Settings
from surfaces.doctor.clusters import check_clusters
from surfaces.doctor.finding import Finding
from surfaces.doctor.logs import check_logs
from surfaces.doctor.machine import check_machine
from surfaces.doctor.models import check_models
from surfaces.doctor.slack import check_slack


async def examine(settings: Settings, cluster: str = "") -> list[Finding]:
    """What is found, in the order in which a question passes by the parts.

    Nothing is written but an empty database where there is none, and nothing changed; each chat model of the
    routes is asked for one word.

    Raises:
        UnknownCluster: no cluster goes by that name.
    """
    checked = await asyncio.gather(
        check_clusters(settings, cluster),
        check_logs(settings),
        check_models(settings),
        check_slack(settings),
        check_machine(settings),
    )
    return [finding for findings in checked for finding in findings]
