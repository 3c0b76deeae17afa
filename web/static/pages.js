// Conveniences only: every page works without this file.
"use strict";

// A form is sent once, however often its button is pressed. Coming back to the page makes it whole again.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  keepRequestId(form, event.submitter?.formAction ?? form.action);
  keepSent(form);
});
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

// Whoever goes back to a form and sends the same again means the same act: it has the request id of the first time.
function keepRequestId(form, to) {
  const field = form.elements.request_id;
  if (!field) return;
  const typed = [...new FormData(form)].filter(([name]) => !["csrf", "token", "request_id"].includes(name));
  const text = JSON.stringify([to, typed.map(([name, value]) => [name, value.name ?? value])]);
  const key = [...text].reduce((sum, char) => (sum * 33 + char.codePointAt(0)) >>> 0, 5381);
  const sent = history.state?.sent ?? {};
  if (sent[key]) field.value = sent[key];
  else history.replaceState({ ...history.state, sent: { ...sent, [key]: field.value } }, "");
}

// Files that no form takes are said at once.
document.addEventListener("change", ({ target }) => {
  if (target.type !== "file") return;
  const mostBytes = Number(document.body.dataset.mostBytes);
  const size = [...target.files].reduce((sum, file) => sum + file.size, 0);
  target.setCustomValidity(size > mostBytes ? `文件合计超过${Math.floor(mostBytes / 1048576)} MB，请压缩或分几次上传` : "");
  target.reportValidity();
});

// What was sent is kept in this tab until its outcome is known: the page that waits for it leads back to the form, filled in.
// With the same request id it is the same act, so that it is performed once.
const sentKey = (id) => `sent:${id}`;

function keepSent(form) {
  const id = form.elements.request_id?.value;
  if (!id) return;
  const sent = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !["csrf", "token"].includes(name));
  sessionStorage.setItem(sentKey(id), JSON.stringify(sent));
}

function fillAgain(form, sent) {
  for (const field of form.elements) {
    const values = sent.filter(([name]) => name === field.name).map(([, value]) => value);
    if (!values.length) continue;
    if (field.type === "radio" || field.type === "checkbox") field.checked = values.includes(field.value);
    else if (field.multiple && field.options) for (const one of field.options) one.selected = values.includes(one.value);
    else if (field.name !== "request_id" || !isRefused) field.value = values[0];
  }
}

const again = new URLSearchParams(location.search).get("again");
const isRefused = new URLSearchParams(location.search).has("refused");
const kept = again && sessionStorage.getItem(sentKey(again));
const sentForm = document.querySelector("#act form");
if (kept && sentForm?.elements.request_id) fillAgain(sentForm, JSON.parse(kept));
else if (!document.querySelector("[data-waits]")) {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith("sent:")) sessionStorage.removeItem(key);
}

// What is typed in a form with a draft name is kept in this browser until the page that says that it was taken, or until
// somebody follows a link that gives it up: a form that is on its way may be lost.
const draftKey = (form) => `draft:${form.dataset.draft}`;
const isKept = (field) => field.name && !["hidden", "file", "password", "submit"].includes(field.type);

function keepDraft(form) {
  const values = {};
  for (const field of form.elements) {
    if (!isKept(field)) continue;
    if (field.type === "radio" || field.type === "checkbox") {
      if (field.checked) values[field.name] = field.value;
    } else if (field.value) values[field.name] = field.value;
  }
  localStorage.setItem(draftKey(form), JSON.stringify(values));
}

function restoreDraft(form) {
  const kept = JSON.parse(localStorage.getItem(draftKey(form)) || "{}");
  for (const field of form.elements) {
    if (!isKept(field) || !(field.name in kept)) continue;
    if (field.type === "radio" || field.type === "checkbox") field.checked = field.value === kept[field.name];
    else if (!field.value) field.value = kept[field.name];
  }
}

for (const place of document.querySelectorAll("[data-forgets]")) {
  const forget = () => localStorage.removeItem(`draft:${place.dataset.forgets}`);
  if (place.tagName === "A") place.addEventListener("click", forget);
  else forget();
}
// Whoever leaves takes along what was typed: the next person at this browser finds nothing of it.
function forgetAll() {
  for (const [store, kept] of [[localStorage, "draft:"], [sessionStorage, "sent:"]]) {
    for (const key of Object.keys(store)) if (key.startsWith(kept)) store.removeItem(key);
  }
}
for (const form of document.querySelectorAll("form[data-leaves]")) form.addEventListener("submit", forgetAll);
for (const form of document.querySelectorAll("form[data-draft]")) {
  restoreDraft(form);
  form.addEventListener("input", () => keepDraft(form));
}

// A standard text goes into the field that it is for.
for (const choice of document.querySelectorAll("select[data-into]")) {
  choice.addEventListener("change", () => {
    const field = document.getElementById(choice.dataset.into);
    if (choice.value) field.value = field.value ? `${field.value}\n${choice.value}` : choice.value;
    field.focus();
  });
}

// A refused form is read first.
document.querySelector("[role=alert]")?.scrollIntoView({ block: "center" });
