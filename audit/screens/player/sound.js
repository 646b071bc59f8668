// Keeps the excerpt that was handed out as an object of this page only; the player beside it picks it up by key.

export default function ({ data }) {
  const held = (window.__auditSound = window.__auditSound || { key: "", url: "" });
  if (held.key === data.key) return;
  if (held.url) URL.revokeObjectURL(held.url);
  held.key = data.key;
  held.url = "";
  if (data.data) {
    const bytes = Uint8Array.from(atob(data.data), (sign) => sign.charCodeAt(0));
    held.url = URL.createObjectURL(new Blob([bytes], { type: data.mime }));
  }
  document.dispatchEvent(new CustomEvent("audit-sound", { detail: data.key }));
}
