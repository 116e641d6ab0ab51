//! What a merchant wrote stays text on every page.

use crate::app::checkout::end;
use crate::app::checkout::view::{EndView, StepView, WindowView};
use crate::http::pages::checkout::{Rendered, of_window};
use jiff::Timestamp;
use paypier_domain::checkout::{PayMethod, Presentation};
use paypier_domain::money::{Amount, Currency};
use paypier_domain::psp::VirtualAccount;

const HOSTILE: &str = "</title><script>alert(1)</script>\"'&\u{202e}";

fn view(step: StepView) -> WindowView {
    WindowView {
        token: "t".repeat(43),
        nonce: "n".into(),
        presentation: Presentation::Iframe,
        opener: "https://shop.example".into(),
        language: None,
        is_test: true,
        store_name: HOSTILE.into(),
        pg_provider: "TOSSPAYMENTS".into(),
        order_name: HOSTILE.into(),
        amount: Some((Amount::new(45_000).unwrap(), Currency::KRW)),
        gives_key: true,
        buyer_name: Some(HOSTILE.into()),
        method: Some(PayMethod::EasyPay),
        kind: Some(HOSTILE.into()),
        leads_to: Vec::new(),
        redirect_url: Some("https://shop.example/done".into()),
        session: None,
        expires_at: Timestamp::UNIX_EPOCH,
        step,
    }
}

fn page(view: &WindowView) -> Rendered {
    of_window::rendered(
        view,
        "/checkout/t",
        matches!(view.step, StepView::Ended(_)).then(|| HOSTILE.to_owned()),
    )
}

fn ended(message: &str, account: Option<VirtualAccount>) -> StepView {
    let members =
        vec![("paymentId", HOSTILE.to_owned()), ("code", "X".to_owned()), ("message", message.to_owned())];
    StepView::Ended(EndView {
        result: end::Result { members, redirect_url: None },
        account,
        is_waiting: false,
    })
}

#[test]
fn what_others_wrote_stays_text_and_policies_allow_one_script() {
    let account = VirtualAccount {
        bank: Some(HOSTILE.into()),
        account_number: HOSTILE.into(),
        kind: None,
        remittee_name: None,
        remitter_name: None,
        expires_at: None,
        issued_at: None,
        deposited: Amount::ZERO,
    };
    for step in [
        StepView::Card { installments: vec![0, 3], notice: None },
        StepView::Code { masked_number: Some(HOSTILE.into()), notice: None },
        StepView::Provider { notice: None },
        StepView::Account { banks: vec!["SHINHAN"], due_at: None, notice: None },
        StepView::Working,
        StepView::Silent,
        ended(HOSTILE, Some(account)),
        ended(HOSTILE, None),
    ] {
        let page = page(&view(step.clone()));
        assert_eq!(page.html.matches("<script").count(), 1, "{step:?}: {}", page.html);
        assert!(!page.html.contains("alert(1)</script>"), "{step:?}");
        assert!(page.html.contains("45,000"), "{step:?}");
        assert!(page.policy.starts_with("default-src 'none'; style-src 'sha256-"), "{}", page.policy);
        assert!(page.policy.ends_with("frame-ancestors https://shop.example"), "{}", page.policy);
        assert!(page.policy.contains("form-action 'self' https://shop.example;"), "{}", page.policy);
        assert!(!page.policy.contains("unsafe"));
    }
}

#[test]
fn only_frames_may_be_framed() {
    for presentation in [Presentation::Popup, Presentation::Redirection] {
        let page = page(&WindowView { presentation, ..view(StepView::Working) });
        assert!(page.policy.ends_with("frame-ancestors 'none'"), "{}", page.policy);
    }
    let nobody = page(&WindowView { opener: "null".into(), ..view(StepView::Working) });
    assert!(nobody.policy.ends_with("frame-ancestors 'none'"), "{}", nobody.policy);
    let app = WindowView { redirect_url: Some("myshop://done".into()), ..view(StepView::Working) };
    assert!(page(&app).policy.contains("form-action 'self' myshop:;"));
}
