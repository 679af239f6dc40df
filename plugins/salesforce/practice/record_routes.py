"""Paths of single records, and of many in one request."""

from collections.abc import Callable, Mapping
from typing import Any

from engine.sdk import PracticeServer, Request, Response, json_response, route
from plugins.salesforce.practice.answers import Refused, not_found
from plugins.salesforce.practice.model import ObjectModel
from plugins.salesforce.practice.store import Record, Records, object_named
from plugins.salesforce.practice.writing import Writer, external_id

DATA = "/services/data/<version>"
OBJECT = DATA + "/sobjects/<object>"
MANY = DATA + "/composite/sobjects"

#: Records of one request (documented).
MOST = 200


class RecordRoutes(PracticeServer):
    """Reads and writes records."""

    store: Records
    writer: Writer

    @route("POST", OBJECT)
    def create(self, request: Request, object: str) -> Response:
        made = self.writer.create(object_named(object, 404), request.get_json())
        return json_response({"id": made["Id"], "success": True, "errors": []}, 201)

    @route("GET", OBJECT + "/<id>")
    def show(self, request: Request, object: str, id: str) -> Response:
        """Show a record; ``fields`` names some."""
        return self._shown(request, object, "Id", id)

    @route("GET", OBJECT + "/<field>/<path:value>")
    def show_by(self, request: Request, object: str, field: str, value: str) -> Response:
        """Show the record that an external id stands for."""
        return self._shown(request, object, field, value)

    @route("PATCH", OBJECT + "/<id>")
    def update(self, request: Request, object: str, id: str) -> Response:
        model = object_named(object, 404)
        record = self.store.get(model.name, id)
        if record is None:
            raise not_found()
        self.writer.update(model, record, request.get_json())
        return Response(status=204)

    @route("PATCH", OBJECT + "/<field>/<path:value>")
    def upsert(
        self, request: Request, version: str, object: str, field: str, value: str
    ) -> Response:
        """Make or change the record that an external id stands for; 204 before version 46."""
        model, given = object_named(object, 404), request.get_json()
        if any(name.lower() == field.lower() for name in given):
            message = f"The {field} field should not be specified in the sobject data."
            raise Refused(400, "INVALID_FIELD", message)
        external = external_id(model, field)
        found = self.store.by(model.name, external.name, value)
        if len(found) > 1:
            url = f"/services/data/{version}/sobjects/{model.name}"
            return json_response([f"{url}/{one['Id']}" for one in found], 300)
        if not found and request.args.get("updateOnly") == "true":
            raise not_found()
        record, new = self.writer.upsert(model, field, value, given)
        if not new and int(version[1:3]) < 46:
            return Response(status=204)
        body = {"id": record["Id"], "success": True, "errors": [], "created": new}
        return json_response(body, 201 if new else 200)

    @route("DELETE", OBJECT + "/<id>")
    def delete(self, request: Request, object: str, id: str) -> Response:
        model = object_named(object, 404)
        if self.store.get(model.name, id) is None:
            raise not_found()
        self.writer.delete(model, id)
        return Response(status=204)

    # -- many ----------------------------------------------------------------------------------

    @route("POST", MANY)
    def create_many(self, request: Request) -> Response:

        def one(model: ObjectModel, given: Mapping[str, Any]) -> tuple[Record, None]:
            return self.writer.create(model, given), None

        return self._many(request, one)

    @route("PATCH", MANY)
    def update_many(self, request: Request) -> Response:

        def one(model: ObjectModel, given: Mapping[str, Any]) -> tuple[Record, None]:
            values = {name: value for name, value in given.items() if name.lower() != "id"}
            id = str(next((v for name, v in given.items() if name.lower() == "id"), ""))
            record = self.store.get(model.name, id)
            if not id:
                raise Refused(400, "MISSING_ARGUMENT", "Id not specified in an update call", [])
            if record is None:
                raise Refused(404, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [])
            return self.writer.update(model, record, values), None

        return self._many(request, one)

    @route("PATCH", MANY + "/<object>/<field>")
    def upsert_many(self, request: Request, object: str, field: str) -> Response:
        """Make or change up to 200 records of one object."""
        wanted = object_named(object, 404)
        external = external_id(wanted, field)
        met: set[str] = set()

        def one(model: ObjectModel, given: Mapping[str, Any]) -> tuple[Record, bool]:
            if model is not wanted:
                raise Refused(400, "INVALID_TYPE", f"{model.name} is not {wanted.name}", [])
            named = external.name.lower()
            value = next((v for name, v in given.items() if name.lower() == named), None)
            rest = {name: v for name, v in given.items() if name.lower() != named}
            if str(value).casefold() in met:
                message = f"Duplicate external id specified: {value}"
                raise Refused(400, "DUPLICATE_VALUE", message, [external.name])
            met.add(str(value).casefold())
            return self.writer.upsert(model, external.name, value, rest)

        return self._many(request, one)

    @route("DELETE", MANY)
    def delete_many(self, request: Request) -> Response:
        answers = []
        for id in request.args.get("ids", "").split(","):
            try:
                self.writer.delete(self._model_of(id), id)
                answers.append({"id": id, "success": True, "errors": []})
            except Refused as refused:
                answers.append(refused.of_row())
        return json_response(answers)

    def _many(
        self,
        request: Request,
        save: Callable[[ObjectModel, Mapping[str, Any]], tuple[Record, bool | None]],
    ) -> Response:
        body = request.get_json()
        given = body.get("records") or []
        if len(given) > MOST:
            message = f"The number of records {len(given)} exceeds the limit of {MOST}"
            raise Refused(400, "LIMIT_EXCEEDED", message)
        answers: list[dict[str, Any]] = []
        for record in given:
            try:
                model = object_named(str((record.get("attributes") or {}).get("type")))
                saved, new = save(model, record)
            except Refused as refused:
                answers.append(refused.of_row())
                continue
            created = {} if new is None else {"created": new}
            answers.append({"id": saved["Id"], "success": True, "errors": [], **created})
        return json_response(answers)

    def _model_of(self, id: str) -> ObjectModel:
        for name in self.store.tables:
            if (model := object_named(name)).prefix == id[:3]:
                return model
        raise Refused(400, "MALFORMED_ID", f"malformed id {id}", [])

    def _shown(self, request: Request, object: str, field: str, value: str) -> Response:
        model = object_named(object, 404)
        found = self.store.by(model.name, external_id(model, field).name, value)
        if len(found) != 1:
            raise not_found()
        whole = self.store.whole(model, found[0])
        if names := request.args.get("fields"):
            wanted = {"attributes", *(name.strip() for name in names.split(","))}
            whole = {name: part for name, part in whole.items() if name in wanted}
        return json_response(whole)
