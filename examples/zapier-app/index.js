// Bridgework in Zapier: two ways to start a recipe and hear of it, by the API of docs/zapier.md.

const { version: platformVersion } = require("zapier-platform-core");
const { version } = require("./package.json");

const at = (bundle, path) => `${bundle.authData.address.replace(/\/+$/, "")}/api${path}`;

// -- every request ----------------------------------------------------------------------------

const withToken = (request, z, bundle) => {
  if (bundle.authData.token) {
    request.headers.Authorization = `Bearer ${bundle.authData.token}`;
  }
  return request;
};

// 401 and 429 are Zapier's own matter: it asks to connect again, or waits as Retry-After says.
const inWords = (response, z) => {
  if (response.status === 401) {
    throw new z.errors.ExpiredAuthError("Bridgework no longer accepts this token.");
  }
  if (response.status === 429) {
    const seconds = Number(response.getHeader("Retry-After")) || 60;
    throw new z.errors.ThrottledError("Bridgework asks for fewer requests.", seconds);
  }
  if (response.status >= 400) {
    const said = response.json || {};
    const text = [said.error || `Bridgework answered ${response.status}.`, said.hint];
    throw new z.errors.Error(text.filter(Boolean).join(" "), said.field, response.status);
  }
  return response;
};

const authentication = {
  type: "custom",
  fields: [
    {
      key: "address",
      label: "Address of your Bridgework",
      type: "string",
      required: true,
      helpText: "Such as `https://bridgework.firm.example`.",
    },
    {
      key: "token",
      label: "API token",
      type: "password",
      required: true,
      helpText: "An admin makes one in Bridgework under *Connections, Other systems*.",
    },
  ],
  test: async (z, bundle) => (await z.request(at(bundle, "/me"))).json,
  connectionLabel: "{{name}} ({{bundle.authData.address}})",
};

// -- what pickers offer -----------------------------------------------------------------------

const picker = (key, noun, path) => ({
  key,
  noun,
  display: {
    label: `List of ${noun}s`,
    description: `Fills the picker of ${noun.toLowerCase()}s.`,
    hidden: true,
  },
  operation: {
    perform: async (z, bundle) => (await z.request(at(bundle, path))).json,
    sample: { id: "leads", name: "Leads from Zapier" },
  },
});

// -- triggers: what recipes do ----------------------------------------------------------------

const recipePicker = {
  key: "recipe",
  label: "Recipe",
  type: "string",
  required: false,
  dynamic: "recipe_list.id.name",
  helpText: "Left out, every recipe.",
};

const outcome = (key, event, label, description, sample) => ({
  key,
  noun: label,
  display: { label, description },
  operation: {
    type: "hook",
    inputFields: [recipePicker],
    performSubscribe: async (z, bundle) => {
      const response = await z.request({
        url: at(bundle, "/hooks"),
        method: "POST",
        body: { target_url: bundle.targetUrl, event, recipe: bundle.inputData.recipe || "" },
      });
      return response.json;
    },
    performUnsubscribe: async (z, bundle) => {
      const response = await z.request({
        url: at(bundle, `/hooks/${bundle.subscribeData.id}`),
        method: "DELETE",
        skipThrowForStatus: true,
      });
      return { id: bundle.subscribeData.id, status: response.status };
    },
    perform: (z, bundle) => [bundle.cleanedRequest],
    performList: async (z, bundle) => {
      const params = { event };
      if (bundle.inputData.recipe) {
        params.recipe = bundle.inputData.recipe;
      }
      return (await z.request({ url: at(bundle, "/hooks/sample"), params })).json;
    },
    sample,
  },
});

