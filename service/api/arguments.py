"""Where each argument of a route's function comes from, found out once when the route is made.

The framework reads the declarations (and makes the OpenAPI document of them); it would also go
through them again at every request, which takes longer than the request itself. Here they become
a short list of what to look up and how to validate it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from inspect import iscoroutinefunction
from typing import Any

from fastapi._compat import ModelField
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import request_body_to_args
from starlette.datastructures import FormData

from service.api.problems import InvalidRequest
from service.api.request import StrictRequest
from service.api.validation import faults

Body = dict[str, Any] | FormData | None
"""A JSON document, a form, or nothing."""


class UnknownDeclaration(TypeError):
    """A route's function asks for something that `Arguments` does not know how to get."""


class Arguments:
    """The arguments of a route's function, or of one that it depends on."""

    def __init__(self, dependant: Dependant, *, embedded: bool = False) -> None:
        """``embedded``: the body's fields are arguments of their own, as a form's are."""
        call: Any = dependant.call
        # Needs and its like are objects that are called.
        if not iscoroutinefunction(call) and not iscoroutinefunction(type(call).__call__):
            raise UnknownDeclaration(f"{call} is no coroutine function")
        if (
            dependant.cookie_params
            or dependant.response_param_name
            or dependant.background_tasks_param_name
            or dependant.security_scopes_param_name
        ):
            raise UnknownDeclaration(f"{call}: cookies, Response, BackgroundTasks, SecurityScopes")
        self.function = call
        self._depends = [(str(each.name), Arguments(each)) for each in dependant.dependencies]
        self._in_path = [_Parameter.of("path", each) for each in dependant.path_params]
        self._in_query = [_Parameter.of("query", each) for each in dependant.query_params]
        self._in_headers = [_Parameter.of("header", each) for each in dependant.header_params]
        self._in_body = dependant.body_params
        self._embedded = embedded
        self._request_name = dependant.request_param_name

    async def of(self, request: StrictRequest, body: Body) -> dict[str, Any]:
        """What to call the function with; InvalidRequest names everything that is wrong."""
        errors: list[dict[str, Any]] = []
        values = await self.found(request, body, errors)
        if errors:
            raise InvalidRequest(errors=faults(errors))
        return values

    async def found(
        self, request: StrictRequest, body: Body, errors: list[dict[str, Any]]
    ) -> dict[str, Any]:
        """What is right of the arguments; what is wrong is added to the errors, in pydantic's form.

        What a function depends on is called first; not if something it needs itself is wrong.
        """
        values: dict[str, Any] = {}
        for name, depended in self._depends:
            before = len(errors)
            given = await depended.found(request, body, errors)
            if len(errors) == before:
                values[name] = await depended.function(**given)
        _validate(self._in_path, request.path_params, values, errors)
        _validate(self._in_query, request.query, values, errors)
        _validate(self._in_headers, request.headers, values, errors)
        if self._in_body:
            await self._validate_body(body, values, errors)
        if self._request_name is not None:
            values[self._request_name] = request
        return values

    async def _validate_body(
        self, body: Body, values: dict[str, Any], errors: list[dict[str, Any]]
    ) -> None:
        if self._embedded:
            given, wrong = await request_body_to_args(
                self._in_body, body, embed_body_fields=self._embedded
            )
            values.update(given)
        else:
            [field] = self._in_body
            values[field.name], wrong = field.validate(body, loc=("body",))
        errors.extend(wrong)


@dataclass(frozen=True, slots=True)
class _Parameter:
    """A parameter of path, query or headers."""

    name: str
    key: str
    place: tuple[str, str]
    required: bool
    default: Any
    field: ModelField

    @classmethod
    def of(cls, kind: str, field: ModelField) -> "_Parameter":
        return cls(
            name=field.name,
            key=field.alias,
            place=(kind, field.alias),
            required=field.field_info.is_required(),
            default=field.get_default(),
            field=field,
        )


def _validate(
    parameters: Sequence[_Parameter],
    given: Mapping[str, str],
    values: dict[str, Any],
    errors: list[dict[str, Any]],
) -> None:
    for parameter in parameters:
        text = given.get(parameter.key)
        if text is not None:
            values[parameter.name], wrong = parameter.field.validate(text, loc=parameter.place)
            errors.extend(wrong)
        elif parameter.required:
            errors.append({"type": "missing", "loc": parameter.place})
        else:
            values[parameter.name] = parameter.default
