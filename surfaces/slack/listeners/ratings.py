"""Thumbs up and down below an answer; for the latter, a modal that asks why."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from surfaces.slack.blocks.answer import THUMBS_DOWN, THUMBS_UP
from surfaces.slack.blocks.rating import CALLBACK, CULPRIT, REASON, TOLD, read_rating, render_rating
from surfaces.slack.desk import Desk
from surfaces.slack.exhibits import Exhibits
from surfaces.slack.feedback import REASONS, RIGHT, WELL, Feedback, Rating, list_suspects
from surfaces.slack.listeners.buttons import knows

Body = dict[str, Any]

TOO_SLOW = "That took too long for Slack, which shows no form any more: click again."


def register(app: AsyncApp, desk: Desk, exhibits: Exhibits, feedback: Feedback) -> None:
    """Listen to the thumbs and to the modal."""

    @app.action(THUMBS_UP, matchers=[knows(desk)])
    async def praise(ack: AsyncAck, body: Body, action: Body) -> None:
        await ack()
        desk.spawn(feedback.rate(action["value"], body["user"]["id"], Rating(RIGHT)))

    @app.action(THUMBS_DOWN, matchers=[knows(desk)])
    async def complain(
        ack: AsyncAck, body: Body, action: Body, client: AsyncWebClient, respond: AsyncRespond
    ) -> None:
        await ack()
        question = await exhibits.find(action["value"], body["user"]["id"])
        if question and question.answer:
            suspects = [str(ref) for ref, _, _ in list_suspects(question.answer)]
            culprits = [(WELL, "Nothing was wrong"), *((str(n), name) for n, name in enumerate(suspects))]
            view = render_rating(question.key, REASONS.items(), culprits)
            try:
                await client.views_open(trigger_id=body["trigger_id"], view=view)
            except SlackApiError:
                await respond(TOO_SLOW)

    @app.view(CALLBACK)
    async def hear_why(ack: AsyncAck, body: Body, view: Body) -> None:
        await ack()
        told = read_rating(view)
        rating = Rating(told[REASON], told[CULPRIT], told[TOLD])
        desk.spawn(feedback.rate(view["private_metadata"], body["user"]["id"], rating))
