from portone_server_sdk import IdentityVerificationClient
from portone_server_sdk.errors import (
    IdentityVerificationAlreadySentError,
    IdentityVerificationAlreadyVerifiedError,
    IdentityVerificationNotFoundError,
    PgProviderError,
)
from portone_server_sdk.identity_verification import (
    FailedIdentityVerification,
    IdentityVerificationFilterInput,
    ReadyIdentityVerification,
    SendIdentityVerificationBodyCustomer,
    VerifiedIdentityVerification,
)
from shop import Story


class IdentityVerification(Story):
    @property
    def identities(self):
        return IdentityVerificationClient(secret=self.shop.api_secret, base_url=self.shop.url)

    def sends(self, **changes):
        customer = SendIdentityVerificationBodyCustomer(
            name="홍길동", phone_number="01012345678", identity_number="9001012", ip_address="203.0.113.7"
        )
        ask = {
            "identity_verification_id": self.shop.new_payment_id(),
            "channel_key": self.shop.channels["identity"],
            "customer": customer,
            "operator": "SKT",
            "method": "SMS",
        } | changes
        self.identities.send_identity_verification(**ask)
        return ask["identity_verification_id"]

    def read(self, verification):
        return self.identities.get_identity_verification(identity_verification_id=verification)

    def test_a_member_shows_to_be_who_they_say(self):
        verification = self.sends()
        self.assertIsInstance(self.read(verification), ReadyIdentityVerification)
        with self.assertRaises(IdentityVerificationAlreadySentError):
            self.sends(identity_verification_id=verification)
        self.identities.resend_identity_verification(identity_verification_id=verification)

        answer = self.identities.confirm_identity_verification(identity_verification_id=verification, otp="000000")

        verified = answer.identity_verification
        self.assertIsInstance(verified, VerifiedIdentityVerification)
        self.assertEqual((verified.verified_customer.name, verified.verified_customer.birth_date), ("홍길동", "1990-01-01"))
        self.assertEqual(self.read(verification).verified_customer.ci, verified.verified_customer.ci)
        listed = self.identities.get_identity_verifications(
            filter=IdentityVerificationFilterInput(identity_verification_id=verification)
        )
        self.assertEqual([it.id for it in listed.items], [verification])
        with self.assertRaises(IdentityVerificationAlreadyVerifiedError):
            self.identities.confirm_identity_verification(identity_verification_id=verification, otp="000000")

    def test_three_wrong_codes_close_it_and_another_may_be_sent(self):
        verification = self.sends()
        for _ in range(3):
            with self.assertRaises(PgProviderError):
                self.identities.confirm_identity_verification(identity_verification_id=verification, otp="123456")
        self.assertIsInstance(self.read(verification), FailedIdentityVerification)
        self.sends(identity_verification_id=verification)
        self.identities.confirm_identity_verification(identity_verification_id=verification, otp="000000")

    def test_what_was_never_sent_is_not_there(self):
        nobody = self.shop.new_payment_id()
        with self.assertRaises(IdentityVerificationNotFoundError):
            self.read(nobody)
        with self.assertRaises(IdentityVerificationNotFoundError):
            self.identities.confirm_identity_verification(identity_verification_id=nobody, otp="000000")
        with self.assertRaises(IdentityVerificationNotFoundError):
            self.identities.resend_identity_verification(identity_verification_id=nobody)
