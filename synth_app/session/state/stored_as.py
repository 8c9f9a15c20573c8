"""Lets a pydantic model hold a value whose JSON form differs from its form in memory."""

from typing import Any, Protocol, Self

from pydantic import BaseModel, GetCoreSchemaHandler, GetPydanticSchema
from pydantic_core import CoreSchema, core_schema


class JsonForm(Protocol):
    """A pydantic model that is the JSON form of another type."""

    @classmethod
    def of(cls, value: Any, /) -> Self: ...
    def restore(self) -> Any: ...


def stored_as(form: type[JsonForm]) -> GetPydanticSchema:
    """Annotate a field: ``Annotated[UserNote, stored_as(SavedNote)]`` reads and writes ``SavedNote`` in JSON.

    The field holds the restored value. Problems in a file are reported with their path inside ``form``.
    """

    def schema(kind: type[Any], handler: GetCoreSchemaHandler) -> CoreSchema:
        def read(value: Any, validate: core_schema.ValidatorFunctionWrapHandler) -> Any:
            return value if isinstance(value, kind) else validate(value).restore()

        def write(value: Any) -> Any:
            saved = form.of(value)
            assert isinstance(saved, BaseModel)
            return saved

        return core_schema.no_info_wrap_validator_function(
            read,
            handler(form),
            serialization=core_schema.plain_serializer_function_ser_schema(write, return_schema=handler(form)),
        )

    return GetPydanticSchema(schema)
