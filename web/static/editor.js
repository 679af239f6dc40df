// The editor of a recipe's text: CodeMirror in the place of the text area, with the mistakes below
// it as someone writes. Without this script the text area and the form's buttons do the same.
const form = document.querySelector(".editor-form");
const area = form.querySelector("#text");
const PAUSE = 350; // milliseconds without a key before the text is looked over

const part = (name) => form.querySelector(`[data-part="${name}"]`);

async function ask(address, more = {}) {
  const answer = await fetch(address, {
    method: "POST",
    headers: {
      Accept: "application/json",
      "Content-Type": "application/json",
      "X-CSRFToken": form.elements.csrf_token.value,
    },
    body: JSON.stringify({ name: form.dataset.name, text: view.state.doc.toString(), ...more }),
  });
  if (!answer.ok) throw new Error(`asked in vain: ${answer.status}`);
  return answer.json();
}

const spot = (state, pos) => {
  const line = state.doc.lineAt(pos);
  return { line: line.number, column: pos - line.from + 1 };
};

// -- what may be written, and what a word means ---------------------------------------------------

const KINDS = { key: "property", value: "enum", operation: "function", name: "variable", field: "property", filter: "method", test: "method", table: "text" };
// Where a list of what may come next helps more than it disturbs.
const EXPECTS = /[\w.]$|\{\{\s*$|\|\s*$|[\w"']:\s+$|\bis\s+(not\s+)?$/;

async function complete(context) {
  const line = context.state.doc.lineAt(context.pos);
  if (!context.explicit && !EXPECTS.test(line.text.slice(0, context.pos - line.from))) return null;
  const found = await ask(form.dataset.complete, spot(context.state, context.pos)).catch(() => []);
  if (found.length === 0) return null;
  const rest = found[0].end - 1 - (context.pos - line.from); // of the word, behind the cursor
  return {
    from: line.from + found[0].start - 1,
    options: found.map((one, place) => ({
      label: one.label,
      detail: one.detail,
      info: one.documentation || undefined,
      type: KINDS[one.kind],
      boost: -place / 10, // the order they came in
      apply: (target, chosen, from, to) => put(target, one.insert, from, to + Math.max(rest, 0)),
    })),
    validFor: /^[\w.]*$/,
  };
}

function put(target, text, from, to) {
  const follows = target.state.doc.sliceString(to, to + 1);
  const insert = follows === ":" ? text.replace(/:\s*$/, "") : text;
  target.dispatch({ changes: { from, to, insert }, selection: { anchor: from + insert.length }, userEvent: "input.complete" });
}

async function explain(target, pos) {
  const line = target.state.doc.lineAt(pos);
  const found = await ask(form.dataset.hover, spot(target.state, pos)).catch(() => null);
  if (!found) return null;
  return {
    pos: line.from + found.start - 1,
    end: line.from + found.end - 1,
    create() {
      const dom = document.createElement("div");
      const title = document.createElement("strong");
      title.textContent = found.title;
      dom.className = "word-note";
      dom.append(title, document.createElement("br"), found.text);
      return { dom };
    },
  };
}

// -- mistakes -------------------------------------------------------------------------------------

let asked = 0;

async function lookOver() {
  const number = ++asked;
  try {
    const { findings } = await ask(form.dataset.check);
    if (number === asked) show(findings); // else the text has changed again
  } catch {
    if (number === asked) part("verdict").textContent = "Mistakes can't be looked for at the moment";
  }
}

function show(findings) {
  const mistakes = findings.filter((one) => one.level === "mistake").length;
  const verdict = mistakes === 0 ? "No mistakes" : mistakes === 1 ? "1 mistake" : `${mistakes} mistakes`;
  if (part("verdict").textContent !== verdict) part("verdict").textContent = verdict;
  part("fix").hidden = !findings.some((one) => one.corrected);
  part("findings").replaceChildren(...findings.map(item));
  view.dispatch(CodeMirror.setDiagnostics(view.state, findings.map(mark)));
}

function item(finding) {
  const entry = document.createElement("li");
  entry.append(paragraph("strong", finding.message, TAGS[finding.level]));
  const where = paragraph("span", "");
  where.className = "quiet";
  const go = button(`Line ${finding.line}`, "plain");
  go.addEventListener("click", () => goTo(finding.line, finding.column));
  where.append(go, finding.place ? `, ${finding.place}` : "");
  entry.append(where);
  if (finding.corrected) {
    const shown = document.createElement("pre");
    const code = document.createElement("code");
    shown.className = "corrected";
    shown.tabIndex = 0;
    code.textContent = finding.corrected;
    shown.append(code);
    const use = button("Use this line", "btn btn-outline-secondary btn-sm");
    const which = document.createElement("span");
    which.className = "visually-hidden";
    which.textContent = ` as line ${finding.line}`;
    use.append(which);
    use.addEventListener("click", () => useLine(finding.line, finding.corrected));
    entry.append(shown, use);
  }
  if (finding.hint) entry.append(paragraph("span", finding.hint));
  return entry;
}

const TAGS = { hint: "works all the same", setup: "still to be connected" };

function paragraph(kind, text, tag) {
  const whole = document.createElement("p");
  const inner = document.createElement(kind);
  inner.textContent = text;
  whole.append(inner);
  if (tag) {
    const label = document.createElement("span");
    label.className = "tag";
    label.textContent = tag;
    whole.append(" ", label);
  }
  return whole;
}

function button(words, look) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = look;
  made.textContent = words;
  return made;
}

function mark(finding) {
  const line = view.state.doc.line(Math.min(finding.line, view.state.doc.lines));
  const from = Math.min(line.from + finding.column - 1, line.to);
  const word = line.text.slice(from - line.from).match(/^[\w.-]+/);
  const to = word ? from + word[0].length : line.to;
  return {
    from,
    to,
    severity: finding.level === "mistake" ? "error" : "info",
    message: [finding.message, finding.hint].filter(Boolean).join(" "),
    actions: finding.corrected
      ? [{ name: "Use the corrected line", apply: () => useLine(finding.line, finding.corrected) }]
      : [],
  };
}

function useLine(number, corrected) {
  const line = view.state.doc.line(number);
  view.dispatch({ changes: { from: line.from, to: line.to, insert: corrected } });
  view.focus();
}

function goTo(number, column = 1) {
  const line = view.state.doc.line(Math.min(number, view.state.doc.lines));
  const anchor = Math.min(line.from + column - 1, line.to);
  view.dispatch({ selection: { anchor }, effects: CodeMirror.EditorView.scrollIntoView(anchor, { y: "center" }) });
  view.focus();
}

async function fixAll(event) {
  event.preventDefault();
  const { text } = await ask(form.dataset.fix).catch(() => ({ text: null }));
  if (text === null || text === view.state.doc.toString()) return;
  view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
}

// -- the editor itself ----------------------------------------------------------------------------

const templates = new CodeMirror.MatchDecorator({
  regexp: /\{\{.*?\}\}/g,
  decoration: CodeMirror.Decoration.mark({ class: "cm-template" }),
});
const showTemplates = CodeMirror.ViewPlugin.define(
  (target) => ({
    decorations: templates.createDeco(target),
    update(change) {
      this.decorations = templates.updateDeco(change, this.decorations);
    },
  }),
  { decorations: (plugin) => plugin.decorations },
);

const { tags } = CodeMirror;
const colours = CodeMirror.HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--change)" },
  { tag: tags.string, color: "var(--good)" },
  { tag: tags.comment, color: "var(--quiet)", fontStyle: "italic" },
  { tag: [tags.punctuation, tags.separator, tags.brace, tags.squareBracket], color: "var(--quiet)" },
]);

