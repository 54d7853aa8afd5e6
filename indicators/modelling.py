"""What every model of the catalogue is made of: strict frozen models, codes, bilingual names."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

Code = Annotated[str, Field(pattern=r"^[^\s:/?#&]{1,64}$")]


def _day(text: str) -> str:
    try:
        written = date.fromisoformat(text).isoformat()
    except ValueError:
        written = ""
    if written != text:
        raise PydanticCustomError("day", "must be a date such as 2026-03-01")
    return text


#: An ISO date as text, so that dates compare as they read.
Day = Annotated[str, AfterValidator(_day)]


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Name(Model):
    """A name for readers of Chinese, and one in English."""

    zh: str
    en: str


class Standing(StrEnum):
    """Whose figure it is (数据属性)."""

    MONITORED = "监测数"
    REPORTED = "上报数"
    VERIFIED = "核定数"
    PUBLISHED = "公布数"
