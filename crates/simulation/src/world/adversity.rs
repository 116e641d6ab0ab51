//! What the world does to the server besides asking: endpoints with bad manners, a failing disk, a clock that jumps,
//! somebody who listens in, and the weather on the network.

use super::{World, look};
use crate::dice::Dice;
use crate::ground::Finding;
use crate::model::Heard;
use crate::network::Weather;
use crate::office::SHOPS;
use crate::office::global::TOPICS;
use crate::operations::Payment;
use crate::post::Manner;
use crate::step::Step;
use jiff::SignedDuration;
use std::time::Duration;

impl World<'_> {
    pub(super) fn endpoint(&self, step: Step, dice: &mut Dice) {
        let Some(shop) = dice.pick(&SHOPS) else { return };
        let url = match dice.below(20) {
            0..=10 => shop.endpoint(),
            11..=14 => shop.other_endpoint(),
            15 => shop.link_endpoint(),
            _ => dice.pick(&TOPICS).map_or_else(|| shop.endpoint(), |topic| shop.global_endpoint(*topic)),
        };
        let manner = match dice.below(10) {
            0 | 1 => Manner::Fails,
            2 => Manner::Redirects,
            3 => Manner::Hangs,
            4 => Manner::Refuses,
            5 => Manner::TakesSlowly(dice.millis(10, 5_000)),
            6 | 7 => Manner::Moody,
            _ => Manner::Takes,
        };
        self.ground.trace.say(format!("{}: {url} {manner:?}", step.number));
        self.ground.post.set_manner(&url, manner);
    }

    pub(super) fn disk_fails(&mut self, step: Step, dice: &mut Dice) {
        self.disk_failures = self.disk_failures.saturating_add(1);
        let disk = &self.ground.disk;
        let how = dice.below(3);
        match how {
            0 => disk.set_disk_full(true),
            1 => disk.set_read_only(true),
            _ => disk.fail_next_commit(),
        }
        let lasts = u32::try_from(dice.between(1, 6)).unwrap_or(1);
        self.ground.trace.say(format!("{}: the disk fails ({how}) for {lasts} steps", step.number));
        self.disk_fails_until = Some(step.number.saturating_add(lasts));
    }

    pub(super) fn disk_is_fine(&mut self) {
        if self.disk_fails_until.take().is_some() {
            self.disk_is_doubtful_until = self.ground.clock.passed().saturating_add(Duration::from_secs(3));
        }
        self.ground.disk.set_disk_full(false);
        self.ground.disk.set_read_only(false);
    }

    pub(super) async fn set_clock(&mut self, step: Step, dice: &mut Dice) -> Result<(), Finding> {
        self.until_nothing_is_under_way().await?;
        let by = dice.pick(&[-3_600i64, -300, -10, 10, 300, 3_600, 26 * 3_600]).copied().unwrap_or(10);
        self.ground.trace.say(format!("{}: the machine's clock is set by {by} s", step.number));
        self.clock_went_back |= by < 0;
        self.ground.clock.set_by(SignedDuration::from_secs(by));
        Ok(())
    }

    /// Keeps the latest notification that the PSP has sent about some payment.
    pub(super) async fn overhear(&mut self, dice: &mut Dice) -> Result<(), Finding> {
        let Some(shop) = dice.pick(&SHOPS) else { return Ok(()) };
        let Some(payment) = self.known.paid_payment(shop.id, dice) else { return Ok(()) };
        self.ground.hush(true);
        let heard = self.notification_about(&payment).await;
        self.ground.hush(false);
        if let Some(heard) = heard {
            self.ground.trace.say(format!("{}: a notification about {payment} is kept", self.step));
            self.known.heard(heard);
        }
        Ok(())
    }

    async fn notification_about(&self, payment: &Payment) -> Option<Heard> {
        let app = &self.process.as_ref()?.composed.app;
        let shop = SHOPS.iter().find(|shop| shop.id == payment.store)?;
        let store = shop.store();
        let key = look::key_of(payment);
        let stored = app.storage.payment(&key).await.ok()??;
        let attempt = stored.current()?;
        let (psp, now) = (app.simulator.as_ref()?, app.test_clock(&store).await.ok()?);
        for number in (1..=4).rev() {
            let id = format!("sbxn_{number}_{}", attempt.id);
            if let Ok(Some(sent)) = psp.notification(&store, &id, now, app.clock.now()).await {
                return Some(Heard {
                    store: shop.id,
                    channel: attempt.channel.as_ref()?.key.to_string(),
                    headers: sent.headers,
                    body: sent.body,
                });
            }
        }
        None
    }
}

/// A network, from fair to foul.
pub(super) fn weather(dice: &mut Dice) -> Weather {
    match dice.below(8) {
        0..=2 => Weather::FAIR,
        3 => Weather { slow: 300, ..Weather::FAIR },
        4 => Weather { unanswered: 250, slow: 100, ..Weather::FAIR },
        5 => Weather { lost: 200, refused: 100, slow: 100, ..Weather::FAIR },
        6 => Weather { garbage: 150, torn: 150, doubled: 200, ..Weather::FAIR },
        _ => Weather {
            refused: 60,
            lost: 80,
            slow: 250,
            doubled: 120,
            unanswered: 100,
            answered_late: 60,
            garbage: 80,
            torn: 60,
        },
    }
}
