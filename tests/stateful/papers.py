"""Numbers and codes as they are written on papers, with what is known to be true of each."""

from datetime import timedelta

from service.domain.certificate_number import certificate_number

AREA_CODES = {
    "469030": "county",
    "469030100001": "community",
    "469030100002": "community",
    "469030100000": "street",
    "46903": "too short",
    "069030100001": "begins with nought",
}

RIGHT, CHECK_FAILS, MALFORMED = "right", "check fails", "malformed"
CREDIT_CODES = {
    "91350100M000100Y43": RIGHT,
    "54469030MJ0000001N": RIGHT,
    "91350100M000100Y44": CHECK_FAILS,
    "54469030MJ0000001M": CHECK_FAILS,
    "91350100M000100Y4": MALFORMED,
    "99350100M000100Y43": MALFORMED,
}

ID_NUMBERS = {
    "46903019900101001X": True,
    "469030199001010028": True,
    "469030199001010036": True,
    "469030199001010037": False,
    "469030199002300036": False,
    "46903019900101001": False,
}

PHONES = {
    "13800000000": True,
    "0898-86222222": True,
    "12800000000": False,
    "1380000000": False,
    "86222222": False,
}

CERTIFICATE_NUMBERS = tuple(certificate_number("469030", 2026, serial) for serial in range(1, 60))
MISWRITTEN_CERTIFICATE_NUMBERS = (
    # One digit is another one: the check digit finds every such slip.
    CERTIFICATE_NUMBERS[0][:-1] + str((int(CERTIFICATE_NUMBERS[0][-1]) + 1) % 10),
    CERTIFICATE_NUMBERS[1][:12] + "9" + CERTIFICATE_NUMBERS[1][13:],
    CERTIFICATE_NUMBERS[2][:-1],
)

NINE_POSTS = {
    "文体活动服务岗": "culture",
    "文明新风践行岗": "civility",
    "环境卫生保洁岗": "cleaning",
    "科普知识宣传岗": "science",
    "党建工作指导岗": "party_building",
    "学生关怀服务岗": "students",
    "计划生育服务岗": "family_planning",
    "政策法规宣传岗": "policy_and_law",
    "流动人口服务岗": "migrants",
}

KIND_WORDS = {"community": "社区组织", "unit": "单位集中", "own": "个人自发"}

Hours = tuple[tuple[str, str], ...]
HOURS: dict[Hours, bool] = {
    (("09:00", "12:00"), ("13:00", "17:00")): True,
    (("08:00", "12:00"), ("14:30", "18:00")): True,
    (("16:00", "24:00"),): True,
    (): False,
    (("09:00", "09:00"),): False,
    (("13:00", "17:00"), ("09:00", "12:00")): False,
    (("09:00", "13:00"), ("12:59", "17:00")): False,
    (("9 o'clock", "12:00"),): False,
    (("09:00:30", "12:00"),): False,
}

SIGNING_TIME = timedelta(hours=2)
LONGEST = timedelta(hours=24)

OPEN_TEXTS: dict[str | None, bool] = {
    None: True,
    "情况属实，共谈3次": True,
    "先进党员": True,
    "公示栏": True,
    "详询13800000000": False,
    "证件号46903019900101001X": False,
}
"""Texts that are not sealed, and whether they name nobody."""
