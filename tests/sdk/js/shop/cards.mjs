// The simulated PSP's card numbers: each one rehearses an outcome.

export const approved = {
  visa: "4242424242424242",
  mastercard: "5555555555554444",
  visaDebit: "4000056655665556",
  domestic: "9400000000000000",
};

export const declined = {
  byIssuer: "4000000000000002",
  insufficientFunds: "4000000000009995",
  expired: "4000000000000069",
  wrongSecurityData: "4000000000000127",
  lostOrStolen: "4000000000009987",
  pspErrorBeforeExecution: "4000000000000119",
  // Fails the Luhn check.
  invalidNumber: "4242424242424241",
};

export const chargedWithoutAnswer = "4000000000006000";
export const neverChargedWithoutAnswer = "4000000000006018";
export const chargedButSilentForThreeQueries = "4000000000006026";

export const laterChargesDeclined = "4000000000000341";
export const notifiedTwiceAndEarly = "4000000000008888";

export const cancellationSucceedsLater = "4000000000007726";
export const cancellationFailsLater = "4000000000005126";
export const cancellationRefused = "4000000000005134";

export function credential(number) {
  return {
    number,
    expiryYear: "39",
    expiryMonth: "12",
    birthOrBusinessRegistrationNumber: "900101",
    passwordTwoDigits: "12",
  };
}

export function keyIn(number, { installmentMonth } = {}) {
  return { card: { credential: credential(number), installmentMonth } };
}
