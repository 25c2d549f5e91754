// The arrow keys go where the links beside a figure go, and the lit cell is brought to the middle of its box.
// Without this file the links are there all the same.
"use strict";

const ways = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" };

document.addEventListener("keydown", (event) => {
  const way = ways[event.key];
  if (!way || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (event.target.closest("input, select, textarea, summary")) return;
  const link = document.querySelector(`a[data-way="${way}"]`);
  if (!link) return;
  event.preventDefault();
  link.click();
});

function centre() {
  const box = document.querySelector(".sheet");
  const lit = box && box.querySelector(".lit");
  if (!lit) return;
  const outer = box.getBoundingClientRect();
  const cell = lit.getBoundingClientRect();
  const headers = box.querySelector("tbody.headers").getBoundingClientRect().height;
  const label = box.querySelector("tbody .stays");
  const labels = label ? label.getBoundingClientRect().width : 0;
  box.scrollTop += cell.top - outer.top - (outer.height + headers - cell.height) / 2;
  box.scrollLeft += cell.left - outer.left - (outer.width + labels - cell.width) / 2;
}

addEventListener("DOMContentLoaded", centre);
