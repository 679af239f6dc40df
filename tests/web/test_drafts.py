"""A new recipe begins as a draft: two choices, and the fields that clearly belong together."""

import html
import re

from engine.recipe.checking.check import check_text


def drafted(admin, trigger, action) -> str:
    page = admin.get(f"/new-recipe?trigger={trigger}&action={action}").get_data(as_text=True)
    found = re.search(r'<textarea[^>]*name="text"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    assert found is not None
    return html.unescape(found[1]).lstrip("\n")


def test_what_clearly_belongs_together_is_filled_in(admin, host, library):
    text = drafted(admin, "clio.contact_changed", "casestatus.upsert_client")
    assert 'last_name: "{{ contact.last_name or contact.name }}"' in text
    assert "connection: casestatus" in text
    assert check_text(text, library.folder / "draft.yaml", host) == []


def test_what_only_a_person_can_say_is_told_as_such(admin, host, library):
    text = drafted(admin, "clio.contact_changed", "mailchimp.upsert_members")
    assert "# audience: …  (needed) Audience" in text
    [found] = check_text(text, library.folder / "draft.yaml", host)
    assert (found.code, "'audience'" in found.message) == ("missing-field", True)


def test_what_is_not_there_gives_the_empty_form(admin):
    assert "CONNECTOR.TRIGGER" in drafted(admin, "clio.nothing", "mailchimp.upsert_members")
    assert "CONNECTOR.TRIGGER" in drafted(admin, "mailchimp.upsert_members", "clio.user_changed")
