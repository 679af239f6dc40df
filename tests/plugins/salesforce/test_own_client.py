"""`simple-salesforce`, the usual client for Python, works with the practice organization.

It is unchanged. It always asks by https, so the `requests` session that it takes as a parameter gets
an adapter which sends what goes to Salesforce's hosts to the practice server's address.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce, format_external_id, format_soql
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceMoreThanOneRecord,
    SalesforceRefusedRequest,
    SalesforceResourceNotFound,
)

from engine.loopback import on_loopback
from plugins.salesforce.practice import PracticeSalesforce
from plugins.salesforce.practice.access import INSTANCE


class Elsewhere(HTTPAdapter):
    """Sends what goes to Salesforce to another address."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def send(self, request: Any, *args: Any, **more: Any) -> requests.Response:
        scheme, _, rest = request.url.partition("://")
        assert scheme == "https"
        host, _, path = rest.partition("/")
        assert host.endswith(".salesforce.com"), host
        request.headers["Host"] = host
        request.url = f"{self._url}/{path}"
        return super().send(request, *args, **more)


@pytest.fixture(scope="module")
def server() -> PracticeSalesforce:
    return PracticeSalesforce()


@pytest.fixture(scope="module")
def session(server: PracticeSalesforce) -> Iterator[requests.Session]:
    with on_loopback(server) as url, requests.Session() as session:
        session.mount("https://", Elsewhere(url))
        yield session


@pytest.fixture
def sf(server: PracticeSalesforce, session: requests.Session) -> Salesforce:
    token = server.access.ready_made()["access_token"]
    return Salesforce(instance_url=INSTANCE, session_id=token, session=session)


def test_it_logs_in_by_key_and_by_signature(
    server: PracticeSalesforce, session: requests.Session
) -> None:
    app = server.credentials_for("client_credentials")
    known = {"consumer_key": app["client_id"], "consumer_secret": app["client_secret"]}
    by_key = Salesforce(**known, domain="harborlaw.my", session=session)
    assert by_key.is_sandbox() is False
    with pytest.raises(SalesforceAuthenticationFailed, match="invalid client credentials"):
        Salesforce(**{**known, "consumer_secret": "x"}, domain="harborlaw.my", session=session)
    signed = server.credentials_for("jwt")
    who = {"username": signed["username"], "consumer_key": signed["client_id"]}
    by_signature = Salesforce(**who, privatekey=signed["private_key"], session=session)
    assert by_signature.sf_instance == "harborlaw.my.salesforce.com"
    server.access.expire_all()
    assert by_signature.query("SELECT Id FROM Lead")["totalSize"] == 12  # it logs in again


def test_it_describes_queries_and_walks_pages(sf: Salesforce) -> None:
    assert "Opportunity" in {one["name"] for one in sf.describe()["sobjects"]}
    fields = {one["name"]: one for one in sf.Contact.describe()["fields"]}
    assert fields["Clio_Id__c"]["externalId"]
    assert sf.Contact.metadata()["objectDescribe"]["keyPrefix"] == "003"
    found = sf.query_all("SELECT Id, Account.Name FROM Contact ORDER BY Name DESC NULLS LAST")
    assert found["totalSize"] == len({one["Id"] for one in found["records"]}) == 34
    gone = sf.query_all("SELECT Id FROM Contact WHERE IsDeleted = true", include_deleted=True)
    assert gone["totalSize"] == 2
    counted = sf.query("SELECT COUNT() FROM Lead WHERE Email LIKE 'lead1%' AND NOT (Name = null)")
    assert counted["totalSize"] == 3
    name = 'O\'Brien "Quay" Partners'
    soql = format_soql("SELECT Id FROM Account WHERE Name IN {names}", names=[name, "x"])
    assert sf.query(soql)["totalSize"] == 1
    assert sf.limits()["DailyApiRequests"]["Max"] == 15_000
    assert sf.api_usage["api-usage"].total == 15_000


