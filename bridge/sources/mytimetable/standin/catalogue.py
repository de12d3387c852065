"""The lists of the sample university: types, databases, filters, timetables, weeks and terms."""

from typing import Any

from aiohttp import web

from bridge.sources.mytimetable.standin.curriculum import TYPES, first_monday
from bridge.sources.mytimetable.standin.faculty import DEPARTMENTS, department_of, terms, week_labels
from bridge.sources.mytimetable.standin.protocol import ApiError, Gate, number, require_known, unknown_call
from bridge.sources.mytimetable.standin.university import University

_CUSTOM = "TimetableDB"
_MAPS = ("KALENDER", "ONDERWIJS")


class Catalogue:
    """The calls that are not about a person. Each returns what becomes JSON."""

    def __init__(self, at: University, gate: Gate) -> None:
        self._at = at
        self._gate = gate

    async def types(self, request: web.Request) -> Any:
        """/timetabletypes."""
        self._enter(request)
        return {"timetableType": list(TYPES)}

    async def type_details(self, request: web.Request) -> Any:
        """/timetabletypesdetails."""
        self._enter(request)
        return {
            "timetableTypes": [
                {
                    "childOptionSelectable": False,
                    "description": description,
                    "name": name,
                    "optionSelectable": name == "module",
                    "parent": name == "studentset",
                    "weight": weight,
                }
                for weight, (name, description) in enumerate(TYPES.items())
            ]
        }

    async def databases(self, request: web.Request) -> Any:
        """/databases."""
        self._enter(request)
        return {"database": list(self._databases())}

    async def database_details(self, request: web.Request) -> Any:
        """/databasedetails."""
        self._enter(request)
        self._require_new()
        return {"databases": [{"key": key, "label": label} for key, label in self._databases().items()]}

    async def filters(self, request: web.Request) -> Any:
        """/timetablefilters."""
        self._enter(request, {"type", "d"})
        self._database(request)
        options = [{"name": name, "value": value, "hostKey": key} for key, (name, value) in DEPARTMENTS.items()]
        return {
            "filterattribute": [{"type": "department", "option": options}] if self._type(request) == "module" else []
        }

    async def timetables(self, request: web.Request) -> Any:
        """/timetables."""
        kind = self._type(request)
        filters = {"departmentFilter"} if kind == "module" else set()
        self._enter(request, {"type", "limit", "offset", "q", "d"} | filters)
        word = request.query.get("q", "").casefold()
        department = request.query.get("departmentFilter")
        found = [
            {"description": name, "hostKey": host_key, "value": key}
            for key, (name, host_key) in self._at.timetables_of(self._database(request)).items()
            if key.split("!")[1] == kind
            and (word in name.casefold() or word in host_key.casefold())
            and (department is None or DEPARTMENTS[department_of(host_key)][1] == department)
        ]
        offset, limit = number(request, "offset"), number(request, "limit")
        return {"timetable": found[offset : offset + limit if limit else None]}

    async def week_maps(self, request: web.Request) -> Any:
        """/weeklabelmaps."""
        self._enter(request)
        return {"weeklabelmaps": [{"key": key, "isDefault": key == _MAPS[-1]} for key in _MAPS]}

    async def weeks(self, request: web.Request) -> Any:
        """/weeklabelmaps/{key}."""
        self._enter(request)
        key = request.match_info["key"]
        if key not in _MAPS:
            raise ApiError(404, "weeklabelmap_not_found", "There is no such map.")
        years = (self._at.year - 1, self._at.year)
        labels = [label for year in years for label in week_labels(first_monday(year, self._at.began))]
        return {"key": key, "isDefault": key == _MAPS[-1], "weeklabels": labels if key == _MAPS[-1] else []}

    async def terms(self, request: web.Request) -> Any:
        """/terms."""
        self._enter(request)
        self._require_new()
        return {"terms": terms(self._at.year, first_monday(self._at.year, self._at.began))}

    def _enter(self, request: web.Request, known: set[str] | None = None) -> None:
        self._gate.caller(request)
        require_known(request, known or set())

    def _require_new(self) -> None:
        if self._at.before_3_1:
            raise unknown_call()

    def _databases(self) -> dict[str, str]:
        """The labels of databases by key, the one with the highest priority first."""
        years = {str(year): f"{year}/{year + 1}" for year in (self._at.year, self._at.year - 1)}
        return years | {_CUSTOM: "Custom"}

    def _database(self, request: web.Request) -> str:
        key = request.query.get("d", str(self._at.year))
        if key not in self._databases():
            raise ApiError(400, "invalid_database", "There is no such database.")
        return key

    @staticmethod
    def _type(request: web.Request) -> str:
        kind = request.query.get("type", "")
        if kind not in TYPES:
            raise ApiError(400, "invalid_type", "The type is required.")
        return kind
