// Keeps a run's page up to date while the run is active, then opens its report.
const page = document.querySelector("[data-progress]");
const EVERY = 1000; // milliseconds between looks
const SPOKEN_EVERY = 8000; // a screen reader hears of it less often

let lastLine = Number(page.dataset.after);
let lastSpoken = 0;

const part = (name) => page.querySelector(`[data-part="${name}"]`);

function showBar(now) {
  const bar = part("bar");
  if (now.total) {
    bar.max = now.total;
    bar.value = Math.min(now.settled, now.total);
  } else if (!now.active) {
    bar.max = 1;
    bar.value = 1;
  }
  part("read").textContent = now.read.toLocaleString("en");
  part("settled").textContent = now.settled.toLocaleString("en");
  for (const [outcome, count] of Object.entries(now.counts)) {
    const item = part(outcome);
    item.hidden = count === 0;
    item.querySelector("b").textContent = count.toLocaleString("en");
  }
}

function showLog(lines) {
  const log = document.querySelector("[data-part='log']");
  for (const line of lines) {
    const item = document.createElement("li");
    const time = document.createElement("time");
    time.dateTime = line.at;
    time.title = line.exact;
    time.textContent = line.clock;
    const text = document.createElement("span");
    text.textContent = line.message;
    item.className = line.level;
    item.append(time, text);
    log.append(item);
    lastLine = line.id;
  }
  document.querySelector("[data-part='no-log']").hidden = log.childElementCount > 0;
}

function speak(now) {
  if (now.active && Date.now() - lastSpoken < SPOKEN_EVERY) return;
  lastSpoken = Date.now();
  part("spoken").textContent = now.sentence;
}

function show(now) {
  part("status").textContent = now.status_words;
  part("sentence").textContent = now.sentence;
  showBar(now);
  showLog(now.log);
  speak(now);
}

async function look() {
  try {
    const answer = await fetch(`${page.dataset.progress}?after=${lastLine}`, {
      headers: { Accept: "application/json" },
    });
    if (answer.status === 401) return location.reload(); // logged out meanwhile: ask to log in
    if (answer.ok) {
      const now = await answer.json();
      show(now);
      if (!now.active) return location.assign(now.report);
    }
    part("lost").hidden = answer.ok;
  } catch {
    part("lost").hidden = false; // Bridgework is out of reach; the next look may find it
  }
  setTimeout(look, EVERY);
}

look();
