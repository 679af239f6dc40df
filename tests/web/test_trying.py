"""Trying an operation in the browser: against a practice server over real HTTP."""

import re
from dataclasses import replace
from html import unescape
from io import BytesIO

from engine.store.connections import Connection, get_connection, save_connection

KEY = "practice-mailchimp-key-us19"
FIND = "/connectors/mailchimp/find_member/try"


def fields(admin, path: str) -> dict[str, str]:
    """Return which field of the form is which of the operation's."""
    page = unescape(admin.get(path).text)
    found = re.findall(r'<label[^>]* for="(field_\d+)">([^<]*)</label>', page)
    named = {words.rpartition("(")[2].rstrip(")").lower(): field for field, words in found}
    return {words.replace(" ", "_"): field for words, field in named.items()}


def test_records_requests_and_differences_are_shown_without_secrets(admin, practice_mailchimp):
    path = "/connectors/mailchimp/member_changed/try"
    named = fields(admin, path)
    page = unescape(
        admin.post(path, connection="mailchimp", **{named["audience"]: "f6a7b8c9d0"}).text
    )
    assert '"email_address"' in page
    assert "GET http" in page
    assert "Differences from the declared fields" in page
    assert KEY not in page


def test_only_what_changed_since_is_read_when_asked(admin, practice_mailchimp):
    path = "/connectors/mailchimp/member_changed/try"
    given = {"connection": "mailchimp", fields(admin, path)["audience"]: "f6a7b8c9d0"}
    page = admin.post(path, **given, since="2199-01-01").text
    assert "0 members" in page
    wrong = admin.post(path, **given, since="soon")
    assert wrong.status_code == 422
    assert "'soon' is no time." in unescape(wrong.text)


def test_an_action_is_done_only_once_it_is_confirmed(admin, practice_mailchimp):
    path = "/connectors/mailchimp/add_member/try"
    named = fields(admin, path)
    given = {
        "connection": "mailchimp",
        named["audience"]: "f6a7b8c9d0",
        named["email"]: "new.person@mail.example",
    }
    page = admin.post(path, **given).text
    assert "Tick this: trying it changes something at the app." in page
    assert 'id="outcome"' not in page
    done = unescape(admin.post(path, **given, sure="y").text)
    assert "1 member" in done
    assert "new.person@mail.example" in done
    again = unescape(admin.post(path, **given, sure="y").text)
    assert "It did not work" in again or "Refused" in again


def test_what_is_wrong_is_said_at_the_form(admin, practice_mailchimp):
    assert "Fill in “" in admin.post(FIND, connection="mailchimp").text
    other = admin.post(FIND, connection="clio")
    assert "Not a valid choice" in other.text


def test_a_key_that_is_refused_is_told_without_it(admin, practice_mailchimp, store):
    save_connection(
        store,
        Connection(
            name="stale",
            connector="mailchimp",
            secrets={"api_key": "stale-secret-us19"},
            settings={"base_url": f"{mailchimp_url(store)}"},
        ),
    )
    named = fields(admin, FIND)
    given = {named["audience"]: "f6a7b8c9d0", named["email"]: "ada@mail.example"}
    page = unescape(admin.post(FIND, connection="stale", **given).text)
    assert "It did not work" in page
    assert "401" in page
    assert "stale-secret" not in page


def mailchimp_url(store) -> str:
    return str(get_connection(store, "mailchimp").settings["base_url"])


def test_an_app_that_is_not_connected_leads_to_connecting_it(admin):
    page = admin.get("/connectors/clio/matter_changed/try").text
    assert 'href="/connections/add/clio"' in page
    assert "<form class" not in page.partition("<main")[2]


def test_files_are_looked_for_beside_the_recipes(admin, recipes_folder):
    (recipes_folder / "people.csv").write_text("email,name\nada@mail.example,Ada\n")
    path = "/connectors/csv/row_read/try"
    named = fields(admin, path)
    page = unescape(admin.post(path, **{named["file"]: "people.csv", named["key"]: "email"}).text)
    assert '"name": "Ada"' in page
    missing = unescape(admin.post(path, **{named["file"]: "none.csv", named["key"]: "email"}).text)
    assert "There is no file 'none.csv'." in missing


def test_what_there_is_not_can_not_be_tried(admin):
    assert admin.get("/connectors/clio/nothing/try").status_code == 404
    assert admin.get("/connectors/none/nothing/try").status_code == 404


def test_what_the_app_has_to_choose_from_is_offered(admin, practice_mailchimp):
    page = unescape(admin.get(FIND).text)
    assert re.search(r'<option value="f6a7b8c9d0">[^<]+</option>', page)
    assert "can't be shown" not in page


def test_where_the_app_does_not_answer_the_value_is_typed(admin, practice_mailchimp, store):
    kept = get_connection(store, "mailchimp")
    save_connection(store, replace(kept, settings={"base_url": "http://127.0.0.1:9/3.0"}))
    page = unescape(admin.get(FIND).text)
    assert "What there is to choose from can't be shown, so type it:" in page
    field = fields(admin, FIND)["audience"]
    assert re.search(rf'<input[^>]* id="{field}"', page)


def test_lists_and_pairs_are_filled_in_line_by_line(admin, practice_mailchimp):
    path = "/connectors/mailchimp/add_member/try"
    named = fields(admin, path)
    given = {
        "connection": "mailchimp",
        named["audience"]: "f6a7b8c9d0",
        named["email"]: "lines@mail.example",
        named["merge_fields"]: "FNAME: Ada: the first",
        named["tags"]: "One\n\n  Two words ",
        "sure": "y",
    }
    done = unescape(admin.post(path, **given).text)
    assert "1 member" in done
    assert "Two words" in done.partition('id="requests-head"')[2]
    assert '"FNAME": "Ada: the first"' in done
    wrong = admin.post(path, **{**given, named["merge_fields"]: "FNAME Ada"})
    assert wrong.status_code == 422
    assert "'FNAME Ada' is no pair." in unescape(wrong.text)


def test_a_file_is_uploaded_for_what_takes_one(admin, recipes_folder):
    path = "/connectors/csv/rows_of_file/try"
    page = admin.get(path).text
    assert 'enctype="multipart/form-data"' in page
    field = re.search(r'<input[^>]*type="file"[^>]*>', page)[0]
    name = re.search(r'name="(\w+)"', field)[1]
    upload = (BytesIO(b"email,name\nada@mail.example,Ada\n"), "people.csv")
    page = unescape(admin.post(path, **{name: upload}).text)
    assert '"name": "Ada"' in page
    assert "Choose “File”." in unescape(admin.post(path).text)
