//! A key from its window to its end.

use super::*;
use crate::id::ChannelId;
use crate::payment::Platform;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000_i64.saturating_add(second)).unwrap()
}

const OVERDUE: SignedDuration = SignedDuration::from_secs(60);

fn ready() -> BillingKey {
    let channel = ChannelSnapshot {
        key: ChannelKey::known("channel-key-1"),
        id: ChannelId::known("channel-id-1"),
        name: "keys".into(),
        environment: Environment::Test,
        connector: "sandbox".into(),
        pg_provider: "TOSSPAYMENTS".into(),
        pg_merchant_id: "mid".into(),
    };
    let key = BillingKey {
        id: BillingKeyId::known("billing-key-1"),
        store: StoreId::known("store-1"),
        merchant: MerchantId::known("merchant-1"),
        environment: Environment::Test,
        version: 0,
        customer: Customer::default(),
        custom_data: None,
        origin: Origin { platform: Platform::Pc, ip_address: "::1".into(), user_agent: None, url: None },
        channel_group: None,
        issue_id: None,
        issue_name: None,
        method: KeyMethod::Card,
        approval: None,
        notices: Notices::default(),
        claim: None,
        requested_at: at(0),
        going_since: None,
        first_payment: None,
        holdings: vec![Holding { channel, state: HoldingState::Asked }],
        state: State::Ready,
    };
    let opened = open(key, at(0));
    assert!(opened.change.jobs.is_empty(), "nobody was asked yet");
    opened.key
}

fn approval() -> PendingApproval {
    PendingApproval { token_digest: [1; 32], expires_at: at(600), instrument: "one-time".into() }
}

fn confirmed(key: &BillingKey, digest: [u8; 32], second: i64) -> Result<State, ConfirmRefusal> {
    confirm(key, &digest, None, false, OVERDUE, at(second)).map(|(decided, instrument)| {
        assert_eq!(instrument, "one-time");
        decided.key.state
    })
}

#[test]
fn a_key_is_asked_for_once_and_given_up_only_while_it_waits() {
    let key = ready();
    let asked = ask(&key, OVERDUE, at(1)).unwrap().key;
    assert_eq!(asked.state, State::Sending);
    assert_eq!(ask(&asked, OVERDUE, at(2)).map(|_| ()), Err(NotWaiting));
    assert_eq!(given_up(&asked, ("X", "", ""), at(2)).map(|_| ()), Err(NotWaiting));
    let failed = given_up(&key, ("X", "no", "gave up"), at(2)).unwrap();
    assert_eq!((failed.key.state, failed.change.events.len()), (State::Failed { at: at(2) }, 1));
    assert_eq!(ask(&failed.key, OVERDUE, at(3)).map(|_| ()), Err(NotWaiting));
}

#[test]
fn the_shops_server_approves_once_in_time_and_with_the_right_token() {
    let handed = hand_over(&ready(), approval()).unwrap();
    assert!(handed.change.events.is_empty());
    let key = handed.key;
    assert_eq!(hand_over(&key, approval()).map(|_| ()), Err(NotWaiting));
    assert_eq!(ask(&key, OVERDUE, at(1)).map(|_| ()), Err(NotWaiting));
    assert_eq!(given_up(&key, ("X", "", ""), at(1)).map(|_| ()), Err(NotWaiting));
    for (digest, second, expected) in [
        ([2; 32], 1, Err(ConfirmRefusal::InvalidToken)),
        ([1; 32], 600, Err(ConfirmRefusal::InvalidToken)),
        ([1; 32], 599, Ok(State::Sending)),
    ] {
        assert_eq!(confirmed(&key, digest, second), expected);
    }
    let (sending, _) = confirm(&key, &[1; 32], None, true, OVERDUE, at(5)).unwrap();
    assert_eq!(confirmed(&sending.key, [1; 32], 6), Err(ConfirmRefusal::InvalidToken), "used up");
    let stored = StoredInstrument { token: "t".into(), pg_tx_id: None, card: None, at: at(6) };
    let answers = vec![(ChannelKey::known("channel-key-1"), Outcome::Done(stored))];
    let issued = issued(&sending.key, answers, at(6));
    assert_eq!(issued.change.events.first().map(|(_, notify)| *notify), Some(Notify::No));
    assert_eq!(confirmed(&issued.key, [1; 32], 7), Err(ConfirmRefusal::AlreadyIssued));
    assert_eq!(confirmed(&ready(), [1; 32], 7), Err(ConfirmRefusal::InvalidToken), "never handed over");
}
