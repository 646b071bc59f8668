// The surface: puts the page's HTML in place and reports clicks and keys. The HTML was escaped where it was built.

const typing = (target) => target.closest && target.closest("input, textarea, select, [contenteditable=true]");

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".au-root");
  const state = (root.__au = root.__au || { html: null, at: -1 });

  const extra = () => {
    const fields = {};
    root.querySelectorAll("[data-field]").forEach((field) => {
      fields[field.dataset.field] = field.type === "checkbox" ? field.checked : field.value;
    });
    const picked = [...root.querySelectorAll("[data-pick]:checked")].map((box) => box.dataset.pick);
    return { picked, ...fields };
  };
  const report = (node) => {
    node.classList.add("au-pressed");
    setTriggerValue("act", { name: node.dataset.act, value: node.dataset.value || "", extra: extra(), n: Date.now() });
  };

  if (state.html !== data.html) {
    root.innerHTML = data.html;
    state.html = data.html;
    state.at = -1;
  }
  root.querySelectorAll(".au-pressed").forEach((node) => node.classList.remove("au-pressed"));

  const count = () => {
    const picked = root.querySelectorAll("[data-pick]:checked").length;
    root.querySelectorAll("[data-when-picked]").forEach((bar) => {
      bar.hidden = picked === 0;
      bar.querySelectorAll("[data-count]").forEach((node) => (node.textContent = picked));
    });
    root.querySelectorAll("[data-row]").forEach((row) => {
      const box = row.querySelector("[data-pick]");
      row.classList.toggle("au-picked", !!(box && box.checked));
    });
  };
  root.onchange = (event) => {
    const all = event.target.closest("[data-pick-all]");
    if (all) root.querySelectorAll("[data-pick]").forEach((box) => (box.checked = all.checked));
    count();
  };
  count();

  root.onclick = (event) => {
    if (event.target.closest("[data-pick], [data-pick-all], [data-field], summary, a[href]")) return;
    const node = event.target.closest("[data-act]");
    if (node && root.contains(node) && !node.disabled) {
      event.preventDefault();
      report(node);
    }
  };

  if (!data.rows) return;
  const rows = () => [...root.querySelectorAll("[data-row]")];
  const focus = (at) => {
    const all = rows();
    if (!all.length) return;
    state.at = Math.max(0, Math.min(at, all.length - 1));
    all.forEach((row, i) => row.classList.toggle("au-at", i === state.at));
    all[state.at].scrollIntoView({ block: "nearest" });
    const button = all[state.at].querySelector("button[data-act]");
    if (button) button.focus({ preventScroll: true });
  };
  const onKey = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("[role=dialog]")) return;
    if (event.key === "j") focus(state.at + 1);
    else if (event.key === "k") focus(state.at - 1);
    else if (event.key === "x" && state.at >= 0) {
      const box = rows()[state.at].querySelector("[data-pick]");
      if (box) { box.checked = !box.checked; count(); }
    } else if (event.key === "Enter" && state.at >= 0 && event.target === document.body) {
      report(rows()[state.at].querySelector("[data-act]"));
    } else return;
    event.preventDefault();
  };
  document.addEventListener("keydown", onKey);
  return () => document.removeEventListener("keydown", onKey);
}
