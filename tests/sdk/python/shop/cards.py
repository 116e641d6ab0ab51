"""The simulated PSP's card numbers: each one rehearses an outcome."""

from portone_server_sdk.common import CardCredential
from portone_server_sdk.payment import InstantPaymentMethodInput, InstantPaymentMethodInputCard
from portone_server_sdk.payment.billing_key import (
    InstantBillingKeyPaymentMethodInput,
    InstantBillingKeyPaymentMethodInputCard,
)

VISA = "4242424242424242"
MASTERCARD = "5555555555554444"
VISA_DEBIT = "4000056655665556"
DOMESTIC = "9400000000000000"

DECLINED = {
    "by issuer": "4000000000000002",
    "insufficient funds": "4000000000009995",
    "expired": "4000000000000069",
    "wrong security data": "4000000000000127",
    "lost or stolen": "4000000000009987",
    "PSP error before execution": "4000000000000119",
    # Fails the Luhn check.
    "invalid number": "4242424242424241",
}

CHARGED_WITHOUT_ANSWER = "4000000000006000"
NEVER_CHARGED_WITHOUT_ANSWER = "4000000000006018"
CHARGED_BUT_SILENT_FOR_THREE_QUERIES = "4000000000006026"

LATER_CHARGES_DECLINED = "4000000000000341"
NOTIFIED_TWICE_AND_EARLY = "4000000000008888"

CANCELLATION_SUCCEEDS_LATER = "4000000000007726"
CANCELLATION_FAILS_LATER = "4000000000005126"
CANCELLATION_REFUSED = "4000000000005134"


def credential(number: str) -> CardCredential:
    return CardCredential(
        number=number,
        expiry_year="39",
        expiry_month="12",
        birth_or_business_registration_number="900101",
        password_two_digits="12",
    )


def key_in(number: str, installment_month: int | None = None) -> InstantPaymentMethodInput:
    card = InstantPaymentMethodInputCard(credential=credential(number), installment_month=installment_month)
    return InstantPaymentMethodInput(card=card)


def for_billing_key(number: str) -> InstantBillingKeyPaymentMethodInput:
    return InstantBillingKeyPaymentMethodInput(card=InstantBillingKeyPaymentMethodInputCard(credential=credential(number)))
