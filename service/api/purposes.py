"""查阅目的: what personal data is read for, as whoever reads it says."""

from enum import StrEnum


class Purpose(StrEnum):
    """查阅目的: written down with every reading; ``word`` is what people read.

    The last two are those for which restricted data may be read (`LawfulReading`).
    """

    ADMINISTRATION = "administration"
    CONSULTATION = "consultation"
    VETTING = "vetting"
    APPRAISAL = "appraisal"
    OBJECTION = "objection"
    COMMENDATION = "commendation"
    INSPECTION = "inspection"
    OVERSIGHT = "oversight"
    OWN_RECORD = "own_record"
    SUBJECT_RIGHTS = "subject_rights"
    LEGAL_PROCEEDING = "legal_proceeding"

    @property
    def word(self) -> str:
        return {
            "administration": "党员日常管理",
            "consultation": "征求意见、出具意见",
            "vetting": "干部选拔任用考察",
            "appraisal": "民主评议、年度考核",
            "objection": "答复异议",
            "commendation": "评先评优",
            "inspection": "检查、督查",
            "oversight": "审计监督",
            "own_record": "本人查阅",
            "subject_rights": "本人行使查阅、复制的权利",
            "legal_proceeding": "司法、纪检监察机关依法调取",
        }[self.value]

    @classmethod
    def listed(cls) -> str:
        """Every code with its word, for descriptions."""
        return "，".join(f"{each.value} {each.word}" for each in cls)
