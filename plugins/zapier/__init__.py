"""Zapier: recipes start Zaps, and Zaps start recipes."""

from engine.sdk import Connector, Rate, hookimpl
from plugins.zapier import catch_hook, samples, triggers

connector = Connector(
    name="zapier",
    title="Zapier",
    base_url=catch_hook.ORIGIN,
    settings=catch_hook.Settings,
    # A catch hook takes 30 a second, and a user's hooks together 10,000 in five minutes (documented;
    # newer pages say 20,000).
    limits=(Rate(30, per=1), Rate(10_000, per=300)),
)
connector.url_values(catch_hook.known_hook)
connector.explain(catch_hook.explain)

connector.trigger(
    "Sent by a Zap",
    key="id",
    label="title",
    noun="message",
    sample=samples.RECEIVED,
    schema=triggers.schema,
)(triggers.received)
hook = connector.webhook(triggers.received, instructions=triggers.INSTRUCTIONS)
hook.deliveries(triggers.deliveries)
hook.form(triggers.form)

connector.action("Send to a catch hook", noun="message", sample=samples.SENT)(
    catch_hook.send_to_catch_hook
)
connector.batch_action(
    "Send many to a catch hook", size=catch_hook.AT_ONCE, noun="message", sample=samples.SENT
)(catch_hook.send_many_to_catch_hook)

connector.practice(f"{__name__}.practice:PracticeZapier")
connector.examples(f"{__name__}.practice.examples:EXAMPLES")


@hookimpl
def register_connectors() -> list[Connector]:
    return [connector]
