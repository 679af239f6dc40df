"""E-mail: sent by SMTP, read by IMAP, with any provider that speaks both."""

from engine.sdk import Connector, OwnAuth, hookimpl
from plugins.email import actions, connection, marking, samples, triggers
from plugins.email.settings import Settings

connector = Connector(name="email", title="E-mail", auth=OwnAuth(), settings=Settings)
connector.check(connection.check)

connector.trigger("E-mail received", key="id", label="subject", noun="e-mail", sample=samples.MAIL)(
    triggers.email_received
)
connector.action("Send an e-mail", noun="e-mail", find=actions.find_sent, sample=actions.SENT)(
    actions.send_email
)
# Not the noun of what is sent: neither is a way to send a mail once.
connector.action("Mark an e-mail", noun="mail", idempotent=True, sample=marking.MARKED)(
    marking.mark_email
)
connector.action("Move an e-mail", noun="mail", idempotent=True, sample=marking.MOVED)(
    marking.move_email
)
connector.search("Find an e-mail", noun="e-mail", sample=samples.MAIL)(actions.find_email)

connector.practice(f"{__name__}.practice:practice_mail")
connector.examples(f"{__name__}.practice.examples:EXAMPLES")


@hookimpl
def register_connectors() -> list[Connector]:
    return [connector]
