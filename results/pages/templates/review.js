"use strict";
// Text of models is put into the page by textContent alone: it is never read as markup.
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

function show() {
  const item = data.items[place];
  const mine = given.get(item.item) || { option: -1, note: "" };
  at("where").textContent = filled(words.where, { n: place + 1, all: data.items.length });
  at("title").textContent = item.title;
  for (const part of ["prompt", "answer"]) {
    at(part).textContent = item[part] === "" ? words.empty : item[part];
    at(part).lang = item.language;
    at(part).scrollTop = 0;
  }
  at("pictures").replaceChildren(...item.pictures.map(picture));
  at("others").classList.toggle("off", item.given.length === 0);
  at("others").textContent = filled(words.given, { labels: item.given.map((each) => `“${each}”`).join(words.comma) });
  at("note").value = mine.note;
  at("options").replaceChildren(...item.options.map((option, index) => button(option, index, mine)));
  at("back").disabled = place === 0;
  at("next").disabled = place === data.items.length - 1;
  count();
}

function picture(address, index) {
  const made = document.createElement("img");
  made.src = address;
  made.alt = filled(words.picture, { n: index + 1 });
  return made;
}

function button(option, index, mine) {
  const made = document.createElement("button");
  const key = document.createElement("kbd");
  const text = document.createElement("span");
  key.textContent = String(index + 1);
  text.textContent = option.words;
  made.type = "button";
  made.append(key, text);
  made.setAttribute("aria-pressed", String(mine.option === index));
  made.addEventListener("click", () => choose(index));
  return made;
}

function count() {
  const done = [...given.values()].filter((each) => each.option >= 0).length;
  at("progress").value = done;
  at("done").textContent = filled(words.done, { n: done, all: data.items.length });
}

function keep(change) {
  const key = data.items[place].item;
  given.set(key, { option: -1, note: "", ...given.get(key), ...change });
  unsaved = true;
}

function choose(index) {
  if (index >= data.items[place].options.length) return;
  keep({ option: index });
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

function rows(reviewer) {
  return data.items.flatMap((item) => {
    const mine = given.get(item.item);
    if (!mine || mine.option < 0) return [];
    return [{
      draw: data.draw, item: item.item, reviewer, role: data.role,
      label: item.options[mine.option].label, note: mine.note,
    }];
  });
}

function save() {
  const reviewer = at("reviewer").value.trim();
  if (reviewer === "") {
    say(words.name_first);
    at("reviewer").focus();
    return;
  }
  const made = rows(reviewer);
  if (made.length === 0) {
    say(words.nothing);
    return;
  }
  const text = made.map((row) => JSON.stringify(row) + "\n").join("");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/jsonl" }));
  link.download = filename(reviewer);
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  unsaved = false;
  say(filled(words.saved, { n: made.length, file: link.download }));
}

function filename(reviewer) {
  const plain = reviewer.normalize("NFKD").replace(/[^A-Za-z0-9]+/g, "-").replace(/^-+|-+$/g, "");
  return `labels-${data.draw.slice(0, 8)}-${data.role}${plain ? "-" + plain.slice(0, 40) : ""}.jsonl`;
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
  const item = data.items.find((each) => each.item === row.item && row.draw === data.draw);
  const option = item ? item.options.findIndex((each) => each.label === row.label) : -1;
  if (option < 0) return 0;
  given.set(item.item, { option, note: typeof row.note === "string" ? row.note : "" });
  if (typeof row.reviewer === "string" && at("reviewer").value === "") {
    at("reviewer").value = row.reviewer;
  }
  return 1;
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input, textarea");
  if (event.key === "Escape" && typing) event.target.blur();
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (/^[1-9]$/.test(event.key)) choose(Number(event.key) - 1);
  else if (event.key === "ArrowRight") move(1);
  else if (event.key === "ArrowLeft") move(-1);
  else if (event.key === "s") save();
  else if (event.key === "n") at("note").focus();
  else return;
  event.preventDefault();
});
at("note").addEventListener("input", () => keep({ note: at("note").value.slice(0, 2000) }));
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
