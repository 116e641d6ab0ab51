//! The merchants' endpoints: who takes webhooks, how, and what arrived.
//!
//! Two laws are watched here, because only the receiver can see them broken: the first copies of one
//! payment's messages arrive at a URL in the order of their events, none while an earlier one has
//! still to be taken; and a message is the same bytes however often it is sent.

mod global;

pub use global::Told;

use crate::ground::{Finding, Ground, Spot, locked, pass};
use async_trait::async_trait;
use paypier::webhooks::send::{Answer, Courier, NoAnswer, Parcel};
use paypier_domain::delivery::MAX_EXECUTIONS;
use paypier_domain::global::Topic;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How an endpoint behaves at present.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Manner {
    #[default]
    Takes,
    TakesSlowly(Duration),
    Fails,
    Redirects,
    /// Takes the message and never says so.
    Hangs,
    /// Does not listen.
    Refuses,
    /// Each message is a toss.
    Moody,
}

/// As long as the real courier waits for one message at most.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Debug, Default)]
pub struct PostOffice {
    manners: Mutex<BTreeMap<String, Manner>>,
    book: Mutex<Book>,
}

#[derive(Debug, Default)]
struct Book {
    /// By message id: digest of the body.
    bodies: BTreeMap<String, u64>,
    taken: BTreeSet<String>,
    tries: BTreeMap<String, u32>,
    /// By URL and payment: the event numbers with their message, in the order of first sending.
    order: BTreeMap<(String, String), Vec<(u64, String)>>,
    /// What somebody asked to be sent again keeps no order.
    resent: BTreeSet<String>,
    is_any_order: bool,
    everything: Vec<u8>,
    count: u64,
    arrivals: Vec<Arrival>,
    global: global::GlobalBook,
}

/// A message that an endpoint has seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    pub url: String,
    pub id: String,
    /// `Paid`, `Cancelled`, …
    pub kind: String,
    /// With its store: `store-1/order-1`.
    pub payment: String,
}

impl PostOffice {
    pub fn set_manner(&self, url: &str, manner: Manner) {
        locked(&self.manners).insert(url.to_owned(), manner);
    }

    /// Everybody is at home.
    pub fn everybody_takes(&self) {
        locked(&self.manners).clear();
    }

    pub fn has_taken(&self, message: &str) -> bool {
        locked(&self.book).taken.contains(message)
    }

    /// Messages of this payment (by id) may come in any order from now on.
    pub fn expect_any_order(&self, payment: &str) {
        locked(&self.book).resent.insert(payment.to_owned());
    }

    /// Nobody knows what was asked to be sent again.
    pub fn expect_any_order_at_all(&self) {
        locked(&self.book).is_any_order = true;
    }

    /// How many messages were carried, copies included.
    pub fn count(&self) -> u64 {
        locked(&self.book).count
    }

    /// Every byte that was sent, to look for what must not be among them.
    pub fn everything(&self) -> Vec<u8> {
        locked(&self.book).everything.clone()
    }

    /// What arrived about a payment at a URL, each message once, in the order of first arrival.
    pub fn about(&self, url: &str, payment: &str) -> Vec<String> {
        let book = locked(&self.book);
        let mut ids = BTreeSet::new();
        let about = book.arrivals.iter().filter(|a| a.url == url && a.payment == payment);
        about.filter(|a| ids.insert(a.id.clone())).map(|a| a.kind.clone()).collect()
    }

    /// What the Global dialect has told since somebody last asked.
    pub fn take_told(&self) -> Vec<Told> {
        locked(&self.book).global.take_told()
    }

    /// Whether this URL was told in the Global dialect that something stands so.
    pub fn has_heard(&self, url: &str, topic: Topic, subject: &str, status: &str) -> bool {
        locked(&self.book).global.has_heard(url, topic, subject, status)
    }

    /// The messages that somebody tried to deliver and nobody took.
    pub fn untaken(&self) -> Vec<String> {
        let book = locked(&self.book);
        book.bodies.keys().filter(|id| !book.taken.contains(*id)).cloned().collect()
    }
}

