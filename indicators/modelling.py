"""What every model of the catalogue is made of: strict frozen models, codes, bilingual names."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Code = Annotated[str, Field(pattern=r"^[^\s:/?#&]{1,64}$")]


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
