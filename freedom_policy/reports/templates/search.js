"use strict";
const rows = JSON.parse(document.getElementById("data").textContent);
const haystacks = rows.map((row) => row.slice(1).join(" ").toLowerCase());
const box = document.getElementById("words");
const list = document.getElementById("found");
const count = document.getElementById("count");
const LIMIT = 100;

function show() {
  const wanted = box.value.toLowerCase().split(/\s+/).filter(Boolean);
  const found = [];
  let total = 0;
  for (let n = 0; wanted.length && n < rows.length; n += 1) {
    if (wanted.every((word) => haystacks[n].includes(word))) {
      total += 1;
      if (found.length < LIMIT) found.push(rows[n]);
    }
  }
  list.replaceChildren(...found.map(([page, label, title, stage]) => {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = page;
    link.textContent = label;
    item.append(link, `: ${title}. ${stage}.`);
    return item;
  }));
  const shown = total > LIMIT ? `, the first ${LIMIT} are shown` : "";
  count.textContent = wanted.length ? `${total} of ${rows.length} measures${shown}` : "";
}

box.addEventListener("input", show);
show();