const look = CodeMirror.EditorView.theme({
  "&": { backgroundColor: "var(--sheet)", color: "var(--ink)", border: "1px solid var(--quiet)", borderRadius: "7px", fontSize: "0.9rem" },
  "&.cm-focused": { outline: "3px solid var(--brand)", outlineOffset: "2px" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55", minHeight: "20rem", maxHeight: "70vh", overflow: "auto" },
  ".cm-content": { caretColor: "var(--ink)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "var(--sheet)", color: "var(--quiet)", borderRight: "1px solid var(--line)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--wash) 55%, transparent)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "color-mix(in srgb, var(--brand) 28%, transparent)" },
  ".cm-template, .cm-template span": { color: "var(--doubt)" },
  ".cm-tooltip": { backgroundColor: "var(--sheet)", color: "var(--ink)", border: "1px solid var(--line)", borderRadius: "7px", maxWidth: "28rem" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--brand)", color: "var(--brand-ink)" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", maxHeight: "16rem" },
  ".cm-completionDetail": { fontStyle: "normal", opacity: "0.8" },
  ".cm-completionInfo": { padding: "0.4rem 0.6rem" },
  ".cm-diagnostic": { padding: "0.3rem 0.6rem" },
  ".cm-diagnosticAction": { backgroundColor: "var(--brand)", color: "var(--brand-ink)", padding: "0.15rem 0.5rem" },
  ".cm-panels": { backgroundColor: "var(--wash)", color: "var(--ink)" },
  ".word-note": { padding: "0.4rem 0.6rem" },
});

