"""What every answer of a view has in common."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Answer(BaseModel):
    """Strict, unchangeable, and described in Chinese for the API's reference."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


Sealed = Annotated[str, Field(json_schema_extra={"x-personal": True})]
"""A personal text, sealed with the member's key until somebody entitled reads it."""
