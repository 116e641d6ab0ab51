// Starts stripe-stateful-mock on the loopback interface only; its own command listens everywhere.
// Usage: node stateful_mock_on_loopback.mjs PORT
import mock from "stripe-stateful-mock";

mock.createExpressApp().listen(Number(process.argv[2]), "127.0.0.1");
