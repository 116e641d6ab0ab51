//! Identity verifications in windows: who the person is, then the code that was sent to their phone.
//!
//! The steps are those of the API; what the window adds is that the person says it themselves. How far it
//! has come is in the attempt, so the window's own step never changes.

use super::Visit;
use super::open::{Opened, Shown, presented};
use super::start::StartError;
use super::submit::{Submission, Submitted};
use crate::app::App;
use crate::app::failure::{Failure, Missing};
use crate::app::identity_verification::Asked;
use crate::app::ticket::Ticket;
use crate::keyring::digest;
use jiff::Timestamp;
use paypier_domain::checkout::{IdentityPurpose, OpeningPage, Presentation, Purpose, Step, Window};
use paypier_domain::customer::Customer;
use paypier_domain::id::{ChannelKey, IdentityVerificationId, IdentityVerificationTxId, StoreId};
use paypier_domain::identity_verification::{
    self, AskedCustomer, IdentityVerification, Method, State, VerificationKey,
};
use paypier_domain::payment::Origin;
use zeroize::Zeroizing;

/// What a merchant's page asks for when somebody is to show who they are.
#[derive(Debug)]
pub struct OpenIdentity {
    pub store: StoreId,
    pub id: IdentityVerificationId,
    pub channel: ChannelKey,
    /// What the page says of the person, for the PSP and to fill in the form.
    pub customer: Customer,
    pub custom_data: Option<String>,
    pub bypass: Option<String>,
    pub origin: Origin,
    pub page: OpeningPage,
    pub presentation: Option<Presentation>,
    pub redirect_url: Option<String>,
    pub force_redirect: bool,
}

/// What the person said in the window. Its memory is cleared.
pub struct Person {
    pub name: String,
    /// The first seven digits of the resident number.
    pub identity_number: Zeroizing<String>,
    /// Digits only.
    pub phone_number: String,
    pub operator: String,
    pub ip_address: String,
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Person(..)")
    }
}

impl App {
    /// # Errors
    /// See [`StartError`]; nothing was stored.
    pub async fn open_identity_window(&self, ask: OpenIdentity) -> Result<Opened, StartError> {
        let token = self.random_token();
        let profile = self.store_to_open(&ask.store).await?;
        let route = self.identity_route(&profile, &ask.channel)?;
        let shown = Shown {
            presentation: ask.presentation,
            is_button: false,
            platform: ask.origin.platform,
            has_redirect: ask.redirect_url.is_some(),
        };
        let presentation = presented(shown, &route.channel)?;
        let environment = route.channel.environment;
        let now = self.now(&profile, environment);
        let begun = identity_verification::Ask {
            key: VerificationKey { store: profile.store.id.clone(), id: ask.id },
            tx: IdentityVerificationTxId::known(self.ids.uuid().to_string()),
            merchant: profile.store.merchant.clone(),
            channel: route.channel.clone(),
            origin: identity_verification::Origin::Window,
            customer: AskedCustomer {
                id: ask.customer.id,
                name: ask.customer.name,
                phone_number: ask
                    .customer
                    .phone_number
                    .map(|number| number.chars().filter(char::is_ascii_digit).collect()),
                birth: None,
            },
            operator: None,
            method: None,
            custom_data: ask.custom_data,
            claim: None,
        };
        let window = Window {
            digest: digest(&token),
            store: profile.store.id.clone(),
            merchant: profile.store.merchant.clone(),
            environment,
            version: 1,
            opened_at: now,
            expires_at: now.checked_add(self.policy.window_lifetime).unwrap_or(Timestamp::MAX),
            page: ask.page,
            presentation,
            redirect_url: ask.redirect_url,
            force_redirect: ask.force_redirect,
            purpose: Purpose::Identity(IdentityPurpose {
                verification: begun.key.id.clone(),
                tx: begun.tx.clone(),
                bypass: ask.bypass,
            }),
            step: Step::Open,
        };
        // A window whose attempt is not there is none: the attempt goes first.
        self.begin_identity_verification(&profile, begun, &Ticket::none()).await?;
        let change = window.clone().replacing(None);
        self.commit(&profile, &Ticket::none(), change).await.map_err(Failure::from)?;
        Ok(Opened { token, window })
    }

    pub(super) async fn take_identity(
        &self,
        visit: &Visit,
        identity: &IdentityVerification,
        submission: Submission,
    ) -> Result<Submitted, Failure> {
        let heard = match (&identity.state, submission) {
            (State::Open, Submission::Identity(person)) => {
                let bypass = visit.window.purpose.identity().and_then(|about| about.bypass.clone());
                let asked = Asked {
                    customer_id: identity.customer.id.clone(),
                    name: person.name,
                    phone_number: person.phone_number,
                    identity_number: Some(person.identity_number),
                    ip_address: person.ip_address,
                    operator: Some(person.operator),
                    method: Method::Sms,
                    bypass,
                };
                let route = self.identity_route(&visit.profile, &identity.channel.key)?;
                let told = self.identity_window_heard(&visit.profile, identity.clone(), &asked).await;
                match told {
                    Ok(heard) => {
                        self.send_identity_code(&visit.profile, &route, heard, &asked, &Ticket::none()).await
                    }
                    Err(failure) => Err(failure),
                }
            }
            (State::Ready, Submission::Code(code)) => {
                let by = identity_verification::Origin::Window;
                let otp = Some(Zeroizing::new(code));
                self.verify_identity(&visit.profile, identity.clone(), by, otp, &Ticket::none()).await
            }
            // Of another step: a stale form, or a made-up one.
            _ => return Ok(Submitted::Look),
        };
        match heard {
            Ok(_) | Err(Failure::ConfirmIdentity(_)) => Ok(Submitted::Look),
            Err(Failure::Psp(_)) => {
                // Still waiting for a code: the one that was typed was wrong.
                let now =
                    self.storage.identity_verification_attempt(&identity.key.store, &identity.tx).await?;
                let waits =
                    now.is_some_and(|now| now.state == State::Ready && identity.state == State::Ready);
                Ok(if waits { Submitted::WrongCode } else { Submitted::Look })
            }
            Err(Failure::NotFound(Missing::Channel)) => Ok(Submitted::TryAgain),
            Err(failure) => Err(failure),
        }
    }
}
