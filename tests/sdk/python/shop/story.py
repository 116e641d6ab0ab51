import unittest
from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from .shop import Shop
from .wire import Answer

Refusal = TypeVar("Refusal", bound=Exception)

# The status that belongs to each error type; the SDK shows only its class.
STATUS_OF = {
    "INVALID_REQUEST": 400,
    "UNAUTHORIZED": 401,
    "FORBIDDEN": 403,
    "PAYMENT_NOT_FOUND": 404,
    "BILLING_KEY_NOT_FOUND": 404,
    "CHANNEL_NOT_FOUND": 404,
    "ALREADY_PAID": 409,
    "IDEMPOTENCY_OUTSTANDING_REQUEST": 409,
    "MAX_CANCEL_COUNT_REACHED": 409,
    "PG_PROVIDER": 502,
}


class Story(unittest.TestCase):
    """What happens in one shop; at the end every webhook that came must have passed the SDK's verifier."""

    shop: ClassVar[Shop]

    @classmethod
    def setUpClass(cls) -> None:
        cls.shop = Shop()
        cls.addClassCleanup(cls.shop.close)

    def refused(self, expected: type[Refusal], call: Callable[..., Any], /, **arguments: Any) -> Refusal:
        """The call raises exactly this class; a type the SDK does not know would raise its `UnknownError` instead."""
        try:
            answer = call(**arguments)
        except Exception as error:
            self.assertIs(type(error), expected, f"{error!r} {getattr(error, 'error', '')}")
            return error
        self.fail(f"expected {expected.__name__}, was answered {answer}")

    def assert_refusal(self, answer: Answer, kind: str) -> None:
        self.assertEqual((answer.status, answer.json.get("type")), (STATUS_OF[kind], kind), answer.text)
