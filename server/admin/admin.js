// The operator's page: rooms and invitations by the API. The key is typed in and kept for this tab alone.
"use strict";

const KOREAN = {
  title: "방과 초대", forget: "키 지우기", enter: "누구신가요?", key: "관리자 키", go: "계속",
  new_room: "새 방", name: "이름", name_hint: "비워 두면 아무도 짐작할 수 없는 링크가 만들어지고, 그 링크만 있으면 들어올 수 있습니다.",
  password: "비밀번호", password_hint: "비워 두면, 이름이 있는 방에는 초대가 있어야 들어올 수 있습니다.",
  most: "최대 인원", life: "열어 둘 시간", make: "만들기",
  new_token: "초대", room: "방", called: "방 안에서의 이름", called_hint: "비워 두면 본인이 입력합니다.",
  may: "허용", publish: "소리와 영상 보내기", subscribe: "소리와 영상 받기", data: "채팅과 반응", moderate: "진행",
  holds: "유효한 시간", once: "한 번만 입장", invite: "초대하기",
  rooms: "방 목록", none: "서버가 시작된 뒤로 만든 방이 없습니다.",
  open: "방이 열려 있습니다. 방 이름을 아는 사람은 누구나 들어올 수 있습니다.",
  closed: "방이 닫혀 있습니다. 들어오려면 방의 링크나 비밀번호, 또는 초대가 필요합니다.",
  copy: "링크 복사", remove: "삭제", copied: "복사했습니다.", made: "만들었습니다.", removed: "삭제했습니다.",
  wrong_key: "키가 맞지 않습니다.", unreachable: "서버에 연결할 수 없습니다.",
  with_password: "비밀번호", secret: "링크", invited: "초대", until: "까지",
  live: "지금과 지난 5분", graph_people: "접속", line_people: "사람", line_rooms: "방",
  graph_traffic: "소리와 영상", line_in: "들어옴", line_out: "나감",
  graph_repair: "다시 요청됨", line_receivers: "받는 쪽", line_publishers: "보내는 쪽",
  graph_load: "가장 바쁜 작업자", line_busy: "사용률", line_shed: "줄인 영상",
  graph_joins: "100명 중 95명의 입장 시간", line_connected: "미디어 연결까지", line_answered: "응답까지",
  graph_drops: "버려짐", line_drops: "패킷", causes: "가장 많이 버려진 원인:",
};
const ENGLISH = {
  open: "Rooms are open: whoever knows a room’s name may come in.",
  closed: "Rooms are closed: it takes a room’s link, its password or an invitation to enter.",
  copy: "Copy the link", remove: "Delete", copied: "Copied.", made: "Made.", removed: "Deleted.",
  wrong_key: "This is not the key.", unreachable: "The server cannot be reached.",
  with_password: "password", secret: "link", invited: "invitation", until: "until",
};
const KEY = "madang-admin-key";
const isKorean = navigator.language.toLowerCase().startsWith("ko");
const at = (id) => document.getElementById(id);
const say = (word) => (isKorean ? KOREAN : ENGLISH)[word];

if (isKorean) {
  document.documentElement.lang = "ko";
  for (const element of document.querySelectorAll("[data-say]")) {
    element.textContent = KOREAN[element.dataset.say];
  }
  document.title = "마당: 방과 초대";
}

function tell(text, wrong = false) {
  at("said").textContent = text;
  at("said").classList.toggle("wrong", wrong);
}

// Asks the API; what it answers, or nothing when it refuses, which is told.
async function ask(method, path, body) {
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: { Authorization: `Bearer ${sessionStorage.getItem(KEY)}` },
      body: body && JSON.stringify(body),
      cache: "no-store",
    });
  } catch {
    return tell(say("unreachable"), true);
  }
  if (response.status === 401) {
    leave();
    return tell(say("wrong_key"), true);
  }
  const answer = response.status === 204 ? {} : await response.json().catch(() => ({}));
  if (!response.ok) return tell(answer.message || `${response.status}`, true);
  return answer;
}

function leave() {
  sessionStorage.removeItem(KEY);
  at("inside").hidden = at("forget").hidden = true;
  at("enter").hidden = false;
  at("key").value = "";
  at("key").focus();
}

async function show() {
  const list = await ask("GET", "/api/rooms");
  if (!list) return;
  at("inside").hidden = at("forget").hidden = false;
  at("enter").hidden = true;
  at("policy").textContent = say(list.closed ? "closed" : "open");
  at("rooms").replaceChildren(...list.rooms.map(row));
  at("known").replaceChildren(...list.rooms.map((room) => new Option(room.room, room.room)));
  at("none").hidden = list.rooms.length > 0;
  return true;
}

function row(room) {
  const item = document.createElement("li");
  const about = document.createElement("div");
  about.className = "about";
  const link = document.createElement("a");
  link.href = room.path;
  link.textContent = room.room;
  const how = document.createElement("p");
  how.className = "hint";
  const facts = [say(room.password ? "with_password" : room.secret ? "secret" : "invited")];
  if (room.max_participants) facts.push(`≤ ${room.max_participants}`);
  if (room.expires) {
    const end = new Date(room.expires * 1000).toLocaleString(isKorean ? "ko" : undefined);
    facts.push(isKorean ? `${end}${say("until")}` : `${say("until")} ${end}`);
  }
  how.textContent = facts.join(" · ");
  about.append(link, how);
  const copy = button(say("copy"), () => copyLink(room.path));
  const remove = button(say("remove"), async () => {
    if (await ask("DELETE", `/api/rooms/${encodeURIComponent(room.room)}`)) {
      await show();
      tell(say("removed"));
      at("room-name").focus();
    }
  });
  for (const [one, word] of [[copy, "copy"], [remove, "remove"]]) {
    one.setAttribute("aria-label", `${say(word)}: ${room.room}`);
  }
  item.append(about, copy, remove);
  return item;
}

function button(text, act) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = text;
  button.addEventListener("click", act);
  return button;
}

async function copyLink(path) {
  const link = location.origin + path;
  try {
    await navigator.clipboard.writeText(link);
    tell(say("copied"));
  } catch {
    tell(link);
  }
}

const hours = (id) => (at(id).value ? Math.round(at(id).value * 3600) : undefined);
const text = (id) => at(id).value || undefined;

at("enter").addEventListener("submit", async (event) => {
  event.preventDefault();
  sessionStorage.setItem(KEY, at("key").value);
  if (await show()) {
    tell("");
    at("room-name").focus();
  }
});

at("forget").addEventListener("click", () => { leave(); tell(""); });

at("make-room").addEventListener("submit", async (event) => {
  event.preventDefault();
  const made = await ask("POST", "/api/rooms", {
    name: text("room-name"),
    password: text("room-password"),
    max_participants: at("room-most").value ? Number(at("room-most").value) : undefined,
    expires_in: hours("room-life"),
  });
  if (!made) return;
  event.target.reset();
  at("token-room").value = made.room;
  await show();
  tell(`${say("made")} ${location.origin}${made.path}`);
});

at("make-token").addEventListener("submit", async (event) => {
  event.preventDefault();
  const made = await ask("POST", "/api/tokens", {
    room: at("token-room").value,
    name: text("token-name"),
    permissions: {
      publish: at("may-publish").checked,
      subscribe: at("may-subscribe").checked,
      data: at("may-data").checked,
      moderate: at("may-moderate").checked,
    },
    expires_in: hours("token-life"),
    one_use: at("token-once").checked,
  });
  if (made) await copyLink(made.path);
});

if (sessionStorage.getItem(KEY)) show();