const recordSample = {
  id: "sample-42-1520030011",
  event: "record.created",
  recipe: "clio-to-casestatus",
  run: 42,
  key: "1520030011",
  title: "00042-Okafor",
  outcome: "created",
  target_id: "8101",
  code: null,
  reason: null,
  how_to_fix: null,
  step: null,
  field: null,
  at: "2026-01-31T20:30:12+00:00",
  url: "https://bridgework.example/runs/42/report",
};
const runSample = {
  id: "sample-42-run",
  event: "run.finished",
  recipe: "clio-to-casestatus",
  title: "Clio matters become Case Status cases",
  run: 42,
  status: "partial",
  read: 220,
  counts: { created: 3, unchanged: 176, rejected: 41 },
  finished_at: "2026-01-31T20:30:41+00:00",
  url: "https://bridgework.example/runs/42/report",
};

const triggers = [
  outcome(
    "record_created",
    "record.created",
    "Record Created",
    "Triggers when a recipe brings a new record over.",
    recordSample,
  ),
  outcome(
    "record_updated",
    "record.updated",
    "Record Updated",
    "Triggers when a recipe brings a changed record over.",
    { ...recordSample, event: "record.updated", outcome: "updated" },
  ),
  outcome(
    "record_rejected",
    "record.rejected",
    "Record Rejected",
    "Triggers when a record is refused, or a recipe rejects it.",
    { ...recordSample, event: "record.rejected", outcome: "rejected", code: "no_match" },
  ),
  outcome(
    "run_finished",
    "run.finished",
    "Run Finished",
    "Triggers when a run of a recipe ends, however it ended.",
    runSample,
  ),
  picker("recipe_list", "Recipe", "/recipes"),
  picker("startable_list", "Startable Recipe", "/recipes?startable=1"),
];

// -- actions: starting recipes ----------------------------------------------------------------

const fieldsOfRecipe = async (z, bundle) => {
  if (!bundle.inputData.recipe) {
    return [];
  }
  const name = encodeURIComponent(bundle.inputData.recipe);
  return (await z.request(at(bundle, `/recipes/${name}/fields`))).json;
};

const startRecipe = {
  key: "start_recipe",
  noun: "Recipe",
  display: { label: "Start Recipe", description: "Starts a recipe with the fields it asks for." },
  operation: {
    inputFields: [
      {
        key: "recipe",
        label: "Recipe",
        type: "string",
        required: true,
        dynamic: "startable_list.id.name",
        altersDynamicFields: true,
      },
      {
        key: "start_id",
        label: "Id",
        type: "string",
        required: false,
        helpText: "The same start counts once, by this id. Left out, each step is a new start.",
      },
      fieldsOfRecipe,
    ],
    perform: async (z, bundle) => {
      const { recipe, start_id: id, ...fields } = bundle.inputData;
      const response = await z.request({
        url: at(bundle, `/recipes/${encodeURIComponent(recipe)}/start`),
        method: "POST",
        body: id ? { ...fields, id } : fields,
      });
      return response.json;
    },
    sample: { id: "5f0c2a7e", recipe: "leads", new: true, answer: null },
  },
};

// -- searches ---------------------------------------------------------------------------------

const findRecord = {
  key: "find_record",
  noun: "Record",
  display: {
    label: "Find Record",
    description: "Finds what became of a record the last time a recipe dealt with it.",
  },
  operation: {
    inputFields: [
      { ...recipePicker, required: true, helpText: "The recipe that deals with it." },
      { key: "key", label: "Key", type: "string", required: true, helpText: "As reports show it." },
    ],
    perform: async (z, bundle) => {
      const { recipe, key } = bundle.inputData;
      return (await z.request({ url: at(bundle, "/records"), params: { recipe, key } })).json;
    },
    sample: recordSample,
  },
};

const byKey = (parts) => Object.fromEntries(parts.map((part) => [part.key, part]));

module.exports = {
  version,
  platformVersion,
  authentication,
  beforeRequest: [withToken],
  afterResponse: [inWords],
  triggers: byKey(triggers),
  creates: byKey([startRecipe]),
  searches: byKey([findRecord]),
};
