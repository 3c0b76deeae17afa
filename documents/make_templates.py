"""Creates missing templates and never changes existing ones: `python -m documents.make_templates`.

The layout follows GB/T 9704-2012 (党政机关公文格式): margins, 小标宋 title, 仿宋 三号 body at 28 points,
发文字号, 落款 with space for the seal. Officials edit the templates in Word.
"""

from docx import Document
from docx.document import Document as Paper

from claims.papers.requests import PaperKind
from documents.rendering import PLATFORM, template_of
from documents.typesetting.page_setup import one_page, page
from documents.typesetting.tables import colophon, rows_table, table
from documents.typesetting.text import (
    contact,
    for_each,
    heading,
    letter_format,
    letterhead,
    line,
    note,
    paragraph,
    section,
    set_lines_closer,
    sign_off,
    signatures,
    title,
)
from documents.typesetting.unused_parts import leave_out_unused

LIGHTS = {"时间": 52, "颜色": 14, "时限": 32, "工单编号": 40, "撤销": 18}
ORGAN = ("枣庄市“企呼枣（早）应、接诉即办”", "综合指挥平台")
"""The platform's name at the head of a paper."""
COPIES = "综合协调组，督导问效组"
"""R38: who receives a copy of every letter, light and measure."""
PLAN = "《枣庄市“企呼枣（早）应、接诉即办”工作实施方案》（枣办发〔2021〕4号）"


def supervision_letter(paper: Paper) -> None:
    letter_format(paper, *ORGAN)
    title(paper, "关于督促办理企业诉求工单的函", before=14)
    paragraph(paper, "{{ 主送 }}：", indent=False)
    paragraph(
        paper,
        "你单位承办的企业诉求工单{{ 工单编号 }}（办理单位：{{ 承办单位 }}），{{ 时限 }}自{{ 起算时间 }}"
        "起算，至{{ 截止时间 }}届满，期满市指挥平台未收到反馈。",
    )
    paragraph(paper, "诉求事项：{{ 诉求事项 }}")
    paragraph(
        paper,
        f"依据{PLAN}第二部分第（五）项，现予督办，并予黄灯亮牌。请于{{{{ 反馈期限 }}}}前（{{{{ 反馈工作日 }}}}个工作日内）"
        "将办理情况反馈市指挥平台；逾期仍未反馈的，予以红灯亮牌。",
    )
    paragraph(
        paper,
        "1个月内连续两次黄灯亮牌的，约谈主要负责人；连续两次红灯亮牌的，按照有关规定启动问责程序。",
    )
    sign_off(paper, PLATFORM, width=400, room=False)
    contact(paper, "联系人：市指挥平台督办专席，联系电话：12345")
    colophon(paper, COPIES, issued=False)
    set_lines_closer(paper, 25)


def dispatch_order(paper: Paper) -> None:
    one_page(paper, margin=25)
    letterhead(paper, *ORGAN)
    title(paper, "企业诉求派单", before=12)
    paragraph(paper, "{{ 主送 }}：", indent=False)
    paragraph(
        paper,
        "下列企业诉求转你单位办理（第{{ 派单次数 }}次派单）。你单位为首接单位，牵头办理并负责。",
    )
    table(
        paper,
        ("工单编号", "{{ 工单编号 }}", "登记时间", "{{ 登记时间 }}"),
        ("企业名称", "{{ 企业名称 }}"),
        ("企业状态", "{{ 企业状态 }}", "送达时间", "{{ 送达时间 }}"),
        ("联系人", "{{ 联系人 }}", "联系电话", "{{ 联系电话 }}"),
        ("诉求类别", "{{ 诉求类别 }}", "来源渠道", "{{ 来源渠道 }}"),
        ("属地", "{{ 属地 }}"),
        ("协办单位", "{{ 协办单位 }}"),
        ("诉求事项", "{{ 诉求事项 }}"),
        ("派单依据", "{{ 派单依据 }}"),
        (
            "办理要求",
            "自送达之日起，{{ 核实工作日 }}个工作日内与企业联系核实，{{ 答复工作日 }}个工作日内答复，{{ 解决工作日 }}个"
            "工作日内解决或服务确认，答复企业的同时反馈市指挥平台。不属本单位职责的，请在{{ 退单工作日 }}个工作日内书面"
            "说明原因和依据，提出办理建议，经主要负责人签字后退回。企业联系方式仅用于办理本诉求。",
        ),
    )
    sign_off(paper, PLATFORM, width=400, room=False)


def review_form(paper: Paper) -> None:
    one_page(paper, margin=18)
    line(paper, "{{ 编号 }}", size=14)
    title(paper, "“企呼枣（早）应、接诉即办”\n不满意诉求审核反馈表")
    table(
        paper,
        ("工单编号", "{{ 工单编号 }}", "登记时间", "{{ 登记时间 }}"),
        ("诉求类别", "{{ 诉求类别 }}", "承办单位", "{{ 承办单位 }}"),
        ("企业名称", "{{ 企业名称 }}"),
        ("诉求事项", "{{ 诉求事项 }}"),
        ("首次办理、\n答复情况", "{{ 首次办理情况 }}"),
        ("首次回访评价", "{{ 首次回访 }}"),
        ("再次办理、\n答复情况", "{{ 再次办理情况 }}"),
        ("再次回访评价", "{{ 再次回访 }}"),
        ("企业不满意\n原因", "{{ 不满意原因 }}"),
        ("办理依据", "{{ 办理依据 }}"),
        (
            "承办单位\n意见",
            "{{ 承办意见 }}\n单位负责人（签字）：{{ 负责人 }}\n（加盖单位公章）\n{{ 签署日期 }}",
        ),
        ("市指挥平台\n核查意见", "\n（盖章）\n      年    月    日"),
        ("办结处理\n意见", "\n（盖章）\n      年    月    日"),
        tall={"首次办理、\n答复情况": 19, "再次办理、\n答复情况": 19, "企业不满意\n原因": 16, "办理依据": 14},
    )
    note(
        paper,
        f"说明：依据{PLAN}第二部分第（六）项，由承办单位填写，本单位负责人签字并加盖单位公章后上传市指挥平台。",
    )


