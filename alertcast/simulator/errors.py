"""Twilio's error answers: the codes that the simulator gives, and their HTTP statuses.

Source: twilio.com/docs/api/errors and the magic numbers of twilio.com/docs/iam/test-credentials.
The sentences are our own; callers must decide by code, as with Twilio itself.
"""

_SENTENCES: dict[int, tuple[int, str]] = {
    20001: (400, "A parameter is not valid"),
    20003: (401, "Authenticate"),
    20004: (405, "This method is not allowed here"),
    20404: (404, "The requested resource was not found"),
    20429: (429, "Too many requests"),
    20500: (500, "Internal server error"),
    20503: (503, "Service unavailable"),
    21201: (400, "No 'To' number is given"),
    21205: (400, "'Url' or 'Twiml' is required, and must be valid"),
    21210: (400, "The 'From' number is not verified"),
    21211: (400, "The 'To' number is not a valid phone number"),
    21212: (400, "The 'From' number is not a valid phone number"),
    21213: (400, "The 'From' number is required"),
    21214: (400, "The 'To' number cannot be reached"),
    21215: (400, "The account may not call that country"),
    21216: (400, "The account may not call the 'To' number"),
    21217: (400, "The phone number does not appear to be valid"),
    21220: (400, "The call is not in a state that allows this"),
    21408: (400, "The account may not send to that region"),
    21602: (400, "The message body is required"),
    21603: (400, "'From' or 'MessagingServiceSid' is required"),
    21604: (400, "The 'To' number is required"),
    21606: (400, "The 'From' number cannot send to the 'To' number"),
    21609: (400, "The 'StatusCallback' URL is not valid"),
    21610: (400, "The recipient has opted out"),
    21611: (429, "The queue of this 'From' number is full"),
    21612: (400, "The 'To' number cannot be reached from this 'From' number"),
    21614: (400, "The 'To' number is not a mobile number"),
    21617: (400, "The message body is longer than 1600 characters"),
}

MAGIC_TO_SMS = {
    "+15005550001": 21211,
    "+15005550002": 21612,
    "+15005550003": 21408,
    "+15005550004": 21610,
    "+15005550009": 21614,
}
"""Recipients of messages that Twilio's test credentials refuse, with the code."""

MAGIC_FROM_SMS = {"+15005550001": 21212, "+15005550007": 21606, "+15005550008": 21611}
"""Senders of messages that Twilio's test credentials refuse, with the code."""

MAGIC_TO_CALL = {
    "+15005550001": 21217,
    "+15005550002": 21214,
    "+15005550003": 21215,
    "+15005550004": 21216,
}
"""Called numbers that Twilio's test credentials refuse, with the code."""

MAGIC_FROM_CALL = {"+15005550001": 21212, "+15005550007": 21210}
"""Calling numbers that Twilio's test credentials refuse, with the code."""


class Refusal(Exception):
    """A request is not taken: Twilio's code, its HTTP status, a sentence, and perhaps a wait.

    `retry_after` is in real seconds and becomes the Retry-After header.
    """

    def __init__(
        self, code: int, *, detail: str | None = None, retry_after: float | None = None
    ) -> None:
        self.code = code
        self.status, sentence = _SENTENCES[code]
        self.message = detail or sentence
        self.retry_after = retry_after
        super().__init__(f"{code}: {self.message}")

    def as_json(self) -> dict[str, str | int]:
        """Return the body that Twilio answers with."""
        return {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }
