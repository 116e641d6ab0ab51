from portone_server_sdk.errors import UnauthorizedError
from shop import Story


class Authentication(Story):
    def login(self):
        return self.shop.auth.login_via_api_secret(api_secret=self.shop.api_secret)

    def reads_with(self, authorization, payment):
        return self.shop.wire.authorized(authorization).get(payment.path)

    def test_an_api_secret_is_exchanged_for_tokens_and_the_access_token_opens_the_api(self):
        payment = self.shop.is_paid()
        tokens = self.login()
        answer = self.reads_with(f"Bearer {tokens.access_token}", payment)
        self.assertEqual((answer.status, answer.json["id"]), (200, payment.id))

    def test_login_and_refresh_need_no_authorization_of_their_own(self):
        anonymous = self.shop.wire.authorized(None)
        logged_in = anonymous.post("/login/api-secret", {"apiSecret": self.shop.api_secret})
        self.assertEqual(logged_in.status, 200, logged_in.text)
        refreshed = anonymous.post("/token/refresh", {"refreshToken": logged_in.json["refreshToken"]})
        self.assertEqual(refreshed.status, 200, refreshed.text)
        self.assertEqual(set(refreshed.json), {"accessToken", "refreshToken"})

    def test_a_refreshed_token_dies_at_once_and_its_successor_works(self):
        auth = self.shop.auth
        first = self.login()
        second = auth.refresh_token(refresh_token=first.refresh_token)
        self.refused(UnauthorizedError, auth.refresh_token, refresh_token=first.refresh_token)
        third = auth.refresh_token(refresh_token=second.refresh_token)
        payment = self.shop.is_paid()
        self.assertEqual(self.reads_with(f"Bearer {third.access_token}", payment).status, 200)
        # Access tokens already handed out live until they expire.
        self.assertEqual(self.reads_with(f"Bearer {first.access_token}", payment).status, 200)

    def test_a_new_login_kills_earlier_refresh_tokens(self):
        first = self.login()
        self.login()
        self.refused(UnauthorizedError, self.shop.auth.refresh_token, refresh_token=first.refresh_token)

    def test_unknown_secrets_and_tokens_are_unauthorized(self):
        auth = self.shop.auth
        self.refused(UnauthorizedError, auth.login_via_api_secret, api_secret="wrong")
        self.refused(UnauthorizedError, auth.refresh_token, refresh_token="wrong")

    def test_a_wrong_api_secret_neither_reads_nor_pays(self):
        stranger = self.shop.client(secret="wrong")
        payment = self.shop.is_paid()
        self.refused(UnauthorizedError, stranger.get_payment, payment_id=payment.id)
        self.refused(UnauthorizedError, stranger.pay_instantly, **self.shop.order())

    def test_no_authorization_is_unauthorized(self):
        self.assert_refusal(self.reads_with(None, self.shop.is_paid()), "UNAUTHORIZED")
