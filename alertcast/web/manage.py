"""管理: the pages that belong together in one row of links, and who may open each."""

from flask import Flask

from alertcast.web.words import mark

PAGES = (
    ("users.page", mark("用户"), "configure"),
    ("tokens.page", mark("令牌"), "configure"),
    ("channels.page", mark("渠道"), "configure"),
    ("sources.page", mark("来源"), "configure"),
    ("configuration.page", mark("配置"), "see"),
    ("uploads.page", mark("导入"), "configure"),
    ("audits.page", mark("审计记录"), "audit"),
)
"""Each page: its endpoint, what it is called, and what one must be allowed to do there."""


def install(app: Flask) -> None:
    """Let the templates of `app` list the pages."""
    app.jinja_env.globals.update(
        manage_pages=PAGES, manage_blueprints={one.partition(".")[0] for one, _, _ in PAGES}
    )