const KEPT = `unsaved ${location.pathname}`;
let pause;
let saving = false;

const watch = CodeMirror.EditorView.updateListener.of((change) => {
  if (!change.docChanged) return;
  clearTimeout(pause);
  pause = setTimeout(lookOver, PAUSE);
});

const tab = (target) => {
  const { from, to } = target.state.selection.main;
  if (from !== to) return false;
  target.dispatch(target.state.replaceSelection("  "), { userEvent: "input" });
  return true;
};

const view = new CodeMirror.EditorView({
  state: CodeMirror.EditorState.create({
    doc: area.value,
    extensions: [
      CodeMirror.EditorView.cspNonce.of(form.dataset.nonce),
      CodeMirror.lineNumbers(),
      CodeMirror.lintGutter(),
      CodeMirror.highlightActiveLine(),
      CodeMirror.highlightActiveLineGutter(),
      CodeMirror.highlightSpecialChars(),
      CodeMirror.history(),
      CodeMirror.drawSelection(),
      CodeMirror.bracketMatching(),
      CodeMirror.indentOnInput(),
      CodeMirror.indentUnit.of("  "),
      CodeMirror.yaml(),
      CodeMirror.syntaxHighlighting(colours),
      showTemplates,
      CodeMirror.autocompletion({ override: [complete], activateOnTypingDelay: 150 }),
      CodeMirror.hoverTooltip(explain),
      CodeMirror.search({ top: true }),
      CodeMirror.highlightSelectionMatches(),
      CodeMirror.keymap.of([
        { key: "Mod-s", run: () => (form.requestSubmit(), true), preventDefault: true },
        { key: "Tab", run: tab, shift: CodeMirror.indentLess },
        ...CodeMirror.completionKeymap,
        ...CodeMirror.lintKeymap,
        ...CodeMirror.searchKeymap,
        ...CodeMirror.historyKeymap,
        ...CodeMirror.defaultKeymap,
      ]),
      CodeMirror.EditorView.contentAttributes.of({ "aria-labelledby": "text-label", "aria-describedby": "looked-over", tabindex: "0" }),
      look,
      watch,
    ],
  }),
});

area.hidden = true;
document.querySelector("#text-label").removeAttribute("for");
area.after(view.dom);
part("keys").hidden = false;
const began = view.state.doc;

part("fix").addEventListener("click", fixAll);
form.addEventListener("submit", () => {
  area.value = view.state.doc.toString();
  sessionStorage.setItem(KEPT, area.value);
  saving = true;
});
addEventListener("beforeunload", (event) => {
  if (!saving && !view.state.doc.eq(began)) event.preventDefault();
});
addEventListener("pageshow", () => (saving = false)); // back from a page that the save led to

// What was sent stays in this tab until it is seen to be saved: the log-in may have run out.
const kept = sessionStorage.getItem(KEPT);
if (kept === null || kept.trimEnd() === area.value.trimEnd()) {
  sessionStorage.removeItem(KEPT);
} else if (part("kept")) {
  part("kept").hidden = false;
  part("use-kept").addEventListener("click", () => {
    view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: kept } });
    part("kept").hidden = true;
  });
  part("drop-kept").addEventListener("click", () => {
    sessionStorage.removeItem(KEPT);
    part("kept").hidden = true;
  });
}

if (form.dataset.line) goTo(Number(form.dataset.line));
lookOver();
