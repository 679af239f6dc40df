// Validates the app against Zapier's own schema: npm install zapier-platform-schema, then node check.js.

const { validateAppDefinition } = require("zapier-platform-schema");
const app = require("./index.js");

// As the platform does it: functions are named by their place.
const plain = JSON.parse(
  JSON.stringify(app, (key, value) => (typeof value === "function" ? "$func$2$f$" : value)),
);
const { errors } = validateAppDefinition(plain);
for (const error of errors) {
  console.error(`${error.property}: ${error.message}`);
}
console.log(errors.length ? `${errors.length} mistakes` : "The app definition fits Zapier's schema.");
process.exit(errors.length ? 1 : 0);