def test_it_makes_changes_upserts_and_deletes(sf: Salesforce) -> None:
    made = sf.Contact.create({"LastName": "Lovelace", "Email": "ada@clients.example"})
    assert made["success"]
    assert sf.Contact.update(made["id"], {"Title": "Countess"}) == 204
    assert sf.Contact.get(made["id"])["Title"] == "Countess"
    key = format_external_id("Clio_Id__c", "a/b")
    assert sf.Contact.upsert(key, {"LastName": "Byron"}) == 201
    assert sf.Contact.upsert(key, {"LastName": "Gordon"}) == 200
    assert sf.Contact.get_by_custom_id("Clio_Id__c", "a/b")["LastName"] == "Gordon"
    assert sf.Contact.delete(made["id"]) == 204
    now = datetime.now(UTC)
    deleted = sf.Contact.deleted(now - timedelta(minutes=5), now + timedelta(minutes=5))
    assert [one["id"] for one in deleted["deletedRecords"]] == [made["id"]]
    assert sf.Contact.updated(now - timedelta(minutes=5), now + timedelta(minutes=5))["ids"]


def test_refusals_are_its_errors(server: PracticeSalesforce, sf: Salesforce) -> None:
    with pytest.raises(SalesforceMalformedRequest, match="REQUIRED_FIELD_MISSING"):
        sf.Contact.create({"FirstName": "Ada"})
    with pytest.raises(SalesforceMalformedRequest, match="MALFORMED_QUERY"):
        sf.query("SELECT Id FORM Lead")
    with pytest.raises(SalesforceMalformedRequest, match="INVALID_FIELD"):
        sf.query("SELECT Nmae FROM Lead")
    with pytest.raises(SalesforceResourceNotFound):
        sf.Contact.get("003Pr0000000099AAA")
    for record in server.records()["Contact"][:2]:
        record["Clio_Id__c"] = "twice"
    with pytest.raises(SalesforceMoreThanOneRecord):
        sf.Contact.upsert("Clio_Id__c/twice", {"Title": "x"})
    server.limits.elsewhere = 15_000
    with pytest.raises(SalesforceRefusedRequest, match="REQUEST_LIMIT_EXCEEDED"):
        sf.query("SELECT Id FROM Lead")
    server.limits.elsewhere = 0
    server.access.expire_all()
    with pytest.raises(SalesforceExpiredSession, match="INVALID_SESSION_ID"):
        sf.query("SELECT Id FROM Lead")


def test_its_bulk_jobs_take_and_give_files(sf: Salesforce, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simple_salesforce.bulk2.sleep", lambda seconds: None)
    rows = [
        {"Web_Id__c": "w1", "LastName": "A", "Company": "Quay"},
        {"Web_Id__c": "w2", "LastName": "B", "Company": "test"},
    ]
    [done] = sf.bulk2.Lead.upsert(records=rows, external_id_field="Web_Id__c")
    assert (done["numberRecordsProcessed"], done["numberRecordsFailed"]) == (2, 1)
    results = sf.bulk2.Lead.get_all_ingest_records(done["job_id"])
    [good], [bad] = results["successfulRecords"], results["failedRecords"]
    assert (good["Web_Id__c"], good["sf__Created"]) == ("w1", "true")
    assert bad["sf__Error"].startswith("FIELD_CUSTOM_VALIDATION_EXCEPTION:")
    parts = list(sf.bulk2.Lead.query("SELECT Id, Web_Id__c FROM Lead", max_records=5))
    assert len(parts) == 3
    assert sum(part.count("\n") - 1 for part in parts) == 13
    [changed] = sf.bulk2.Lead.update(records=[{"Id": good["sf__Id"], "Title": "Head"}])
    assert changed["numberRecordsFailed"] == 0
    [removed] = sf.bulk2.Lead.delete(records=[{"Id": good["sf__Id"]}])
    assert removed["numberRecordsFailed"] == 0
