"""What a page or the JSON says when it can not say what was asked."""

from flask import Flask, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from alertcast.web.v1 import problems
from alertcast.web.v1.operation import PREFIX
from alertcast.web.words import gettext, mark

SENTENCES = {
    400: mark("请求不完整，请返回重试。"),
    403: mark("您没有这项权限，或该地点不在您的辖区内。"),
    404: mark("没有找到。"),
    405: mark("该操作只能用页面上的按钮进行。"),
    413: mark("提交的内容过大。"),
    500: mark("系统出错，请改用电话叫应，并通知管理员。"),
}
"""One sentence for each status."""


def install(app: Flask) -> None:
    """Let `app` answer errors in our words."""
    app.register_error_handler(CSRFError, _stale)
    app.register_error_handler(HTTPException, _error)


def _stale(_error: CSRFError) -> ResponseReturnValue:
    sentence = gettext("页面已过期，请返回、刷新后再提交。没有执行任何操作。")
    return render_template("error.html", status=400, sentence=sentence), 400


def _error(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if error.response is not None:
        return error
    if f"{request.path}/".startswith(f"{PREFIX}/"):
        return problems.of_http(error)
    if request.path.startswith("/api/"):
        return {"error": error.name, "status": status}, status
    if status == 401:
        return redirect(url_for("login.form"))
    sentence = gettext(SENTENCES.get(status, SENTENCES[400 if status < 500 else 500]))
    return render_template("error.html", status=status, sentence=sentence), status
