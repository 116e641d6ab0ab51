// The few words that this script itself shows. Everything else is said by the checkout's pages.

export interface Words {
  language: string;
  window: string;
  opening: string;
  close: string;
  inPopup: string;
  showPopup: string;
  openPopup: string;
  blocked: string;
  cancel: string;
  finishing: string;
  payPal: string;
  paid: string;
}

const KOREAN: Words = {
  language: "ko",
  window: "결제",
  opening: "결제창을 여는 중입니다",
  close: "닫기",
  inPopup: "새 창에서 진행해 주세요",
  showPopup: "결제창 보기",
  openPopup: "결제창 열기",
  blocked: "브라우저가 팝업을 막았습니다. 아래 버튼을 눌러 결제창을 열어 주세요.",
  cancel: "취소",
  finishing: "결과를 확인하고 있습니다",
  payPal: "페이팔로 결제",
  paid: "완료되었습니다",
};

const ENGLISH: Words = {
  language: "en",
  window: "Checkout",
  opening: "Opening the checkout",
  close: "Close",
  inPopup: "Please continue in the other window",
  showPopup: "Show the window",
  openPopup: "Open the window",
  blocked: "Your browser has blocked a popup. Press the button to open it.",
  cancel: "Cancel",
  finishing: "Waiting for the result",
  payPal: "Pay with PayPal",
  paid: "Done",
};

/** Korean for `KO_KR` or a Korean browser, English for everybody else. */
export function wordsFor(locale: unknown): Words {
  const wanted = typeof locale === "string" && locale !== "" ? locale : navigator.language;
  return /^ko\b|^ko_/i.test(wanted) ? KOREAN : ENGLISH;
}
