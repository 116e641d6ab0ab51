//! Deliveries: what is not in columns.

use super::account::{content_type, content_type_word, version, version_word};
use super::{Read, Senseless, Text, instant, maybe, own, shape, text};
use crate::row::micros;
use paypier_domain::account::{PayloadContentType, PayloadVersion};
use paypier_domain::delivery as domain;
use paypier_domain::delivery::ExecutionResult;
use paypier_domain::event::Trigger;
use paypier_domain::id::EventId;

shape! { Delivery { event: Text<'a>, version: Text<'a>, content_type: Text<'a>;
trigger: Text<'a>, executions: u32, manual_executions: u32, last: Execution<'a>, body: Text<'a> } }

shape! { Execution { result: Text<'a>, requested_at: i64, request_header: Text<'a>, request_body: Text<'a>;
response: Response<'a> } }

shape! { Response { code: u16, header: Text<'a>, body: Text<'a>, responded_at: i64; } }

pub(crate) const fn result_word(result: ExecutionResult) -> &'static str {
    match result {
        ExecutionResult::Succeeded => "SUCCEEDED",
        ExecutionResult::NotOk => "NOT_OK",
        ExecutionResult::UnexpectedError => "UNEXPECTED_ERROR",
    }
}

/// What the document says about a delivery.
pub(crate) struct Parts {
    pub(crate) event: EventId,
    pub(crate) version: PayloadVersion,
    pub(crate) content_type: PayloadContentType,
    pub(crate) trigger: Option<Trigger>,
    pub(crate) executions: u32,
    pub(crate) manual_executions: u32,
    pub(crate) last: Option<domain::Execution>,
    pub(crate) body: Option<String>,
}

impl<'a> Delivery<'a> {
    pub(crate) fn of(delivery: &'a domain::Delivery) -> Self {
        Self {
            event: text(delivery.event.as_str()),
            version: text(version_word(delivery.version)),
            content_type: text(content_type_word(delivery.content_type)),
            trigger: delivery.trigger.map(|trigger| text(trigger.as_str())),
            executions: (delivery.executions > 0).then_some(delivery.executions),
            manual_executions: (delivery.manual_executions > 0).then_some(delivery.manual_executions),
            last: delivery.last.as_ref().map(|last| Execution {
                result: text(result_word(last.result)),
                requested_at: micros(last.requested_at),
                request_header: text(&last.request_header),
                request_body: text(&last.request_body),
                response: last.response.as_ref().map(|response| Response {
                    code: response.code,
                    header: text(&response.header),
                    body: text(&response.body),
                    responded_at: micros(response.responded_at),
                }),
            }),
            body: maybe(&delivery.body),
        }
    }

    pub(crate) fn read(self) -> Read<Parts> {
        Ok(Parts {
            event: EventId::known(self.event),
            version: version(&self.version)?,
            content_type: content_type(&self.content_type)?,
            trigger: self
                .trigger
                .map(|word| Trigger::parse(&word).ok_or(Senseless("trigger")))
                .transpose()?,
            executions: self.executions.unwrap_or(0),
            manual_executions: self.manual_executions.unwrap_or(0),
            last: self.last.map(Execution::read).transpose()?,
            body: own(self.body),
        })
    }
}

impl Execution<'_> {
    fn read(self) -> Read<domain::Execution> {
        Ok(domain::Execution {
            result: match self.result.as_ref() {
                "SUCCEEDED" => ExecutionResult::Succeeded,
                "NOT_OK" => ExecutionResult::NotOk,
                "UNEXPECTED_ERROR" => ExecutionResult::UnexpectedError,
                _ => return Err(Senseless("last.result")),
            },
            requested_at: instant(self.requested_at, "last.requested_at")?,
            request_header: self.request_header.into_owned(),
            request_body: self.request_body.into_owned(),
            response: self
                .response
                .map(|response| {
                    Ok(domain::Response {
                        code: response.code,
                        header: response.header.into_owned(),
                        body: response.body.into_owned(),
                        responded_at: instant(response.responded_at, "last.response.responded_at")?,
                    })
                })
                .transpose()?,
        })
    }
}