impl Book {
    fn carried(&mut self, url: &str, id: &str, body: &[u8]) -> Result<(), Finding> {
        self.count = self.count.saturating_add(1);
        self.everything.extend_from_slice(body);
        let tries = self.tries.entry(id.to_owned()).or_default();
        *tries = tries.saturating_add(1);
        let print = body.iter().fold(0xCBF2_9CE4_8422_2325u64, |digest, byte| {
            (digest ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3)
        });
        if *self.bodies.entry(id.to_owned()).or_insert(print) != print {
            return Err(Finding::new("a message is the same bytes each time", format!("{id} to {url}")));
        }
        let Some((payment, sequence, kind)) = numbered(body) else {
            return self.global.carried(url, id, body, !self.is_any_order);
        };
        self.arrivals.push(Arrival {
            url: url.to_owned(),
            id: id.to_owned(),
            kind,
            payment: payment.clone(),
        });
        if self.is_any_order || self.resent.contains(&payment) {
            return Ok(());
        }
        let key = (url.to_owned(), payment.clone());
        let order = self.order.entry(key).or_default();
        for (earlier, message) in order.iter() {
            if *earlier > sequence && !order.iter().any(|(_, known)| known == id) {
                return Err(Finding::new(
                    "messages of a payment arrive in the order of its events",
                    format!("{payment}: event {sequence} comes to {url} after event {earlier}"),
                ));
            }
            let is_done = self.taken.contains(message)
                || self.tries.get(message).copied().unwrap_or(0) >= MAX_EXECUTIONS;
            if *earlier < sequence && !is_done {
                return Err(Finding::new(
                    "a message waits for those before it",
                    format!("{payment}: event {sequence} comes to {url} while event {earlier} was not taken"),
                ));
            }
        }
        if !order.iter().any(|(_, known)| known == id) {
            order.push((sequence, id.to_owned()));
        }
        Ok(())
    }
}

/// The payment, with its store, the event's number, and its kind.
fn numbered(body: &[u8]) -> Option<(String, u64, String)> {
    let message: Value = serde_json::from_slice(body).ok()?;
    let data = message.get("data")?;
    let payment = format!("{}/{}", data.get("storeId")?.as_str()?, data.get("paymentId")?.as_str()?);
    let kind = message.get("type")?.as_str()?.strip_prefix("Transaction.")?.to_owned();
    Some((payment, data.get("sequence")?.as_u64()?, kind))
}

/// The server's way to the merchants.
#[derive(Debug)]
pub struct Postman(pub Arc<Ground>);

#[async_trait]
impl Courier for Postman {
    async fn carry(&self, parcel: Parcel) -> Result<Answer, NoAnswer> {
        let ground = &self.0;
        if let Some(pause) = ground.at(Spot::Posting) {
            pause.await;
        }
        let id = parcel.headers.iter().find(|(name, _)| *name == "webhook-id");
        let id = id.map(|(_, id)| id.clone()).unwrap_or_default();
        if let Err(finding) = locked(&ground.post.book).carried(&parcel.url, &id, &parcel.body) {
            ground.find(finding);
        }
        let manner = locked(&ground.post.manners).get(&parcel.url).copied().unwrap_or_default();
        let manner = match manner {
            Manner::Moody => match ground.fates().below(4) {
                0 => Manner::Fails,
                1 => Manner::TakesSlowly(Duration::from_millis(300)),
                2 => Manner::Refuses,
                _ => Manner::Takes,
            },
            steady => steady,
        };
        ground.trace.say(format!("  webhook {id} to {}: {manner:?}", parcel.url));
        ground.trace.bytes(&parcel.body);
        let status = match manner {
            Manner::Takes | Manner::Moody => 200,
            Manner::TakesSlowly(after) => {
                pass(after).await;
                200
            }
            Manner::Fails => 503,
            Manner::Redirects => 302,
            Manner::Hangs => {
                pass(PATIENCE).await;
                return Err(NoAnswer("no complete answer within 60 s".into()));
            }
            Manner::Refuses => return Err(NoAnswer("connection refused".into())),
        };
        if status == 200 {
            locked(&ground.post.book).taken.insert(id);
        }
        if let Some(pause) = ground.at(Spot::Posted) {
            pause.await;
        }
        Ok(Answer { status, headers: Vec::new(), body: String::new() })
    }
}