def extension_application(paper: Paper) -> None:
    line(paper, "{{ 文号 }}", size=16)
    heading(paper, "关于延长企业诉求办理期限的申请")
    paragraph(paper, f"{PLATFORM}：", indent=False)
    paragraph(
        paper,
        "我单位承办的企业诉求工单{{ 工单编号 }}，解决时限为{{ 原定期限 }}。因{{ 延期类型 }}，"
        f"依据{PLAN}第二部分第（四）项，申请延长至{{{{ 延长工作日 }}}}个工作日内办理。",
    )
    section(paper, "诉求事项", "{{ 诉求事项 }}")
    section(paper, "延期理由", "{{ 延期理由 }}")
    section(paper, "已开展的工作", "{{ 已开展工作 }}")
    section(paper, "下一步计划", "{{ 下一步计划 }}")
    section(paper, "向企业解释沟通情况", "{{ 解释情况 }}")
    sign_off(paper, "{{ 申请单位 }}", head="{{ 负责人 }}")


def interview_record(paper: Paper) -> None:
    line(paper, "{{ 文号 }}", size=16)
    heading(paper, "约谈记录")
    table(
        paper,
        ("被约谈单位", "{{ 单位 }}", "约谈时间", "{{ 约谈时间 }}"),
        ("约谈对象", "{{ 约谈对象 }}", "约谈地点", "{{ 约谈地点 }}"),
        ("约谈人", "{{ 约谈人 }}"),
        ("约谈事由", "{{ 约谈事由 }}"),
    )
    section(paper, "亮牌情况")
    rows_table(paper, "亮牌", LIGHTS)
    section(paper, "约谈情况", "{{ 约谈情况 }}")
    section(paper, "整改措施")
    rows_table(paper, "整改措施", {"措施": 112, "完成时限": 44})
    signatures(paper, "约谈人", "被约谈人", "记录人")
    sign_off(paper, PLATFORM, width=400)


def criticism(paper: Paper) -> None:
    letterhead(paper, *ORGAN)
    heading(paper, "关于对{{ 单位 }}的通报批评")
    paragraph(paper, "各区（市）、枣庄高新区，市直各部门（单位）：", indent=False)
    paragraph(
        paper,
        "{{ 单位 }}在办理企业诉求工单{{ 工单编号 }}（办理单位：{{ 承办单位 }}）中存在问题：{{ 通报事由 }}。",
    )
    section(paper, "一、基本事实")
    for_each(paper, "事实")
    section(paper, "二、处理决定")
    paragraph(
        paper,
        f"依据{PLAN}第二部分第（六）项，对{{{{ 单位 }}}}予以通报批评，并按照有关规定启动问责程序。",
    )
    paragraph(
        paper,
        "各级各单位要引以为戒，坚持“全面、准确、真实”的原则，按期办理、如实反馈。",
    )
    sign_off(paper, PLATFORM, width=400)
    colophon(paper, COPIES)


def accountability_file(paper: Paper) -> None:
    line(paper, "{{ 文号 }}", size=16)
    heading(paper, "问责材料")
    table(paper, ("单位", "{{ 单位 }}"), ("工单编号", "{{ 工单编号 }}"), ("事由", "{{ 事由 }}"))
    section(paper, "亮牌情况")
    rows_table(paper, "亮牌", LIGHTS)
    section(paper, "督办情况")
    rows_table(paper, "督办", {"时间": 52, "内容": 104})
    section(paper, "办理经过")
    rows_table(paper, "日志", {"时间": 52, "事项": 104})
    section(paper, "处理意见（由有权机关填写）", "\n\n")
    sign_off(paper, PLATFORM, width=400)


MAKERS = {
    PaperKind.SUPERVISION_LETTER: supervision_letter,
    PaperKind.DISPATCH_ORDER: dispatch_order,
    PaperKind.REVIEW_FORM: review_form,
    PaperKind.EXTENSION_APPLICATION: extension_application,
    PaperKind.INTERVIEW_RECORD: interview_record,
    PaperKind.CRITICISM: criticism,
    PaperKind.ACCOUNTABILITY_FILE: accountability_file,
}


def make(kind: PaperKind) -> Paper:
    """Return the first template of a kind."""
    paper = Document()
    page(paper)
    MAKERS[kind](paper)
    leave_out_unused(paper)
    return paper


if __name__ == "__main__":
    for kind in MAKERS:
        if not (file := template_of(kind)).exists():
            make(kind).save(str(file))
            print(f"已生成 {file.name}")
