"use strict";
// What is read is put into the page by textContent alone: it is never read as markup.
const data = JSON.parse(document.getElementById("data").textContent);
const words = data.words;
const at = (id) => document.getElementById(id);
const given = new Map();
let place = 0;
let unsaved = false;

function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? String(values[key]) : whole));
}

function say(text) {
  at("said").textContent = text;
}

function said(item) {
  return given.get(item.item) || { said: {}, note: "" };
}

function complete(item) {
  return item.questions.every((each) => each.key in said(item).said);
}

function show() {
  const item = data.items[place];
  at("where").textContent = filled(words.where, { n: place + 1, all: data.items.length });
  at("title").textContent = item.title;
  at("parts").replaceChildren(...item.parts.flatMap(part));
  at("others").classList.toggle("off", item.given.length === 0);
  at("others").textContent = filled(words.given, { labels: item.given.map((each) => `“${each}”`).join(words.comma) });
  at("note").value = said(item).note;
  at("back").disabled = place === 0;
  at("next").disabled = place === data.items.length - 1;
  ask();
}

function made(tag, text, values) {
  return Object.assign(document.createElement(tag), values, text === null ? {} : { textContent: text });
}

function part(each) {
  const text = made("pre", each.text === "" ? words.empty : each.text, { lang: each.language, dir: "auto", tabIndex: 0 });
  if (each.name === "answer") text.className = "answer";
  const images = each.pictures.map((src, index) => made("img", null, { src, alt: filled(words.picture, { n: index + 1 }) }));
  return [made("h3", each.head, {}), text, ...images];
}

function ask() {
  const item = data.items[place];
  const next = current(item);
  at("questions").replaceChildren(...item.questions.flatMap((question) => {
    const group = made("div", null, { className: item.questions.length > 1 ? "options row" : "options" });
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", question.words);
    group.append(...question.choices.map((choice, index) => button(item, question, choice, index, question === next)));
    return [made("h3", question.words, { className: question === next ? "now" : "" }), group];
  }));
  count();
}

function current(item) {
  return item.questions.find((each) => !(each.key in said(item).said)) || item.questions[0];
}

function button(item, question, choice, index, now) {
  const control = made("button", null, { type: "button" });
  if (now) control.append(made("kbd", String(index + 1), {}));
  control.append(made("span", choice.words, {}));
  control.setAttribute("aria-pressed", String(said(item).said[question.key] === index));
  control.addEventListener("click", () => choose(question, index));
  return control;
}

function count() {
  const done = data.items.filter(complete).length;
  at("progress").value = done;
  at("done").textContent = filled(words.done, { n: done, all: data.items.length });
}

function keep(item, change) {
  given.set(item.item, { ...said(item), ...change });
  unsaved = true;
}

function choose(question, index) {
  const item = data.items[place];
  if (index >= question.choices.length) return;
  const again = item.questions.length > 1 && complete(item);
  keep(item, { said: { ...said(item).said, [question.key]: index } });
  if (again || !complete(item)) {
    ask();
    return;
  }
  if (place < data.items.length - 1) {
    place += 1;
    say("");
  } else {
    say(words.end);
  }
  show();
}

function move(step) {
  place = Math.min(Math.max(place + step, 0), data.items.length - 1);
  say("");
  show();
}

function rows(who) {
  return data.items.filter(complete).map((item) => {
    const mine = said(item);
    const labels = item.questions.map((each) => [each.key, each.choices[mine.said[each.key]].label]);
    return { ...data.row, item: item.item, [data.who]: who, ...Object.fromEntries(labels), note: mine.note };
  });
}

function save() {
  const who = at("reviewer").value.trim();
  if (who === "") {
    say(words.name_first);
    at("reviewer").focus();
    return;
  }
  const lines = rows(who);
  if (lines.length === 0) {
    say(words.nothing);
    return;
  }
  const text = lines.map((row) => JSON.stringify(row) + "\n").join("");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/jsonl" }));
  link.download = filename(who);
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  unsaved = false;
  say(filled(words.saved, { n: lines.length, file: link.download }));
}

function filename(who) {
  const plain = who.normalize("NFKD").replace(/[^A-Za-z0-9]+/g, "-").replace(/^-+|-+$/g, "");
  return `${data.stem}${plain ? "-" + plain.slice(0, 40) : ""}.jsonl`;
}

async function load(file) {
  let found = 0;
  try {
    for (const line of (await file.text()).split("\n")) {
      if (line.trim() !== "") found += restore(JSON.parse(line));
    }
  } catch {
    say(words.unreadable);
    return;
  }
  say(filled(words.loaded, { n: found }));
  show();
}

function restore(row) {
  const ours = Object.keys(data.row).every((key) => row[key] === data.row[key]);
  const item = ours ? data.items.find((each) => each.item === row.item) : undefined;
  if (item === undefined) return 0;
  const places = item.questions.map((each) => [each.key, each.choices.findIndex((choice) => choice.label === row[each.key])]);
  if (places.some(([, index]) => index < 0)) return 0;
  given.set(item.item, { said: Object.fromEntries(places), note: typeof row.note === "string" ? row.note : "" });
  if (typeof row[data.who] === "string" && at("reviewer").value === "") {
    at("reviewer").value = row[data.who];
  }
  return 1;
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input, textarea");
  if (event.key === "Escape" && typing) event.target.blur();
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (/^[1-9]$/.test(event.key)) choose(current(data.items[place]), Number(event.key) - 1);
  else if (event.key === "ArrowRight") move(1);
  else if (event.key === "ArrowLeft") move(-1);
  else if (event.key === "s") save();
  else if (event.key === "n") at("note").focus();
  else return;
  event.preventDefault();
});
at("note").addEventListener("input", () => keep(data.items[place], { note: at("note").value.slice(0, 2000) }));
at("back").addEventListener("click", () => move(-1));
at("next").addEventListener("click", () => move(1));
at("save").addEventListener("click", save);
at("load").addEventListener("change", () => {
  if (at("load").files.length > 0) load(at("load").files[0]);
});
window.addEventListener("beforeunload", (event) => {
  if (unsaved) event.preventDefault();
});
at("work").classList.remove("off");
show();
