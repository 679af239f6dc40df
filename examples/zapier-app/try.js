// Runs the app's parts with Zapier's own core against a Bridgework: BRIDGEWORK=http://… TOKEN=bridgework_… RECIPE=leads node try.js.

const assert = require("node:assert");
const zapier = require("zapier-platform-core");
const app = require("./index.js");

const tester = zapier.createAppTester(app);
const authData = { address: process.env.BRIDGEWORK, token: process.env.TOKEN };
const recipe = process.env.RECIPE || "leads";
const targetUrl = process.env.TARGET || "https://hooks.zapier.com/hooks/standard/1/abc/";
const did = [];

const step = async (what, work) => {
  const found = await work();
  did.push(what);
  return found;
};

const main = async () => {
  const me = await step("test the connection", () => tester(app.authentication.test, { authData }));
  assert.ok(me.name);

  const offered = await step("fill the pickers", () =>
    tester(app.triggers.startable_list.operation.perform, { authData }),
  );
  assert.ok(offered.some((one) => one.id === recipe && one.name));

  const inputData = { recipe, email: "ada@mail.example", name: "Ada Byron", start_id: "task-1" };
  const fields = await step("ask for the recipe's fields", () =>
    tester(app.creates.start_recipe.operation.inputFields[2], { authData, inputData }),
  );
  assert.ok(fields.some((field) => field.key === "email" && field.required));

  const start = app.creates.start_recipe.operation.perform;
  const started = await step("start the recipe", () => tester(start, { authData, inputData }));
  assert.deepEqual([started.id, started.new], ["task-1", true]);
  const again = await step("start it once more", () => tester(start, { authData, inputData }));
  assert.equal(again.new, false);
  await step("refuse a field", () =>
    assert.rejects(
      tester(start, { authData, inputData: { recipe, email: "none" } }),
      /is no e-mail/,
    ),
  );

  for (const key of ["record_created", "record_updated", "record_rejected", "run_finished"]) {
    const { operation } = app.triggers[key];
    const bundle = { authData, inputData: { recipe }, targetUrl };
    const samples = await step(`${key}: list`, () => tester(operation.performList, bundle));
    assert.ok(samples.length && samples.every((one) => one.id));
    const subscribeData = await step(`${key}: subscribe`, () =>
      tester(operation.performSubscribe, bundle),
    );
    assert.ok(subscribeData.id && subscribeData.expiration_date);
    await step(`${key}: unsubscribe`, () =>
      tester(operation.performUnsubscribe, { ...bundle, subscribeData }),
    );
  }

  const none = await step("find nothing", () =>
    tester(app.searches.find_record.operation.perform, {
      authData,
      inputData: { recipe, key: "nobody" },
    }),
  );
  assert.deepEqual(none, []);

  await step("a bad token asks to connect again", () =>
    assert.rejects(
      tester(app.authentication.test, { authData: { ...authData, token: "wrong" } }),
      (error) => error.name === "ExpiredAuthError" || /no longer accepts/.test(error.message),
    ),
  );
  console.log(did.map((one) => `ok  ${one}`).join("\n"));
};

main().catch((error) => {
  console.error(did.map((one) => `ok  ${one}`).join("\n"));
  console.error(error);
  process.exit(1);
});
